import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { toolchainError } from '../../errors.ts';
import { readBuildStamp } from '../../store/build-stamps.ts';
import { fillPlaceholders, type Machine, type RuntimeManifest } from './manifest.ts';
import { listTree } from './source-tree.ts';

/** The absolute output folder of a runtime's build for one machine. */
export function outputFolder(manifest: RuntimeManifest, machine: Machine): string {
  return join(manifest.folder, fillPlaceholders(manifest.build?.output ?? '.', machine));
}

/**
 * SHA-256 (hex) of the names and contents of the build's sources and of its command. It depends neither on the folder's
 * location nor on the files' timestamps.
 *
 * @throws ShedbenchError `build-source-missing` (exit 4)
 */
export function hashSources(manifest: RuntimeManifest, machine: Machine): string {
  const hash = createHash('sha256');
  const part = (bytes: string | Buffer): void => {
    hash.update(`${Buffer.byteLength(bytes)}:`).update(bytes);
  };
  for (const word of manifest.build?.command ?? []) part(fillPlaceholders(word, machine));
  for (const source of manifest.build?.sources ?? []) {
    const files = listTree(manifest.folder, fillPlaceholders(source, machine));
    if (files === undefined) {
      throw toolchainError(
        'build-source-missing',
        `${manifest.label}: ${source} is missing in ${manifest.folder}.`,
      );
    }
    for (const file of files) {
      part(file.name);
      part(readFileSync(file.path));
    }
  }
  return hash.digest('hex');
}

/** Whether all outputs of an earlier build exist and were built from the current sources. */
export async function hasCurrentBuild(manifest: RuntimeManifest, machine: Machine): Promise<boolean> {
  if (manifest.build === undefined) return false;
  const stamped = await readBuildStamp(outputFolder(manifest, machine));
  if (stamped === undefined || stamped !== hashSources(manifest, machine)) return false;
  return missingOutputs(manifest, machine).length === 0;
}

/** The files and folders that the functions' zips need and that do not exist, relative to the manifest's folder. */
export function missingOutputs(manifest: RuntimeManifest, machine: Machine): readonly string[] {
  const files = Object.values(manifest.functions).flatMap((recipe) => Object.values(recipe.files));
  return [...new Set(files)]
    .map((path) => fillPlaceholders(path, machine))
    .filter((path) => statSync(join(manifest.folder, path), { throwIfNoEntry: false }) === undefined);
}
