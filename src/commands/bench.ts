import { warnOfConcurrencyLimit } from '../aws/concurrency-limit.ts';
import type { ArtifactsPlan } from '../deploy/artifacts/make-artifacts.ts';
import { awsError, EXIT, type ExitCode, ShedbenchError, usageError } from '../errors.ts';
import { COLD_STARTS_SHORT } from '../load/force-cold-starts.ts';
import { isKept } from '../load/load-runs.ts';
import { createRunId } from '../load/run-record.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
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
import { forecastSizes } from '../session/measured-sizes.ts';
import { asLambdaOption, isLocal, openSession, type Session } from '../session/session.ts';
import { type GridRecord, unfinishedGrid } from '../store/grids.ts';
import { isCloudUp } from '../targets/local-cloud-queries.ts';
import { withLoadMark } from '../targets/running-loads.ts';
import { benchGrid } from './bench-grid.ts';
import { type BenchOptions, deployOptionsOf } from './bench-options.ts';
import { benchSetting } from './bench-setting.ts';
import { planDeploy } from './deploy.ts';
import { reportOn } from './report.ts';
import { teardownWith } from './teardown.ts';

/** Shows the report: before the teardown, whose end the reader need not wait for. */
type ShowReport = (report: CommandResult<Report>) => Promise<void>;

/**
 * The standard bench: deploys what is missing, empties the tables, loads route by route and within each runtime by
 * runtime, shows the report, and then with `teardown` deletes everything. With a grid it does so in every setting, and
 * shows one report. Exit 1 where a call got an unexpected answer or rows are missing.
 *
 * After an interrupt the local cloud that it started is gone; what stands elsewhere is named, with the command that
 * ends it. A teardown that was asked for also follows a failure, and never hides it.
 *
 * @throws ShedbenchError as its parts
 */
export async function bench(asked: BenchOptions, deps: CommandDeps, show: ShowReport): Promise<ExitCode> {
  const resumed = asked.resumes ? await gridToResume(deps) : undefined;
  const options = resumed === undefined ? asked : optionsOf(resumed, asked);
  const selector = { ...options, local: isLocal(options, deps) };
  checkPriceRegion(options.priceRegion);
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
  const plan = selector.local && !(await isCloudUp(deps)) ? await planFirst(selector, deps) : undefined;
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

/** The latest grid of this folder that was cut short. @throws usageError `nothing-to-resume` where there is none */
async function gridToResume(deps: CommandDeps): Promise<GridRecord> {
  const found = await unfinishedGrid(deps.cwd, deps.emit);
  if (found !== undefined) return found;
  throw usageError(
    'nothing-to-resume',
    'No bench over several settings was cut short in this folder.',
    'shedbench bench --memory 128,512,1024 starts one',
  );
}

/** The options that a grid was started with; what is only about this command is taken from now. */
function optionsOf({ options }: GridRecord, asked: BenchOptions): BenchOptions {
  // Written by this command alone; its record was checked when it was read.
  const before = JSON.parse(options) as BenchOptions;
  return { ...before, assumeYes: before.assumeYes || asked.assumeYes };
}

async function benchOnTarget(
  session: Session,
  selector: BenchOptions,
  rules: readonly FailRule[],
  plan: ArtifactsPlan | undefined,
  resumed: GridRecord | undefined,
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
  resumed: GridRecord | undefined,
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
  refuseChanges(rules, buildSets.length > 0);
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
  // In a grid a size that is too small for a function is a result.
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
export function judge(
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
        message: `${rule}: ${state === 'failed' ? 'failed' : 'can not be told'} by ${plainName(label)} (${temperature}): ${text}`,
      });
    }
  }
  return comparisonExitCode(comparison, options.failIfUnsure);
}

/** A change needs two builds to be one between. */
export function refuseChanges(rules: readonly FailRule[], hasBuilds: boolean): void {
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
      ? 'nothing was measured yet'
      : `${runs.length} ${runs.length === 1 ? 'run is' : 'runs are'} on disk, ${cut} of them cut short`;
  return new ShedbenchError({
    code: 'interrupted',
    message: `The bench was interrupted: ${kept}.`,
    hint: isGrid
      ? 'shedbench bench --resume goes on with it'
      : runs.length === 0
        ? undefined
        : `shedbench report --run ${benchId}`,
    exitCode: EXIT.interrupted,
  });
}

/** True once everything is gone. */
async function tearDownAfter(session: Session, options: BenchOptions, deps: CommandDeps): Promise<boolean> {
  if (deps.interrupt.first.aborted) return false;
  // The plan is there to be agreed to. Where nothing is asked it would only push the verdict off the screen.
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
