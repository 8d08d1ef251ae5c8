import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { toolchainError, usageError } from '../../errors.ts';
import { ROUTE_SPECS, type Route } from '../../model/route.ts';
import type { BuiltRuntime } from './build-runtime.ts';
import { readExecutable } from './executable.ts';
import { fillPlaceholders, type Machine, type RuntimeManifest } from './manifest.ts';
import type { RunsOn } from './runs-on.ts';
import { listTree } from './source-tree.ts';
import { compareVersions } from './toolchain.ts';
import { reproducibleZip, type ZipEntry } from './zip.ts';

/** One function's code, ready for upload. */
export interface FunctionArtifact {
  readonly route: Route;
  /** Lambda's `Handler`. */
  readonly handler: string;
  /** `<project>/<runtime>/<function suffix>-<sha256>.zip`: different content has a different key. */
  readonly s3Key: string;
  /** SHA-256 of the zip, lower-case hex. */
  readonly sha256: string;
  readonly zip: Buffer;
  /** Sum of the files' sizes, bytes. */
  readonly unzippedBytes: number;
  /** The part of `unzippedBytes` that the AWS SDK and its dependencies take. Undefined if it is not known. */
  readonly sdkBytes?: number;
}

/** One runtime's four functions, ready for upload. */
export interface PackagedRuntime {
  readonly manifest: RuntimeManifest;
  readonly runsOn: RunsOn;
  readonly functions: Readonly<Record<Route, FunctionArtifact>>;
}

/**
 * The largest unzipped size that Lambda accepts. The limit of 50 MB for the zip does not apply to uploads through S3.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_UNZIPPED_BYTES = 262_144_000;

/**
 * The glibc version of Amazon Linux 2023, which `provided.al2023` uses.
 * @see https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html
 */
export const LAMBDA_GLIBC = '2.34';

/**
 * Zips the four functions of a built runtime. The same files always give the same bytes, on any day and in any folder
 * or time zone.
 *
 * @throws ShedbenchError exit 4: `wrong-architecture`, `glibc-too-new` or `not-executable` for a `bootstrap` that could
 * not start on its target; `bootstrap-missing` for a `provided.*` function without one; `artifact-too-large`. Exit 2:
 * `path-outside`, `zip-name-clash`.
 */
export async function packageFunctions(built: BuiltRuntime, project: string): Promise<PackagedRuntime> {
  const one = (route: Route): Promise<FunctionArtifact> => packageFunction(built, project, route);
  const [cat, sheep, dog, wolf] = await Promise.all([one('cat'), one('sheep'), one('dog'), one('wolf')]);
  return { manifest: built.manifest, runsOn: built.runsOn, functions: { cat, sheep, dog, wolf } };
}

async function packageFunction(
  built: BuiltRuntime,
  project: string,
  route: Route,
): Promise<FunctionArtifact> {
  const { manifest, runsOn } = built;
  const { functionSuffix } = ROUTE_SPECS[route];
  const name = `${manifest.label}-${functionSuffix}`;
  const contents = listContents(manifest, runsOn, route);
  const unzippedBytes = [...contents.values()].reduce((sum, path) => sum + statSync(path).size, 0);
  if (unzippedBytes > MAX_UNZIPPED_BYTES) {
    throw toolchainError(
      'artifact-too-large',
      `${name} has ${unzippedBytes} bytes unzipped; Lambda takes at most ${MAX_UNZIPPED_BYTES}.`,
      `Leave out what the function does not need: functions/${route}/files in ${manifest.file}.`,
    );
  }
  const bootstrap = contents.get('bootstrap');
  if (bootstrap !== undefined) checkBootstrap(readFileSync(bootstrap), manifest, runsOn, name);
  else if (manifest.lambdaRuntime.startsWith('provided')) {
    throw toolchainError(
      'bootstrap-missing',
      `${name}: a ${manifest.lambdaRuntime} function needs a file "bootstrap" at the root of its zip.`,
      `See functions/${route}/files in ${manifest.file}.`,
    );
  }
  const entries = [...contents].map(([entryName, path]): ZipEntry => {
    // Only `bootstrap` needs execute permission, because Lambda starts it. All other files are read, or run by an
    // interpreter.
    return { name: entryName, bytes: readFileSync(path), mode: entryName === 'bootstrap' ? 0o755 : 0o644 };
  });
  const zip = await reproducibleZip(entries);
  const sha256 = createHash('sha256').update(zip).digest('hex');
  const s3Key = `${project}/${manifest.label}/${functionSuffix}-${sha256}.zip`;
  const sdkBytes = sdkBytesOf(manifest, runsOn, route);
  return {
    route,
    handler: manifest.functions[route].handler,
    s3Key,
    sha256,
    zip,
    unzippedBytes,
    ...(sdkBytes === undefined ? {} : { sdkBytes }),
  };
}

/** The SDK's part of a function's files, as the manifest or the file of its build says. */
function sdkBytesOf(manifest: RuntimeManifest, machine: Machine, route: Route): number | undefined {
  const { sdkBytes } = manifest.functions[route];
  if (sdkBytes === undefined || typeof sdkBytes === 'number') return sdkBytes;
  const path = fillPlaceholders(sdkBytes, machine);
  const [file] = listTree(manifest.folder, path) ?? [];
  const text = file === undefined ? '' : readFileSync(file.path, 'utf8').trim();
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw toolchainError(
    'build-incomplete',
    `${manifest.label}: ${path} ${file === undefined ? 'is not there' : 'does not hold a number of bytes'}.`,
    `See functions/${route}/sdkBytes in ${manifest.file}.`,
  );
}

/** Lists the names in a function's zip, with the files that they contain. */
export function listContents(
  manifest: RuntimeManifest,
  machine: Machine,
  route: Route,
): ReadonlyMap<string, string> {
  const contents = new Map<string, string>();
  for (const [target, source] of Object.entries(manifest.functions[route].files)) {
    const path = fillPlaceholders(source, machine);
    const files = listTree(manifest.folder, path);
    if (files === undefined || files.length === 0) {
      throw toolchainError(
        'build-incomplete',
        `${manifest.label}: ${path} is ${files === undefined ? 'not there' : 'empty'}.`,
        `See functions/${route}/files in ${manifest.file}.`,
      );
    }
    for (const file of files) {
      const name = zipName(target, file.name, file.isTreeRoot);
      if (contents.has(name)) {
        throw usageError(
          'zip-name-clash',
          `${manifest.file}: two files of ${route} are called ${name} in the zip.`,
        );
      }
      contents.set(name, file.path);
    }
  }
  return contents;
}

/** The name of a file in the zip. `.` keeps its name at the root; another target renames a file or contains a tree. */
function zipName(target: string, name: string, isTreeRoot: boolean): string {
  if (target === '.') return name;
  return isTreeRoot ? target : `${target}/${name}`;
}

function checkBootstrap(bytes: Buffer, manifest: RuntimeManifest, machine: RunsOn, name: string): void {
  const program = readExecutable(bytes);
  if (program.kind === 'script') return;
  const needed = `${machine.os === 'darwin' ? 'macOS' : 'Linux'} on ${machine.architecture}`;
  if (program.kind === 'unknown') {
    throw toolchainError(
      'not-executable',
      `${name}: its bootstrap is neither a program for ${needed} nor a script that begins with #!.`,
      `See functions in ${manifest.file}.`,
    );
  }
  if (program.os !== machine.os || program.architecture !== machine.architecture) {
    const found = `${program.os === 'darwin' ? 'macOS' : 'Linux'} on ${program.architecture ?? 'another processor'}`;
    throw toolchainError(
      'wrong-architecture',
      `${name}: its bootstrap is for ${found}, but ${needed} will run it.`,
      program.architecture === undefined || program.os !== machine.os
        ? `Build ${manifest.label} for ${needed}.`
        : `Build ${manifest.label} for ${machine.architecture}, or deploy with --arch ${program.architecture}.`,
    );
  }
  const forLambda = manifest.lambdaRuntime === 'provided.al2023' && !machine.here;
  if (program.kind === 'elf' && forLambda && program.glibc !== undefined) {
    if (compareVersions(program.glibc, LAMBDA_GLIBC) <= 0) return;
    throw toolchainError(
      'glibc-too-new',
      `${name}: its bootstrap needs glibc ${program.glibc}; ${manifest.lambdaRuntime} has ${LAMBDA_GLIBC}.`,
      'Link it statically (musl), or build it on an older Linux or with cargo-zigbuild for *.2.34.',
    );
  }
}
