import { createShedTables } from '../../contract/shed-tables.ts';
import { type ArtifactsPlan, withBuilds } from '../../deploy/artifacts/make-artifacts.ts';
import { findDeployment } from '../../deploy/discovery/find-deployment.ts';
import { awsError } from '../../errors.ts';
import { announceWork } from '../../load/estimate/announce-work.ts';
import type { ColdStarts } from '../../load/force-cold-starts.ts';
import { createLoadPlan } from '../../load/load-plan.ts';
import { type LoadJob, loadRuns } from '../../load/load-runs.ts';
import { roundsOf } from '../../load/rounds.ts';
import { shedJob } from '../../load/shed-job.ts';
import type { CommandDeps } from '../../model/command.ts';
import { LOAD_DEFAULTS } from '../../model/defaults.ts';
import type { DeployedRuntime, Deployment } from '../../model/deployment.ts';
import { DEFAULT_PROJECT } from '../../model/project.ts';
import { ROUTES, type Route } from '../../model/route.ts';
import type { LoadPlan, RunRecord } from '../../model/run.ts';
import { type Setting, settingId } from '../../model/setting.ts';
import { buildPairs } from '../../report/comparison/compare-builds.ts';
import { checkScopes, parseFailRule } from '../../report/comparison/fail-rules.ts';
import { estimateUsd } from '../../report/cost/estimate-cost.ts';
import { checkBaseline } from '../../report/verdict/baseline.ts';
import { withColdStarts } from '../../session/forced-cold-starts.ts';
import { openLoaders, refuseLoaders } from '../../session/open-loaders.ts';
import { deployDeps, describeDeployment, pickRuntimes, type Session } from '../../session/session.ts';
import { calibrationOf } from '../../targets/calibrate-core.ts';
import { localCloudUnderLoad } from '../../targets/local-cloud-queries.ts';
import { deployWith, planDeploy } from '../deploy.ts';
import { emptyTables } from '../reset.ts';
import { type BenchOptions, deployOptionsOf } from './bench-options.ts';
import { refuseChanges } from './refuse-changes.ts';

/** The results of a bench, in one setting or in several. */
export interface Played {
  readonly runs: readonly RunRecord[];
  /** Builds that are compared with each other. */
  readonly buildSets: ArtifactsPlan['buildSets'];
  readonly failedBuilds: number;
  /** Whether every function has its former settings. */
  readonly isPutBack: boolean;
}

interface SettingPlace {
  readonly benchId: string;
  /** The plan that was made before the target was opened. */
  readonly plan?: ArtifactsPlan;
  /** The setting within a grid. Undefined for a bench of one setting. */
  readonly setting?: Setting;
}

/**
 * Deploys what is missing for one setting, empties the tables and loads route by route, the runtimes in turns.
 *
 * @throws ShedbenchError as its parts; completed runs are on disk
 */
export async function benchSetting(
  session: Session,
  options: BenchOptions,
  { benchId, plan, setting }: SettingPlace,
  deps: CommandDeps,
): Promise<Played> {
  const { deployment, failedBuilds, buildSets } = await deployedOrDeploy(
    session,
    options,
    plan,
    // A grid does not probe the functions. A size that is too small for a function is a result of the grid, and a
    // failed probe would end the bench.
    setting === undefined,
    deps,
  );
  const runtimes = measuredRuntimes(deployment, buildSets, options);
  await emptyTables(runtimes, session, deps);
  const cloud = session.target.kind === 'local' ? await readyLocalCloud(runtimes, deps) : undefined;
  const routes = ROUTES.filter((route) => options.routes.includes(route));
  const [anyRoute = 'cat'] = routes;
  const from = { ...options, project: deployment.project };
  const fleet = await openLoaders(planOf(anyRoute, options), benchId, from, session, deps);
  const jobsByRoute = routes.map((route) =>
    runtimes.map((runtime) => ({ ...job(route, runtime, deployment, options), ...fleet })),
  );
  const { result: runs, isPutBack } = await withColdStarts(options.coldStarts, session, cloud, deps, (cold) =>
    playRoutes(jobsByRoute, { options, benchId, setting, session, cloud, cold }, deps),
  );
  return { runs, buildSets, failedBuilds, isPutBack };
}

/**
 * The runtimes to load. Refuses options that name one of another deployment: the report would refuse them too, but only
 * after the load.
 *
 * @throws usageError `runtime-not-deployed`, and as `checkNames`
 */
function measuredRuntimes(
  deployment: Deployment,
  buildSets: Played['buildSets'],
  options: BenchOptions,
): readonly DeployedRuntime[] {
  const runtimes = pickRuntimes(deployment, withBuilds(options.runtimes, buildSets));
  checkNames(
    runtimes.map(({ runtime }) => runtime),
    buildSets,
    options,
  );
  return runtimes;
}

/**
 * Refuses a baseline and rules that name nothing that will be measured, or nothing that will be judged.
 *
 * @param labels the runtimes that will be measured, or more where that is not known yet
 * @throws usageError `unknown-baseline`, `unknown-scope`, `scope-not-judged`
 */
export function checkNames(
  labels: readonly string[],
  buildSets: Played['buildSets'],
  { baseline, failIf, routes }: BenchOptions,
): void {
  checkBaseline(labels, baseline);
  const judged = buildSets.length === 0 ? labels : buildPairs(labels).map(({ after }) => after);
  checkScopes(failIf.map(parseFailRule), cellsOf(labels, routes), cellsOf(judged, routes));
}

/** The facts about the local cloud, after the speed of this machine's cores was measured for the forecast. */
async function readyLocalCloud(runtimes: readonly DeployedRuntime[], deps: CommandDeps) {
  // It is measured before the load, because the first load has to wait for a second anyway (`waitUntilApart`).
  await calibrationOf(
    runtimes.map(({ lambdaRuntime }) => lambdaRuntime),
    deps,
  );
  return await localCloudUnderLoad(deps);
}

/** Loads the routes one after the other, each by all of its jobs in turns. After an interrupt it loads no other route. */
async function playRoutes(
  jobsByRoute: readonly (readonly LoadJob[])[],
  of: {
    readonly options: BenchOptions;
    readonly benchId: string;
    readonly setting: Setting | undefined;
    readonly session: Session;
    readonly cloud: Awaited<ReturnType<typeof localCloudUnderLoad>>;
    readonly cold: ColdStarts | undefined;
  },
  deps: CommandDeps,
): Promise<RunRecord[]> {
  const { options, benchId, setting, cloud, cold } = of;
  const roundsFor = (plan: LoadPlan) => roundsOf(plan, options.rounds, true);
  const emit = await announceWork(jobsByRoute.flat(), estimateUsd, deps, {
    rounds: Math.max(1, ...jobsByRoute.flat().map(({ plan }) => roundsFor(plan))),
    cold,
    isAsLambda: cloud?.isAsLambda === true,
    localSinceEpochMs: cloud?.startedAtEpochMs,
    // The report of a grid follows its last setting.
    report: setting === undefined && cloud !== undefined ? { calibrates: false } : undefined,
  });
  const given = {
    benchId,
    name: options.name,
    tables: createShedTables(of.session.clients, deps),
    ...(cloud === undefined ? {} : { cloud }),
    ...(cold === undefined ? {} : { cold }),
    ...(setting === undefined ? {} : { setting: settingId(setting) }),
  };
  const made: RunRecord[] = [];
  for (const jobs of jobsByRoute) {
    if (deps.interrupt.first.aborted) break;
    const [first] = jobs;
    if (first === undefined) continue;
    made.push(...(await loadRuns(jobs, { ...given, rounds: roundsFor(first.plan) }, { ...deps, emit })));
  }
  return made;
}

/** The warm-up of a bench, as typed or computed from its calls. */
export function benchWarmup({ warmup, calls }: Pick<BenchOptions, 'warmup' | 'calls'>): string {
  return warmup ?? String(Math.ceil(calls * LOAD_DEFAULTS.benchWarmupShare));
}

/**
 * Refuses options of the load that contradict each other, before anything is deployed.
 * @throws as `createLoadPlan`, `roundsOf` and `refuseLoaders`
 */
export function checkPlans(options: BenchOptions): void {
  for (const route of options.routes) {
    const plan = planOf(route, options);
    roundsOf(plan, options.rounds, true);
    refuseLoaders(plan, options);
  }
}

/** The labels of the runtimes that a plan deploys. */
export function labelsOf({ usable }: ArtifactsPlan): string[] {
  return usable.map(({ manifest }) => manifest.label);
}

/** Every runtime with every route. */
function cellsOf(runtimes: readonly string[], routes: readonly Route[]) {
  return runtimes.flatMap((runtime) => routes.map((route) => ({ runtime, route })));
}

/** The plan of a bench for one route. */
export function planOf(route: Route, options: BenchOptions): LoadPlan {
  const { parallel, calls, m, n, startAt, timeoutSeconds } = options;
  return createLoadPlan({
    route,
    parallel,
    calls,
    m,
    n,
    startAt,
    warmup: benchWarmup(options),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  });
}

function job(route: Route, runtime: DeployedRuntime, deployment: Deployment, options: BenchOptions): LoadJob {
  return {
    plan: planOf(route, options),
    ...shedJob(route, deployment, runtime),
  };
}

/**
 * Returns the existing deployment if it has all runtimes that were asked for, otherwise deploys. If settings of the
 * functions were asked for, an existing deployment is updated to them first.
 */
async function deployedOrDeploy(
  session: Session,
  options: BenchOptions,
  planned: ArtifactsPlan | undefined,
  probe: boolean,
  deps: CommandDeps,
) {
  const project = options.project ?? DEFAULT_PROJECT;
  const found = await findDeployment(project, deployDeps(session, deps));
  const there = found?.runtimes.map(({ runtime }) => runtime) ?? [];
  const isThere = there.length > 0 && (options.runtimes ?? there).every((name) => there.includes(name));
  if (found !== undefined && isThere && !asksForSettings(options)) {
    deps.emit({ type: 'note', message: `Benching the existing deployment: ${describeDeployment(found)}` });
    return { deployment: found, failedBuilds: 0, buildSets: [] };
  }
  const deployOptions = {
    ...(found === undefined ? {} : { architecture: found.architecture, memorySizeMB: found.memorySizeMB }),
    ...deployOptionsOf(options),
    probe,
    // A folder of handlers adds its runtimes to those asked for.
    ...(isThere &&
    options.handlerDirs.length === 0 &&
    options.againstDir === undefined &&
    (options.lambdaRuntimes ?? []).length === 0
      ? { runtimes: options.runtimes ?? there }
      : {}),
  };
  const plan = planned ?? (await planDeploy(deployOptions, deps));
  refuseChanges(options.failIf.map(parseFailRule), plan.buildSets.length > 0);
  checkNames([...there, ...labelsOf(plan)], plan.buildSets, options);
  const { result, artifacts } = await deployWith(session, plan, deployOptions, deps);
  if (result.deployment === undefined) {
    throw awsError(
      'not-deployed',
      'The deploy was declined, so there is nothing to bench.',
      'shedbench bench',
    );
  }
  return {
    deployment: result.deployment,
    failedBuilds: artifacts.failed.length,
    buildSets: plan.buildSets,
  };
}

function asksForSettings(options: BenchOptions): boolean {
  const { handlerDirs, againstDir, architecture, memorySizeMB, allowOrigin, logRetentionDays } = options;
  return (
    handlerDirs.length + (options.lambdaRuntimes ?? []).length > 0 ||
    [againstDir, architecture, memorySizeMB, allowOrigin, logRetentionDays].some(isGiven)
  );
}

const isGiven = (value: unknown): boolean => value !== undefined;
