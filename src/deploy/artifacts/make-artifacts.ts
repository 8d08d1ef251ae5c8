import pLimit from 'p-limit';
import { EXIT, ShedbenchError, toolchainError, usageError } from '../../errors.ts';
import type { CommandDeps } from '../../model/command.ts';
import type { Architecture } from '../../model/target.ts';
import { type BuiltRuntime, buildRuntime } from './build-runtime.ts';
import { type BuildSet, checkNameLengths, discoverRuntimes } from './discover-runtimes.ts';
import { parseLambdaRuntimes } from './lambda-runtimes.ts';
import { type PackagedRuntime, packageFunctions } from './package-functions.ts';
import { packageRoot } from './package-root.ts';
import { planRuntimes } from './plan-runtimes.ts';
import { runTool } from './run-tool.ts';
import { type RunsOn, runsOnLambda, runsOnThisMachine } from './runs-on.ts';
import type { PlannedRuntime } from './runtime-plan.ts';

/** One at a time, since compilers use every core by themselves. */
const BUILDS_AT_ONCE = 1;

export interface ArtifactsOptions {
  readonly project: string;
  /** Labels asked for by name; undefined: all that can be had here. */
  readonly runtimes?: readonly string[];
  /** Folders of a user's own runtimes. */
  readonly handlerDirs: readonly string[];
  /** A folder of builds to hold the others against. */
  readonly againstDir?: string;
  /** As typed: `node=nodejs22.x,nodejs24.x`. */
  readonly lambdaRuntimes?: readonly string[];
  readonly architecture?: Architecture;
}

/** The runtimes that are ready for upload, and those whose build failed. */
export interface Artifacts {
  readonly packaged: readonly PackagedRuntime[];
  readonly failed: readonly { readonly runtime: string; readonly error: ShedbenchError }[];
  readonly architecture: Architecture;
}

/** The labels of the runtimes that ship with the package. */
export async function shippedRuntimes(): Promise<readonly string[]> {
  return [...discoverRuntimes({ builtinDir: builtinHandlers(), extraDirs: [] }).runtimes.keys()];
}

/** What is going to be built, and for where. */
export interface ArtifactsPlan {
  readonly project: string;
  readonly runsOn: RunsOn;
  readonly usable: readonly PlannedRuntime[];
  /** Builds among them that are held against each other. */
  readonly buildSets: readonly BuildSet[];
}

/**
 * Decides which runtimes take part, before anything is started or built. A runtime that is not available on this machine is
 * left out, with a line that says so.
 *
 * @throws ShedbenchError exit 2 for a bad manifest, an unknown runtime or too long a name; exit 4 where a runtime asked
 * for by name, or any at all, can't be had
 */
export async function planArtifacts(
  options: ArtifactsOptions,
  local: boolean,
  deps: CommandDeps,
): Promise<ArtifactsPlan> {
  const runsOn = whereItRuns(options.architecture, local);
  const { handlerDirs: extraDirs, againstDir, lambdaRuntimes = [] } = options;
  const { runtimes, buildSets } = discoverRuntimes({
    builtinDir: builtinHandlers(),
    extraDirs,
    ...(againstDir === undefined ? {} : { againstDir }),
    lambdaRuntimes: parseLambdaRuntimes(lambdaRuntimes),
  });
  const asked = withBuilds(options.runtimes, buildSets);
  const plan = await planRuntimes({ runtimes, asked, runsOn, runTool });
  for (const { label, message, hint } of plan.absent) {
    deps.emit({ type: 'warning', code: `left-out-${label}`, message, hint });
  }
  checkNameLengths(
    options.project,
    plan.usable.map(({ manifest }) => manifest.label),
  );
  return {
    project: options.project,
    runsOn,
    usable: plan.usable,
    buildSets: buildSets.filter(({ members }) => members.every((member) => asked?.includes(member) ?? true)),
  };
}

/**
 * The labels asked for, where a runtime with several builds means all of them. Where nothing was asked for and there are
 * such builds, they alone are meant.
 */
export function withBuilds(
  asked: readonly string[] | undefined,
  buildSets: readonly BuildSet[],
): readonly string[] | undefined {
  if (asked === undefined) {
    return buildSets.length === 0 ? undefined : buildSets.flatMap(({ members }) => members);
  }
  return asked.flatMap((label) => buildSets.find((set) => set.label === label)?.members ?? [label]);
}

/**
 * Builds and zips every runtime of a plan. One whose build fails stands in `failed`, and the others go on.
 *
 * @throws ShedbenchError exit 4 where nothing is left to deploy
 */
export async function makeArtifacts(plan: ArtifactsPlan, deps: CommandDeps): Promise<Artifacts> {
  const { runsOn, project } = plan;
  const limit = pLimit(BUILDS_AT_ONCE);
  const outcomes = await Promise.all(
    plan.usable.map((planned) => limit(() => makeRuntime(planned, project, runsOn, deps))),
  );
  const failed = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome] : []));
  const packaged = outcomes.flatMap((outcome) => ('packaged' in outcome ? [outcome.packaged] : []));
  const [firstFailure] = failed;
  if (packaged.length === 0 && firstFailure !== undefined) throw firstFailure.error;
  return { packaged, failed, architecture: runsOn.architecture };
}

type Made =
  | { readonly packaged: PackagedRuntime }
  | { readonly runtime: string; readonly error: ShedbenchError };

async function makeRuntime(
  { manifest }: PlannedRuntime,
  project: string,
  runsOn: RunsOn,
  deps: CommandDeps,
): Promise<Made> {
  try {
    const built: BuiltRuntime = await buildRuntime({
      manifest,
      runsOn,
      emit: deps.emit,
      signal: deps.interrupt.first,
      runTool,
    });
    return { packaged: await packageFunctions(built, project) };
  } catch (error) {
    if (!(error instanceof ShedbenchError) || error.exitCode !== EXIT.toolchain) throw error;
    deps.emit({
      type: 'warning',
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
    return { runtime: manifest.label, error };
  }
}

function builtinHandlers(): string {
  return `${packageRoot()}/handlers`;
}

/** The local cloud runs what the machine runs; Lambda what was asked for, arm64 by default. */
function whereItRuns(architecture: Architecture | undefined, local: boolean): RunsOn {
  if (!local) return runsOnLambda(architecture);
  const here = runsOnThisMachine(process.platform, process.arch);
  if (here === undefined) {
    throw toolchainError(
      'no-local-sandboxes',
      `The local cloud does not run on ${process.platform} ${process.arch}.`,
      'Use an AWS account: leave --local out',
    );
  }
  if (architecture !== undefined && architecture !== here.architecture) {
    throw usageError(
      'other-architecture',
      `The local cloud runs functions on this machine, which is ${here.architecture}, not ${architecture}.`,
      `Leave --arch out, or --arch ${here.architecture}`,
    );
  }
  return here;
}
