import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { usageError } from '../../errors.ts';
import { MAX_PROJECT_AND_RUNTIME_LENGTH } from '../../model/project.ts';
import { loadManifest, MANIFEST_FILE, type RuntimeManifest } from './manifest.ts';

/** Where runtimes are looked for. */
export interface RuntimeFolders {
  /** The package's own `handlers/`. */
  readonly builtinDir: string;
  /** What `--handlers` named: each a folder with a manifest, or a folder of such folders. */
  readonly extraDirs: readonly string[];
}

/**
 * Every runtime there is, by label: the package's own first, then those of each extra folder, each group sorted.
 *
 * @throws ShedbenchError exit 2: `manifest-invalid`, `manifest-unreadable`; `handlers-not-found` for an extra folder
 * without any manifest; `label-clash` where two manifests have one label.
 */
export function discoverRuntimes(folders: RuntimeFolders): ReadonlyMap<string, RuntimeManifest> {
  const runtimes = new Map<string, RuntimeManifest>();
  const files = [
    ...manifestsIn(folders.builtinDir),
    ...folders.extraDirs.flatMap((dir) => {
      const found = manifestsIn(resolve(dir));
      if (found.length > 0) return found;
      throw usageError(
        'handlers-not-found',
        `${dir} holds no runtime: neither ${MANIFEST_FILE} nor a folder with one.`,
        'Name a folder with a manifest, or a folder of such folders: shedbench deploy --handlers DIR',
      );
    }),
  ];
  for (const file of new Set(files)) {
    const manifest = loadManifest(file);
    const other = runtimes.get(manifest.label);
    if (other !== undefined) {
      throw usageError(
        'label-clash',
        `Two runtimes are called "${manifest.label}": ${other.file} and ${file}.`,
        'Give one of them another label.',
      );
    }
    runtimes.set(manifest.label, manifest);
  }
  return runtimes;
}

/**
 * Holds project and labels to the length that Lambda's function names leave them.
 *
 * @throws ShedbenchError `name-too-long` (exit 2)
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html (FunctionName: at most 64 characters)
 */
export function checkNameLengths(project: string, labels: readonly string[]): void {
  for (const label of labels) {
    const length = project.length + label.length;
    if (length <= MAX_PROJECT_AND_RUNTIME_LENGTH) continue;
    throw usageError(
      'name-too-long',
      `Project "${project}" and runtime "${label}" have ${length} characters together; ` +
        `function names leave them ${MAX_PROJECT_AND_RUNTIME_LENGTH}.`,
      'Choose a shorter project name with --project.',
    );
  }
}

function manifestsIn(dir: string): readonly string[] {
  const own = join(dir, MANIFEST_FILE);
  if (existsSync(own)) return [own];
  if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(dir)
    .sort()
    .map((name) => join(dir, name, MANIFEST_FILE))
    .filter((file) => existsSync(file));
}
