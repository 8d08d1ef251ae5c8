import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolchainError } from '../../errors.ts';
import { fillPlaceholders, type Machine, type RuntimeManifest } from './manifest.ts';
import { listTree } from './source-tree.ts';

/**
 * A build's output folder carries the hash of the sources it was made from, so that a former build, the published
 * package's included, is used as long as it fits and never after. Time stamps can't say it: npm and git set their own.
 */
const STAMP_FILE = '.shedbench-build.json';

interface Stamp {
  readonly sourcesSha256: string;
}

/** The absolute output folder of a runtime's build for one machine. */
function outputFolder(manifest: RuntimeManifest, machine: Machine): string {
  return join(manifest.folder, fillPlaceholders(manifest.build?.output ?? '.', machine));
}

/**
 * SHA-256, hex, over the names and bytes of the build's sources and the command itself: the same wherever the folder
 * lies and whenever it was unpacked.
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

/** Whether the outputs of a former build are all there and were made from the sources as they are now. */
export function hasCurrentBuild(manifest: RuntimeManifest, machine: Machine): boolean {
  if (manifest.build === undefined) return false;
  const stamp = readStamp(join(outputFolder(manifest, machine), STAMP_FILE));
  if (stamp === undefined || stamp.sourcesSha256 !== hashSources(manifest, machine)) return false;
  return missingOutputs(manifest, machine).length === 0;
}

/** The files and folders that the functions' zips take and that are not there, relative to the manifest's folder. */
export function missingOutputs(manifest: RuntimeManifest, machine: Machine): readonly string[] {
  const files = Object.values(manifest.functions).flatMap((recipe) => Object.values(recipe.files));
  return [...new Set(files)]
    .map((path) => fillPlaceholders(path, machine))
    .filter((path) => statSync(join(manifest.folder, path), { throwIfNoEntry: false }) === undefined);
}

/** Records that the output folder was made from sources with this hash. */
export function writeStamp(manifest: RuntimeManifest, machine: Machine, sourcesSha256: string): void {
  const folder = outputFolder(manifest, machine);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, STAMP_FILE);
  const stamp: Stamp = { sourcesSha256 };
  // Renamed into place: a reader sees the former stamp or this one, never half of it.
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(stamp)}\n`);
  renameSync(temporary, file);
}

function readStamp(file: string): Stamp | undefined {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // No stamp, or one that something else wrote: either way the build is not known to be current.
    return undefined;
  }
  if (typeof json !== 'object' || json === null || !('sourcesSha256' in json)) return undefined;
  return typeof json.sourcesSha256 === 'string' ? { sourcesSha256: json.sourcesSha256 } : undefined;
}
