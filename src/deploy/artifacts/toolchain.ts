import { hasCurrentBuild } from './build-stamp.ts';
import { fillPlaceholders, type RequiredTool, type RuntimeManifest } from './manifest.ts';
import type { RunTool } from './run-tool.ts';
import type { RunsOn } from './runs-on.ts';
import type { AbsentRuntime, PlannedRuntime } from './runtime-plan.ts';

/** How long a version command may take, because a toolchain manager may download something at its first start. */
const VERSION_TIMEOUT_MS = 20_000;

/** The oldest Python that the local cloud uses, which is that of macOS. It prefers the function's own version. */
export const LOCAL_PYTHON_AT_LEAST = '3.9';

/** The Lambda runtimes that the local cloud runs. It refuses every other one when it creates the function. */
const LOCAL_RUNTIMES = /^(nodejs(18|20|22|24|26)\.x|python3\.(9|1[0-5])|java(17|21|25)|provided\.al2(023)?)$/;
/** The runtimes that the local cloud runs only with an interpreter of the same version. */
const LOCAL_PREVIEWS = /^(nodejs26\.x|python3\.15)$/;

export interface Finding {
  readonly source: PlannedRuntime['source'];
  readonly absence?: Omit<AbsentRuntime, 'label'>;
}

/**
 * Determines why a runtime is not available for `runsOn` on this machine, or where it comes from. If it is available
 * for Lambda's other processor, the hint says so.
 */
export async function findAbsence(
  manifest: RuntimeManifest,
  runsOn: RunsOn,
  runTool: RunTool,
): Promise<Finding> {
  const finding = await lookFor(manifest, runsOn, runTool);
  if (finding.absence === undefined || runsOn.here) return finding;
  for (const architecture of manifest.architectures) {
    if (architecture === runsOn.architecture) continue;
    const other = await lookFor(manifest, { ...runsOn, architecture }, runTool);
    if (other.absence !== undefined) continue;
    const hint = `It can be had with --arch ${architecture}.`;
    return { ...finding, absence: { ...finding.absence, hint } };
  }
  return finding;
}

async function lookFor(manifest: RuntimeManifest, runsOn: RunsOn, runTool: RunTool): Promise<Finding> {
  const { label } = manifest;
  const isBuilt = manifest.build !== undefined && (await hasCurrentBuild(manifest, runsOn));
  const source = manifest.build === undefined ? 'none' : isBuilt ? 'prebuilt' : 'build';
  const absent = (why: string, hint = `Leave ${label} out: --runtime with the others.`): Finding => ({
    source,
    absence: {
      message: `${label} is left out: ${why}`,
      refusal: `${label} can't be deployed from here: ${why}`,
      hint,
    },
  });
  if (!manifest.architectures.includes(runsOn.architecture)) {
    return absent(`it has no artifact for ${runsOn.architecture}.`);
  }
  if (runsOn.here) {
    const missing = await missingInterpreter(manifest, runTool);
    if (missing !== undefined) return absent(missing.why, missing.hint);
  }
  if (source !== 'build') return { source };
  for (const tool of manifest.build?.tools ?? []) {
    const missing = await missingTool(manifest, tool, runsOn, runTool);
    if (missing !== undefined) return absent(missing);
  }
  return { source };
}

async function missingTool(
  manifest: RuntimeManifest,
  tool: RequiredTool,
  runsOn: RunsOn,
  runTool: RunTool,
): Promise<string | undefined> {
  const command = tool.command.map((word) => fillPlaceholders(word, runsOn));
  const outcome = await runTool({ command, cwd: manifest.folder, timeoutMs: VERSION_TIMEOUT_MS });
  const name = fillPlaceholders(tool.name, runsOn);
  const install = fillPlaceholders(tool.install, runsOn);
  if (outcome.kind !== 'exited') return `${name} was not found; install ${install}`;
  if (outcome.exitCode !== 0) return `${name} does not work here; install ${install}`;
  if (tool.atLeast === undefined) return undefined;
  const version = outcome.lastLines.map(findVersion).find((found) => found !== undefined);
  if (version !== undefined && compareVersions(version, tool.atLeast) >= 0) return undefined;
  return `${name} is ${version ?? 'of an unknown version'}, ${tool.atLeast} is needed; install ${install}`;
}

/** What a local sandbox lacks to run this Lambda runtime, by the rules of `local/sandboxes`. */
async function missingInterpreter(
  manifest: RuntimeManifest,
  runTool: RunTool,
): Promise<{ readonly why: string; readonly hint: string } | undefined> {
  const { lambdaRuntime } = manifest;
  if (!LOCAL_RUNTIMES.test(lambdaRuntime)) {
    return {
      why: `the local cloud runs nodejs18.x to 26.x, python3.9 to 3.15, java17, java21, java25, provided.al2 and provided.al2023, not ${lambdaRuntime}.`,
      hint: 'Deploy it to AWS, or bring a bootstrap of its own with provided.al2023.',
    };
  }
  const isPreview = LOCAL_PREVIEWS.test(lambdaRuntime);
  if (lambdaRuntime.startsWith('nodejs')) {
    const here = `nodejs${process.versions.node.split('.')[0]}.x`;
    if (!isPreview || lambdaRuntime === here) return undefined;
    return {
      why: `${lambdaRuntime} is in preview and needs Node of that version; shedbench runs on Node ${process.versions.node}.`,
      hint: 'Start shedbench with that Node, or leave it out: --runtime with the others.',
    };
  }
  if (lambdaRuntime.startsWith('provided')) return undefined;
  if (lambdaRuntime.startsWith('java')) return await missingJava(manifest, runTool);
  const hint =
    'Install it from https://www.python.org/downloads/, or leave it out: --runtime with the others.';
  const found: string[] = [];
  for (const name of isPreview ? [lambdaRuntime] : [lambdaRuntime, 'python3']) {
    const command = [name, '--version'];
    const outcome = await runTool({ command, cwd: manifest.folder, timeoutMs: VERSION_TIMEOUT_MS });
    if (outcome.exitCode !== 0) continue;
    const version = outcome.lastLines.map(findVersion).find((text) => text !== undefined);
    if (version === undefined) continue;
    if (compareVersions(version, LOCAL_PYTHON_AT_LEAST) >= 0) return undefined;
    found.push(version);
  }
  const [older] = found;
  if (isPreview) {
    return { why: `${lambdaRuntime} is in preview and needs ${lambdaRuntime} in PATH.`, hint };
  }
  const which = older === undefined ? 'python3 was not found' : `python3 is ${older}`;
  return { why: `${which}; install Python ${LOCAL_PYTHON_AT_LEAST} or newer`, hint };
}

/**
 * The message if no Java of the function's version or newer is found. Like `local/sandboxes`, it tries JAVA_HOME first
 * and then PATH.
 */
async function missingJava(
  { lambdaRuntime, folder }: RuntimeManifest,
  runTool: RunTool,
): Promise<{ readonly why: string; readonly hint: string } | undefined> {
  const needed = lambdaRuntime.replace('java', '');
  const { JAVA_HOME } = process.env;
  const found: string[] = [];
  for (const java of [...(JAVA_HOME === undefined ? [] : [`${JAVA_HOME}/bin/java`]), 'java']) {
    const command = [java, '--version'];
    const outcome = await runTool({ command, cwd: folder, timeoutMs: VERSION_TIMEOUT_MS });
    // The first release of a Java version prints only the major version: `openjdk 25 2025-09-16`.
    const version =
      outcome.exitCode === 0 ? /^\S+ (\d+(?:\.\d+)*)/m.exec(outcome.lastLines.join('\n'))?.[1] : undefined;
    if (version === undefined) continue;
    if (compareVersions(version, needed) >= 0) return undefined;
    found.push(version);
  }
  const [older] = found;
  const which = older === undefined ? 'java was not found' : `java is ${older}`;
  return {
    why: `${which}; install Java ${needed}, or set JAVA_HOME to it`,
    hint: 'Install it from https://adoptium.net, or leave it out: --runtime with the others.',
  };
}

/** The first version number in a text: `1.95.0` of `cargo 1.95.0 (f2d3ce0bd 2026-03-21)`. */
export function findVersion(text: string): string | undefined {
  return /\d+\.\d+(\.\d+)?/.exec(text)?.[0];
}

/** Negative, zero or positive if `a` is older than, equal to or newer than `b`. Absent parts count as 0. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
