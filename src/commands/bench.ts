import { warnOfConcurrencyLimit } from '../aws/concurrency-limit.ts';
import { createShedTables } from '../contract/shed-tables.ts';
import { type ArtifactsPlan, withBuilds } from '../deploy/artifacts/make-artifacts.ts';
import { findDeployment } from '../deploy/discovery/find-deployment.ts';
import { awsError, EXIT, type ExitCode, ShedbenchError, usageError } from '../errors.ts';
import { announceWork } from '../load/estimate/announce-work.ts';
import { COLD_STARTS_SHORT } from '../load/force-cold-starts.ts';
import { createLoadPlan } from '../load/load-plan.ts';
import { isKept, type LoadJob, loadRuns } from '../load/load-runs.ts';
import { roundsOf } from '../load/rounds.ts';
import { createRunId } from '../load/run-record.ts';
import type { AsLambdaChoice } from '../model/as-lambda.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import type { DeployedRuntime, Deployment } from '../model/deployment.ts';
import { DEFAULT_PROJECT } from '../model/project.ts';
import type { Report } from '../model/report.ts';
import { ROUTES, type Route } from '../model/route.ts';
import type { RunRecord } from '../model/run.ts';
import { type Selector, targetFlags } from '../model/selector.ts';
import type { Architecture } from '../model/target.ts';
import { compareBuilds } from '../report/comparison/compare-builds.ts';
import { compareReports, comparisonExitCode } from '../report/comparison/compare-reports.ts';
import { type FailRule, parseFailRule } from '../report/comparison/fail-rules.ts';
import { estimateUsd } from '../report/cost/estimate-cost.ts';
import { missingPrices } from '../report/cost/prices.ts';
import { tellWhatIsLeft, warnOf } from '../session/after-failure.ts';
import {
  asLambdaOption,
  deployDeps,
  describeDeployment,
  isLocal,
  openSession,
  pickRuntimes,
  type Session,
} from '../session/session.ts';
import { isCloudUp, localCloudUnderLoad } from '../targets/local-cloud-queries.ts';
import { withLoadMark } from '../targets/running-loads.ts';
import { type DeployCommandOptions, deployWith, planDeploy } from './deploy.ts';
import { withColdStarts } from './forced-cold-starts.ts';
import { reportOn } from './report.ts';
import { emptyTables } from './reset.ts';
import { teardownWith } from './teardown.ts';

export interface BenchOptions extends Selector {
  readonly runtimes?: readonly string[];
  readonly handlerDirs: readonly string[];
  /** A folder of builds to hold the others against. */
  readonly againstDir?: string;
  readonly architecture?: Architecture;
  readonly memorySizeMB?: number;
  readonly allowOrigin?: string;
  readonly logRetentionDays?: number;
  /** The local cloud alone: functions run at the speed that Lambda gives them. */
  readonly asLambda?: AsLambdaChoice;
  readonly routes: readonly Route[];
  readonly parallel: number;
  /** Per route and runtime, over all rounds. */
  readonly calls: number;
  readonly rounds?: number;
  /** Forced cold starts per function after its rounds; undefined: none. */
  readonly coldStarts?: number;
  readonly m: number;
  readonly n: number;
  readonly startAt: string;
  /** Calls or time before the first round, as typed; undefined: as many calls as are in flight, or a tenth of `calls`. */
  readonly warmup?: string;
  readonly timeoutSeconds?: number;
  /** As typed: rules of `compare`. */
  readonly failIf: readonly string[];
  readonly failIfUnsure: boolean;
  readonly waitSeconds?: number;
  readonly baseline?: string;
  readonly priceRegion?: string;
  /** Those to show; each in (0, 100). */
  readonly percentiles?: readonly number[];
  readonly teardown: boolean;
  readonly assumeYes: boolean;
}

/** Shows the report: before the teardown, whose end the reader need not wait for. */
type ShowReport = (report: CommandResult<Report>) => Promise<void>;

/**
 * The standard bench: deploys what is missing, empties the tables, loads route by route and within each runtime by
 * runtime, shows the report, and then with `teardown` deletes everything. Exit 1 where a call got an unexpected answer or rows are
 * missing.
 *
 * After an interrupt the local cloud that it started is gone; what stands elsewhere is named, with the command that
 * ends it. A teardown that was asked for also follows a failure, and never hides it.
 *
 * @throws ShedbenchError as its parts
 */
export async function bench(options: BenchOptions, deps: CommandDeps, show: ShowReport): Promise<ExitCode> {
  const selector = { ...options, local: isLocal(options, deps) };
  const rules = options.failIf.map(parseFailRule);
  refuseChanges(rules, options.againstDir !== undefined || options.handlerDirs.length > 1);
  if (selector.teardown && !selector.local && !selector.assumeYes && !deps.interactive) {
    throw new ShedbenchError({
      code: 'needs-yes',
      message:
        'The teardown after the bench deletes everything of the project, and there is no terminal to ask on.',
      hint: 'Add --yes',
      exitCode: EXIT.usage,
    });
  }
  const open = { startLocal: true, ...asLambdaOption(selector, 'bench', deps) };
  // Nothing can stand in a cloud that is not up: what can't be deployed is refused before one is started.
  const plan =
    selector.local && !(await isCloudUp(deps))
      ? await planDeploy(deployOptionsOf(selector), deps)
      : undefined;
  return await withLoadMark('bench', deps, async () => {
    const session = await openSession(selector, open, deps);
    return await benchOnTarget(session, selector, rules, plan, deps, show);
  });
}

async function benchOnTarget(
  session: Session,
  selector: BenchOptions,
  rules: readonly FailRule[],
  plan: ArtifactsPlan | undefined,
  deps: CommandDeps,
  show: ShowReport,
): Promise<ExitCode> {
  let failure: unknown;
  let result: CommandResult<Report> | undefined;
  try {
    result = await benchOn(session, selector, rules, plan, deps);
    await show(result);
  } catch (error) {
    failure = error;
  }
  try {
    const torn = selector.teardown && (await tearDownAfter(session, selector, deps));
    if (failure !== undefined || deps.interrupt.first.aborted) {
      if (!torn) await tellWhatIsLeft('bench', session, selector, deps);
    } else if (!torn) {
      session.keepLocalCloud();
      if (session.target.kind === 'local') {
        deps.emit({
          type: 'note',
          message: `The local cloud stays up, with what is deployed in it: shedbench teardown${targetFlags(selector)} ends it.`,
        });
      }
    }
  } catch (error) {
    if (failure === undefined) throw error;
    warnOf(error, 'teardown-failed', deps);
  } finally {
    session.close();
  }
  if (failure !== undefined) throw failure;
  if (result === undefined) throw new Error('a bench ended with neither a result nor an error');
  return result.exitCode;
}

/** Names what the report can't price before the bench, so that nobody waits for a figure that never comes. */
function tellMissingPrices(region: string, deps: CommandDeps): void {
  const missing = missingPrices(region);
  if (missing === undefined) return;
  const hint = `--price-region us-east-1 uses another region's prices`;
  deps.emit({ type: 'warning', code: 'prices-missing', message: missing, hint });
}

async function benchOn(
  session: Session,
  options: BenchOptions,
  rules: readonly FailRule[],
  plan: ArtifactsPlan | undefined,
  deps: CommandDeps,
) {
  const { deployment, failedBuilds, buildSets } = await deployedOrDeploy(session, options, plan, deps);
  refuseChanges(rules, buildSets.length > 0);
  const runtimes = pickRuntimes(deployment, withBuilds(options.runtimes, buildSets));
  await warnOfConcurrencyLimit(options.parallel, session, deps);
  tellMissingPrices(options.priceRegion ?? session.target.region, deps);
  await emptyTables(runtimes, session, deps);
  const tables = createShedTables(session.clients, deps);
  const cloud = session.target.kind === 'local' ? await localCloudUnderLoad(deps) : undefined;
  const benchId = createRunId(deps);
  const { result: runs, isPutBack } = await withColdStarts(
    options.coldStarts,
    session,
    cloud,
    deps,
    async (cold) => {
      const made: RunRecord[] = [];
      const jobsByRoute = ROUTES.filter((route) => options.routes.includes(route)).map((route) =>
        runtimes.map((runtime) => job(route, runtime, deployment, options)),
      );
      const emit = await announceWork(jobsByRoute.flat(), estimateUsd, deps);
      for (const jobs of jobsByRoute) {
        if (deps.interrupt.first.aborted) break;
        const [first] = jobs;
        if (first === undefined) continue;
        const rounds = roundsOf(first.plan, options.rounds, true);
        const given = {
          ...(cloud === undefined ? {} : { cloud }),
          ...(cold === undefined ? {} : { cold }),
        };
        made.push(...(await loadRuns(jobs, { benchId, rounds, tables, ...given }, { ...deps, emit })));
      }
      return made;
    },
  );
  if (deps.interrupt.first.aborted) {
    await keepRows(runs, session, options, deps);
    throw cutShort(runs, benchId);
  }
  const [base] = buildSets[0]?.members ?? [];
  const report = await reportOn(
    runs,
    session,
    { ...(base === undefined ? {} : { baseline: base }), ...options },
    deps,
  );
  const judged = judge(report.data, rules, buildSets.length > 0, options, deps);
  const exitCode = exitCodeOf(report, runs, failedBuilds) || judged || (isPutBack ? EXIT.ok : EXIT.aws);
  return { ...report, exitCode };
}

/**
 * Reads the REPORT rows of an interrupted bench while its local cloud is up, so that `report` can show them once the
 * cloud is gone. A second request to stop ends this.
 */
async function keepRows(
  runs: readonly RunRecord[],
  session: Session,
  options: BenchOptions,
  deps: CommandDeps,
): Promise<void> {
  const { second } = deps.interrupt;
  if (runs.length === 0 || session.target.kind !== 'local' || second.aborted) return;
  try {
    await reportOn(runs, session, options, { ...deps, interrupt: { first: second, second } });
  } catch (error) {
    if (!second.aborted) warnOf(error, 'rows-not-kept', deps);
  }
}

/** Holds the rules of `--fail-if` against a report, and says of each that does not pass what it met. */
function judge(
  report: Report,
  rules: readonly FailRule[],
  hasBuilds: boolean,
  options: Pick<BenchOptions, 'failIfUnsure'>,
  deps: Pick<CommandDeps, 'emit'>,
): ExitCode {
  if (rules.length === 0) return EXIT.ok;
  const named = { name: 'this bench', report };
  // Without a second build there are values alone to judge: those of the report itself.
  const comparison = hasBuilds
    ? compareBuilds(named, { rules })
    : compareReports(named, named, { rules, force: true });
  for (const { rule, state, hits } of comparison.rules) {
    if (state === 'passed') continue;
    for (const { label, temperature, text } of hits) {
      deps.emit({
        type: 'warning',
        code: `fail-if-${state}`,
        message: `${rule}: ${state === 'failed' ? 'failed' : 'can not be told'} by ${label} (${temperature}): ${text}`,
      });
    }
  }
  return comparisonExitCode(comparison, options.failIfUnsure);
}

/** A change needs two builds to be one between. */
function refuseChanges(rules: readonly FailRule[], hasBuilds: boolean): void {
  const rule = rules.find(({ limit }) => limit.of === 'change');
  if (rule === undefined || hasBuilds) return;
  throw usageError(
    'no-builds',
    `--fail-if '${rule.text}' is about a change, and this bench has one build of each runtime.`,
    'shedbench bench --against DIR measures two, or: shedbench compare before.json after.json',
  );
}

function exitCodeOf(
  report: CommandResult<Report>,
  runs: readonly RunRecord[],
  failedBuilds: number,
): ExitCode {
  if (report.exitCode !== EXIT.ok) return report.exitCode;
  if (runs.some((run) => fellShort(run) || !isKept(run))) return EXIT.fellShort;
  return failedBuilds > 0 ? EXIT.toolchain : EXIT.ok;
}

/** Whether a measured call or a forced cold start was not answered as the contract expects, or did not come about. */
function fellShort({ accounting, rounds, warnings }: RunRecord): boolean {
  const forced = rounds.filter(({ index }) => index < 0).map((round) => round.accounting);
  return (
    [accounting, ...forced].some(({ unexpected, errors }) => unexpected + errors > 0) ||
    warnings.some(({ code }) => code === COLD_STARTS_SHORT)
  );
}

/** Of the measured calls; enough that each connection and environment has had a call where many are in flight. */
const WARM_UP_SHARE = 0.1;

function job(route: Route, runtime: DeployedRuntime, deployment: Deployment, options: BenchOptions): LoadJob {
  const { parallel, calls, m, n, startAt, timeoutSeconds } = options;
  const warmup = options.warmup ?? String(Math.max(parallel, Math.ceil(calls * WARM_UP_SHARE)));
  return {
    plan: createLoadPlan({
      route,
      parallel,
      calls,
      m,
      n,
      startAt,
      warmup,
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    }),
    runtime: runtime.runtime,
    url: runtime.apiUrl,
    deployed: { deployment, runtime },
  };
}

function deployOptionsOf(options: BenchOptions): DeployCommandOptions {
  return { ...options, project: options.project ?? DEFAULT_PROJECT, planOnly: false, probe: true };
}

/**
 * The deployment that is there with all the runtimes asked for, or a new one. Where settings of the functions are asked
 * for, what is there is brought to them first: a bench of other settings would be of something else.
 */
async function deployedOrDeploy(
  session: Session,
  options: BenchOptions,
  planned: ArtifactsPlan | undefined,
  deps: CommandDeps,
) {
  const project = options.project ?? DEFAULT_PROJECT;
  const found = await findDeployment(project, deployDeps(session, deps));
  const there = found?.runtimes.map(({ runtime }) => runtime) ?? [];
  const isThere = there.length > 0 && (options.runtimes ?? there).every((name) => there.includes(name));
  if (found !== undefined && isThere && !asksForSettings(options)) {
    deps.emit({ type: 'note', message: `Benching what is deployed: ${describeDeployment(found)}` });
    return { deployment: found, failedBuilds: 0, buildSets: [] };
  }
  const deployOptions = {
    ...(found === undefined ? {} : { architecture: found.architecture, memorySizeMB: found.memorySizeMB }),
    ...deployOptionsOf(options),
    // A folder of handlers asks for what is in it too.
    ...(isThere && options.handlerDirs.length === 0 && options.againstDir === undefined
      ? { runtimes: options.runtimes ?? there }
      : {}),
  };
  const plan = planned ?? (await planDeploy(deployOptions, deps));
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
    handlerDirs.length > 0 ||
    [againstDir, architecture, memorySizeMB, allowOrigin, logRetentionDays].some(isGiven)
  );
}

const isGiven = (value: unknown): boolean => value !== undefined;

function cutShort(runs: readonly RunRecord[], benchId: string): ShedbenchError {
  const cut = runs.filter(({ state }) => state !== 'complete').length;
  const kept =
    runs.length === 0
      ? 'nothing was measured yet'
      : `${runs.length} ${runs.length === 1 ? 'run is' : 'runs are'} on disk, ${cut} of them cut short`;
  return new ShedbenchError({
    code: 'interrupted',
    message: `The bench was interrupted: ${kept}.`,
    hint: runs.length === 0 ? undefined : `shedbench report --run ${benchId}`,
    exitCode: EXIT.interrupted,
  });
}

/** True once everything is gone. */
async function tearDownAfter(session: Session, options: BenchOptions, deps: CommandDeps): Promise<boolean> {
  if (deps.interrupt.first.aborted) return false;
  const torn = await teardownWith(
    session,
    undefined,
    { ...targetOf(options), assumeYes: options.assumeYes, retain: [] },
    deps,
  );
  if ('receipt' in torn && torn.outcome !== 'declined') {
    deps.emit({ type: 'receipt', project: torn.heading.project, receipt: torn.receipt });
  }
  if (torn.outcome === 'incomplete') {
    throw awsError(
      'left-behind',
      'The teardown after the bench left something behind.',
      `shedbench teardown${targetFlags(options)}`,
    );
  }
  return torn.outcome !== 'declined';
}

function targetOf({ project, region, profile, local }: Selector): Selector {
  return {
    ...(project === undefined ? {} : { project }),
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    local,
  };
}
