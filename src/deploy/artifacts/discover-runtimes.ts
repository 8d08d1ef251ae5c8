import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { usageError } from '../../errors.ts';
import { MAX_PROJECT_AND_RUNTIME_LENGTH } from '../../model/project.ts';
import { inVersions, type LambdaRuntimes } from './lambda-runtimes.ts';
import { loadManifest, MANIFEST_FILE, type RuntimeManifest } from './manifest.ts';

/** The folders in which runtimes are searched for. */
export interface RuntimeFolders {
  /** The package's own `handlers/`. */
  readonly builtinDir: string;
  /** The folders of `--handlers`. Each is a folder with a manifest, or a folder of such folders. */
  readonly extraDirs: readonly string[];
  /** The folder of `--against`: builds to compare with the runtimes of the same labels. */
  readonly againstDir?: string;
  /** The versions of Lambda's runtimes in which a runtime is deployed, by its label. */
  readonly lambdaRuntimes?: LambdaRuntimes;
}

/** Builds of one runtime that are compared with each other. */
export interface BuildSet {
  /** The label that all their manifests have. */
  readonly label: string;
  /** The labels that distinguish them. The first is the one that the others are compared with. */
  readonly members: readonly string[];
}

export interface DiscoveredRuntimes {
  /** By label: the package's own first, then those of each extra folder, each group sorted. */
  readonly runtimes: ReadonlyMap<string, RuntimeManifest>;
  readonly buildSets: readonly BuildSet[];
}

/**
 * Finds all runtimes. If several extra folders have the same label, they are builds of one runtime and get the labels
 * `<label>-a`, `<label>-b` and so on. A build of `--against` gets `<label>-against`.
 *
 * @throws ShedbenchError exit 2: `manifest-invalid`, `manifest-unreadable`; `handlers-not-found` for a folder without a
 * manifest; `label-clash` if a runtime of the package and another one have the same label; `nothing-against` if no
 * runtime has the label of a build of `--against`.
 */
export function discoverRuntimes(folders: RuntimeFolders): DiscoveredRuntimes {
  const { runtimes, buildSets } = discoverBuilds(folders);
  const all = new Map(runtimes);
  const versions = [...(folders.lambdaRuntimes ?? [])].map(([label, identifiers]): BuildSet => {
    const manifest = runtimes.get(label);
    if (manifest === undefined) {
      throw usageError(
        'unknown-runtime',
        `There is no runtime "${label}"; known are ${[...runtimes.keys()].join(', ')}.`,
        '--lambda-runtime node=nodejs22.x,nodejs24.x',
      );
    }
    const members = inVersions(manifest, identifiers);
    for (const member of members) all.set(member.label, member);
    return { label, members: members.map((member) => member.label) };
  });
  return { runtimes: all, buildSets: [...buildSets, ...versions] };
}

function discoverBuilds(folders: RuntimeFolders): DiscoveredRuntimes {
  const builtin = manifestsIn(folders.builtinDir).map(loadManifest);
  const files = folders.extraDirs.flatMap((dir) => manifestsOrRefusal(dir, '--handlers'));
  const { manifests: extra, buildSets } = nameBuilds([...new Set(files)].map(loadManifest));
  const runtimes = new Map<string, RuntimeManifest>();
  for (const manifest of [...builtin, ...extra]) {
    const other = runtimes.get(manifest.label);
    // `--handlers` may name a folder of the package itself.
    if (other?.file === manifest.file) continue;
    if (other !== undefined) {
      throw usageError(
        'label-clash',
        `Two runtimes are called "${manifest.label}": ${other.file} and ${manifest.file}.`,
        'Give one of them another label. To compare them: shedbench bench --against DIR',
      );
    }
    runtimes.set(manifest.label, manifest);
  }
  if (folders.againstDir === undefined) return { runtimes, buildSets };
  const against = manifestsOrRefusal(folders.againstDir, '--against').map(loadManifest);
  const pairs = against.map((manifest): BuildSet => {
    if (!runtimes.has(manifest.label)) {
      throw usageError(
        'nothing-against',
        `${manifest.file} is of the runtime "${manifest.label}", and there is no other build of it.`,
        'Name the other one: shedbench bench --handlers DIR --against DIR',
      );
    }
    const label = `${manifest.label}-against`;
    runtimes.set(label, { ...manifest, label });
    return { label: manifest.label, members: [label, manifest.label] };
  });
  return { runtimes, buildSets: [...buildSets, ...pairs] };
}

/** Distinguishes manifests of the same label by a letter. */
function nameBuilds(manifests: readonly RuntimeManifest[]): {
  readonly manifests: readonly RuntimeManifest[];
  readonly buildSets: readonly BuildSet[];
} {
  const alike = (label: string) => manifests.filter((manifest) => manifest.label === label);
  const nameOf = (manifest: RuntimeManifest): string => {
    const builds = alike(manifest.label);
    if (builds.length === 1) return manifest.label;
    return `${manifest.label}-${String.fromCharCode(LETTER_A + builds.indexOf(manifest))}`;
  };
  const labels = [...new Set(manifests.map(({ label }) => label))].filter((label) => alike(label).length > 1);
  return {
    manifests: manifests.map((manifest) => ({ ...manifest, label: nameOf(manifest) })),
    buildSets: labels.map((label) => ({ label, members: alike(label).map(nameOf) })),
  };
}

const LETTER_A = 'a'.charCodeAt(0);

function manifestsOrRefusal(dir: string, flag: '--handlers' | '--against'): readonly string[] {
  const found = manifestsIn(resolve(dir));
  if (found.length > 0) return found;
  throw usageError(
    'handlers-not-found',
    `${dir} contains no runtime: neither ${MANIFEST_FILE} nor a folder with one.`,
    `Name a folder with a manifest, or a folder of such folders: shedbench ${flag === '--handlers' ? 'deploy' : 'bench'} ${flag} DIR`,
  );
}

/**
 * Checks that project and labels leave room in Lambda's function names.
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
