import { warnOfConcurrencyLimit } from '../aws/concurrency-limit.ts';
import type { ArtifactsPlan } from '../deploy/artifacts/make-artifacts.ts';
import { awsError, EXIT, type ExitCode, ShedbenchError, usageError } from '../errors.ts';
import { COLD_STARTS_SHORT } from '../load/force-cold-starts.ts';
import { isKept } from '../load/load-runs.ts';
import { createRunId } from '../load/run-record.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import { counted } from '../model/number-text.ts';
import type { Report } from '../model/report.ts';
import { plainName } from '../model/route.ts';
import type { RunRecord } from '../model/run.ts';
import { ranOutOfMemory } from '../model/run-work.ts';
import { type Selector, targetFlags } from '../model/selector.ts';
import { compareBuilds } from '../report/comparison/compare-builds.ts';
import { compareReports, comparisonExitCode } from '../report/comparison/compare-reports.ts';
import { type FailRule, parseFailRule } from '../report/comparison/fail-rules.ts';
import { checkPriceRegion } from '../report/cost/cost.ts';
import { missingPrices } from '../report/cost/prices.ts';
import { tellWhatIsLeft, warnOf } from '../session/after-failure.ts';
import { forecastSizes, requireCurve } from '../session/measured-sizes.ts';
import { asLambdaOption, isLocal, openSession, type Session } from '../session/session.ts';
import { type GridRecord, unfinishedGrid } from '../store/grids.ts';
import { isCloudUp } from '../targets/local-cloud-queries.ts';
import { withLoadMark } from '../targets/running-loads.ts';
import { benchGrid } from './bench/bench-grid.ts';
import { type BenchOptions, benchOptions, deployOptionsOf } from './bench/bench-options.ts';
import { benchSetting, checkNames, checkPlans, labelsOf } from './bench/bench-setting.ts';
import { mayHaveBuilds, refuseChanges } from './bench/refuse-changes.ts';
import { planDeploy } from './deploy.ts';
import { reportOn } from './report.ts';
import { teardownWith } from './teardown.ts';

/** Shows the report. Called before the teardown, so that the reader need not wait for its end. */
type ShowReport = (report: CommandResult<Report>) => Promise<void>;

/**
 * The standard bench: deploys missing stacks, empties the tables, loads the routes one after the other, the runtimes
 * in turns, shows the report, and with `teardown` deletes everything. With a grid it does so in every setting, and
 * shows one report. Exit 1 if a call got an unexpected answer or rows are missing.
 *
 * After an interrupt it ends the local cloud that it started. Resources elsewhere are named, with the command that
 * deletes them. A requested teardown also runs after a failure, and that failure stays the error reported.
 *
 * @throws ShedbenchError as its parts
 */
export async function bench(asked: BenchOptions, deps: CommandDeps, show: ShowReport): Promise<ExitCode> {
  const resumed = asked.resumes ? await gridToResume(deps) : undefined;
  const options = resumed === undefined ? asked : optionsOf(resumed, asked);
  const selector = { ...options, local: isLocal(options, deps) };
  checkPriceRegion(options.priceRegion);
  requireCurve(options.grid?.memorySizesMB ?? [], options.showsCurves);
  const rules = options.failIf.map(parseFailRule);
  refuseChanges(rules, mayHaveBuilds(options));
  checkPlans(options);
  if (options.runtimes !== undefined && !mayHaveBuilds(options)) checkNames(options.runtimes, [], options);
  if (selector.teardown && !selector.local && !selector.assumeYes && !deps.interactive) {
    throw new ShedbenchError({
      code: 'needs-yes',
      message:
        'The teardown after the bench deletes the whole project, and there is no terminal on which to ask for confirmation.',
      hint: 'Add --yes',
      exitCode: EXIT.usage,
    });
  }
  const open = { startLocal: true, ...asLambdaOption(selector, 'bench', deps) };
  // If no local cloud runs, nothing is deployed there. Runtimes that can't be deployed are then refused before a
  // cloud is started.
  const plan = selector.local && !(await isCloudUp(deps)) ? await planFirst(selector, deps) : undefined;
  if (plan !== undefined) {
    refuseChanges(rules, plan.buildSets.length > 0);
    checkNames(labelsOf(plan), plan.buildSets, options);
  }
  return await withLoadMark('bench', deps, async () => {
    const session = await openSession(selector, open, deps);
    return await benchOnTarget(session, selector, rules, plan, resumed, deps, show);
  });
}

/** Plans the deploy of every architecture that is asked for, and returns the plan of the first. */
async function planFirst(options: BenchOptions, deps: CommandDeps): Promise<ArtifactsPlan> {
  const plan = await planDeploy(deployOptionsOf(options), deps);
  for (const architecture of options.grid?.architectures ?? []) {
    await planDeploy({ ...deployOptionsOf(options), architecture }, deps);
  }
  return plan;
}

/** The latest interrupted grid of this folder. @throws usageError `nothing-to-resume` if there is none */
async function gridToResume(deps: CommandDeps): Promise<GridRecord<BenchOptions>> {
  const found = await unfinishedGrid(deps.cwd, benchOptions, deps.emit);
  if (found !== undefined) return found;
  throw usageError(
    'nothing-to-resume',
    'There is no interrupted bench over several settings in this folder.',
    'shedbench bench --memory 128,512,1024 starts one',
  );
}

/** The options with which a grid was started. Options that concern only this command come from its own command line. */
function optionsOf({ options }: GridRecord<BenchOptions>, asked: BenchOptions): BenchOptions {
  return {
    ...options,
    assumeYes: options.assumeYes || asked.assumeYes,
    showsCurves: asked.showsCurves === true,
  };
}

async function benchOnTarget(
  session: Session,
  selector: BenchOptions,
  rules: readonly FailRule[],
  plan: ArtifactsPlan | undefined,
  resumed: GridRecord<BenchOptions> | undefined,
  deps: CommandDeps,
  show: ShowReport,
): Promise<ExitCode> {
  let failure: unknown;
  let result: CommandResult<Report> | undefined;
  try {
    result = await benchOn(session, selector, rules, plan, resumed, deps);
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
          message: `The local cloud keeps running, with everything deployed in it: shedbench teardown${targetFlags(selector)} ends it.`,
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

/** Warns before the bench of the parts that the report can't price, so that nobody waits for missing figures. */
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
  resumed: GridRecord<BenchOptions> | undefined,
  deps: CommandDeps,
) {
  await warnOfConcurrencyLimit(
    { parallel: options.parallel, loaders: options.from?.loaders ?? 0 },
    session,
    deps,
  );
  tellMissingPrices(options.priceRegion ?? session.target.region, deps);
  const benchId = resumed?.benchId ?? createRunId(deps);
  const played =
    options.grid === undefined
      ? await benchSetting(session, options, { benchId, ...(plan === undefined ? {} : { plan }) }, deps)
      : await benchGrid(session, options, options.grid, { benchId, resumed }, deps);
  const { runs, buildSets, failedBuilds, isPutBack } = played;
  if (deps.interrupt.first.aborted) {
    await keepRows(runs, session, options, deps);
    throw cutShort(runs, benchId, options.grid !== undefined);
  }
  const [base] = buildSets[0]?.members ?? [];
  const report = await reportOn(
    runs,
    session,
    {
      ...(base === undefined ? {} : { baseline: base }),
      ...forecastSizes(options.grid?.memorySizesMB ?? []),
      ...options,
    },
    deps,
  );
  const judged = judge(report.data, rules, buildSets.length > 0, options, deps);
  // In a grid, a size that is too small for a function is a result and no failure.
  const counted = options.grid === undefined ? runs : withoutTooSmall(runs, report.data);
  const exitCode = exitCodeOf(report, counted, failedBuilds) || judged || (isPutBack ? EXIT.ok : EXIT.aws);
  return { ...report, exitCode };
}

/** The runs without those of functions that ran out of memory. */
function withoutTooSmall(runs: readonly RunRecord[], report: Report): RunRecord[] {
  const tooSmall = new Set(report.runs.filter(ranOutOfMemory).map(({ runId }) => runId));
  return runs.filter(({ id }) => !tooSmall.has(id));
}

/**
 * Reads the REPORT rows of an interrupted bench before its local cloud ends, so that `report` can show them later. A
 * second request to stop ends this.
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

/** Applies the rules of `--fail-if` to a report, and reports the figures of each rule that does not pass. */
export function judge(
  report: Report,
  rules: readonly FailRule[],
  hasBuilds: boolean,
  options: Pick<BenchOptions, 'failIfUnsure'>,
  deps: Pick<CommandDeps, 'emit'>,
): ExitCode {
  if (rules.length === 0) return EXIT.ok;
  const named = { name: 'this bench', report };
  // Without a second build the rules can only judge the values of this report.
  const comparison = hasBuilds
    ? compareBuilds(named, { rules })
    : compareReports(named, named, { rules, force: true });
  for (const { rule, state, hits } of comparison.rules) {
    if (state === 'passed') continue;
    for (const { label, temperature, text } of hits) {
      deps.emit({
        type: 'warning',
        code: `fail-if-${state}`,
        message: `${rule}: ${state === 'failed' ? 'failed' : "can't be told"} by ${plainName(label)} (${temperature}): ${text}`,
      });
    }
  }
  return comparisonExitCode(comparison, options.failIfUnsure);
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

/** Whether a measured call or a forced cold start was not answered as the contract expects, or was not made. */
export function fellShort({ accounting, rounds, warnings }: RunRecord): boolean {
  const forced = rounds.filter(({ index }) => index < 0).map((round) => round.accounting);
  return (
    [accounting, ...forced].some(({ unexpected, errors }) => unexpected + errors > 0) ||
    warnings.some(({ code }) => code === COLD_STARTS_SHORT)
  );
}

export function cutShort(runs: readonly RunRecord[], benchId: string, isGrid: boolean): ShedbenchError {
  const cut = runs.filter(({ state }) => state !== 'complete').length;
  const kept =
    runs.length === 0
      ? 'nothing has been measured yet'
      : `${counted(runs.length, 'run is', 'runs are')} on disk, ${cut} of them interrupted`;
  return new ShedbenchError({
    code: 'interrupted',
    message: `The bench was interrupted: ${kept}.`,
    hint: isGrid
      ? 'shedbench bench --resume continues it'
      : runs.length === 0
        ? undefined
        : `shedbench report --run ${benchId}`,
    exitCode: EXIT.interrupted,
  });
}

/** Returns whether everything was deleted. */
async function tearDownAfter(session: Session, options: BenchOptions, deps: CommandDeps): Promise<boolean> {
  if (deps.interrupt.first.aborted) return false;
  // The plan is shown so that the user can agree to it. Without a question it would only push the verdict off the
  // screen.
  const isAsked = session.target.kind !== 'local' && !options.assumeYes;
  const withoutPlan: CommandDeps['emit'] = (event) => {
    if (event.type !== 'teardown-plan') deps.emit(event);
  };
  const torn = await teardownWith(
    session,
    undefined,
    { ...targetOf(options), assumeYes: options.assumeYes, retain: [] },
    isAsked ? deps : { ...deps, emit: withoutPlan },
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
