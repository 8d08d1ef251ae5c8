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

/** Builds run one at a time, because a compiler uses every core by itself. */
const BUILDS_AT_ONCE = 1;

export interface ArtifactsOptions {
  readonly project: string;
  /** Labels that were asked for. Undefined: all runtimes that are available here. */
  readonly runtimes?: readonly string[];
  /** Folders of a user's own runtimes. */
  readonly handlerDirs: readonly string[];
  /** A folder of builds to compare the others with. */
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

/** What will be built, and for which machine. */
export interface ArtifactsPlan {
  readonly project: string;
  readonly runsOn: RunsOn;
  readonly usable: readonly PlannedRuntime[];
  /** The builds that are compared with each other. */
  readonly buildSets: readonly BuildSet[];
}

/**
 * Decides which runtimes take part, before anything is started or built. A runtime that is not available on this
 * machine is left out, and a message says so.
 *
 * @throws ShedbenchError exit 2 for a bad manifest, an unknown runtime or a name that is too long; exit 4 if a runtime
 * that was asked for, or every runtime, is unavailable
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
 * The labels that were asked for. A runtime with several builds stands for all of them. If no runtime was asked for and
 * there are such builds, only they take part.
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
 * Builds and zips every runtime of a plan. If a build fails, its runtime is in `failed` and the others continue.
 *
 * @throws ShedbenchError exit 4 if nothing is left to deploy
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

/** The local cloud runs programs for this machine; Lambda runs the requested architecture, arm64 by default. */
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
