import { EXIT, ShedbenchError, toolchainError } from '../../errors.ts';
import type { Emit } from '../../model/events.ts';
import { withStep } from '../../model/with-step.ts';
import { writeBuildStamp } from '../../store/build-stamps.ts';
import { createBuildProgress } from './build-progress.ts';
import { hasCurrentBuild, hashSources, missingOutputs, outputFolder } from './build-stamp.ts';
import { fillPlaceholders, type RuntimeManifest } from './manifest.ts';
import type { RunTool, ToolOutcome } from './run-tool.ts';
import type { RunsOn } from './runs-on.ts';

/** A runtime whose build outputs are ready for packaging. */
export interface BuiltRuntime {
  readonly manifest: RuntimeManifest;
  readonly runsOn: RunsOn;
  /** `prebuilt`: the outputs of an earlier build are used; `built`: the recipe ran; `none`: the sources are the artifact. */
  readonly how: 'prebuilt' | 'built' | 'none';
}

export interface BuildRuntimeInput {
  readonly manifest: RuntimeManifest;
  readonly runsOn: RunsOn;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  readonly runTool: RunTool;
}

/** How many of the last lines of a failed tool the error quotes. */
const SHOWN_LINES = 15;

/**
 * Builds a runtime's outputs, unless those of an earlier build still match its sources. Emits the step `build:<label>`
 * with the tool's lines as progress. An abort ends the tool's whole process group before this rejects.
 *
 * @throws ShedbenchError exit 4: `build-failed` with the tool's last lines, `build-incomplete` if an output is not
 *   there afterwards, `build-source-missing`; exit 130: `interrupted`
 */
export async function buildRuntime(input: BuildRuntimeInput): Promise<BuiltRuntime> {
  const { manifest, runsOn, emit } = input;
  const recipe = manifest.build;
  if (recipe === undefined) {
    requireOutputs(manifest, runsOn);
    return { manifest, runsOn, how: 'none' };
  }
  if (await hasCurrentBuild(manifest, runsOn)) return { manifest, runsOn, how: 'prebuilt' };

  const id = `build:${manifest.label}`;
  const command = recipe.command.map((word) => fillPlaceholders(word, runsOn));
  const sourcesSha256 = hashSources(manifest, runsOn);
  const progressOf = createBuildProgress(recipe.workingFolder);
  const buildIt = async (): Promise<void> => {
    const outcome = await input.runTool({
      command,
      cwd: recipe.workingFolder,
      signal: input.signal,
      onLine: (line) => emit({ type: 'step-progress', id, detail: progressOf(line) }),
    });
    requireSuccess(outcome, manifest, command, recipe.workingFolder);
    requireOutputs(manifest, runsOn);
    await writeBuildStamp(outputFolder(manifest, runsOn), sourcesSha256);
  };
  emit({
    type: 'note',
    message: `${manifest.label} is built from its sources, which may take some minutes the first time; --runtime with the others leaves it out.`,
  });
  await withStep({ id, title: `Building ${manifest.label} for ${runsOn.architecture}` }, emit, buildIt);
  return { manifest, runsOn, how: 'built' };
}

function requireSuccess(
  outcome: ToolOutcome,
  { label }: RuntimeManifest,
  command: readonly string[],
  workingFolder: string,
): void {
  if (outcome.kind === 'interrupted') {
    throw new ShedbenchError({
      code: 'interrupted',
      message: `Interrupted while building ${label}.`,
      exitCode: EXIT.interrupted,
    });
  }
  if (outcome.kind === 'exited' && outcome.exitCode === 0) return;
  const how = outcome.kind === 'exited' ? `ended with exit code ${outcome.exitCode}` : 'was not found';
  const said = outcome.lastLines.slice(-SHOWN_LINES).map((line) => `  ${label} │ ${line}`);
  throw toolchainError(
    'build-failed',
    [`The build of ${label} failed: \`${command.join(' ')}\` ${how}.`, ...said].join('\n'),
    `Run it by hand in ${workingFolder}, or leave it out: --runtime with the others.`,
  );
}

function requireOutputs(manifest: RuntimeManifest, runsOn: RunsOn): void {
  const missing = missingOutputs(manifest, runsOn);
  if (missing.length === 0) return;
  const built = manifest.build === undefined ? '' : ' after its build';
  throw toolchainError(
    'build-incomplete',
    `${manifest.label}: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not there${built}.`,
    `See functions/*/files in ${manifest.file}.`,
  );
}
