import {
  describeFunction,
  type FunctionReference,
  NO_SUCH_FUNCTION,
  parseFunctionReference,
} from '../aws/function-facts.ts';
import { type ExitCode, ShedbenchError, usageError } from '../errors.ts';
import { forecastRuns } from '../forecast/forecast-report.ts';
import { createRunId, inId } from '../load/run-record.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import { DEFAULT_SINCE } from '../model/defaults.ts';
import type { ForecastSection } from '../model/forecast.ts';
import type { Machine, Report, ReportedRun } from '../model/report.ts';
import type { Route } from '../model/route.ts';
import type { RunRecord } from '../model/run.ts';
import type { Selector } from '../model/selector.ts';
import { hasCurve, noCurve } from '../model/sweep.ts';
import { collectReport, reportExitCode } from '../report/collect-report.ts';
import { checkPriceRegion } from '../report/cost/cost.ts';
import { lambdaPricesOf } from '../report/cost/prices.ts';
import { functionOfLogGroup, type Observed, observedSubject } from '../report/observed.ts';
import { parseSince } from '../report/parse-since.ts';
import { createInsightsPort } from '../report/rows/insights-client.ts';
import { isSameTarget, type ReportSubject } from '../report/subject.ts';
import { openFunctions } from '../session/open-functions.ts';
import { openSessionOf, type Session } from '../session/session.ts';
import { findRuns } from '../store/find-runs.ts';
import { openReportFile } from '../store/report-document.ts';
import { isWhole, keepReport, keptReports } from '../store/reports.ts';
import { listRuns } from '../store/runs.ts';
import { calibrationOf } from '../targets/calibrate-core.ts';
import { localMachine } from '../targets/local-cloud-queries.ts';

export interface ReportOptions extends Selector {
  readonly runtimes?: readonly string[];
  readonly routes?: readonly Route[];
  /** Ids of runs or benches; empty: the latest run of each route and runtime. */
  readonly runIds: readonly string[];
  /**
   * All runs since this time: `2h`, `3d`. With `functions` or `logGroups` it is the start of the window; an hour ago
   * by default.
   */
  readonly since?: string;
  /** Functions whose invocations in a window are all reported, whoever made them. */
  readonly functions?: readonly string[];
  /** The same for log groups. */
  readonly logGroups?: readonly string[];
  readonly waitSeconds?: number;
  readonly baseline?: string;
  readonly priceRegion?: string;
  /** The percentiles to show, each in (0, 100). */
  readonly percentiles?: readonly number[];
  /** The report is shown as curves over memory. It is refused where no function has several sizes. */
  readonly showsCurves?: boolean;
}

const MS_PER_S = 1000;
/** The window of `--function` without `--since`. */

/**
 * Reports on runs of this folder. Exit 1 if rows are missing or the two queries disagree, 3 if the logs could not be
 * queried. The report then contains the known figures nevertheless.
 *
 * @throws ShedbenchError exit 2 if no run fits, exit 3 if the target can't be opened
 */
export async function report(options: ReportOptions, deps: CommandDeps): Promise<CommandResult<Report>> {
  checkPriceRegion(options.priceRegion);
  if (options.functions !== undefined || options.logGroups !== undefined) {
    return await reportOnFunctions(options, deps);
  }
  return await reportOnRecords(await runsToReport(options, deps), options, deps);
}

/**
 * The runs of this folder that the options select, at least one.
 *
 * @throws usageError `no-runs`, `no-such-run` if none fits; `no-sweep` if curves over memory were asked for and the
 *   runs are of one size
 */
export async function runsToReport(
  options: ReportOptions,
  deps: Pick<CommandDeps, 'cwd' | 'emit' | 'now'>,
): Promise<RunRecord[]> {
  const all = await listRuns(deps.cwd, deps.emit);
  const chosen = chooseRuns(all, options, deps);
  if (chosen.length === 0) throw noRuns(options, all.length);
  if (options.showsCurves === true && !hasCurve(chosen)) throw noCurve('This report');
  return chosen;
}

/** Reports on all invocations of functions in a window, whoever made them. */
async function reportOnFunctions(options: ReportOptions, deps: CommandDeps): Promise<CommandResult<Report>> {
  const { functions = [], logGroups = [] } = options;
  // A window mixes the calls at all sizes that a function had in it.
  if (options.showsCurves === true) throw noCurve('This report');
  const references = functions.map(wholeFunction);
  const window = {
    startEpochMs: Math.floor(parseSince(options.since ?? DEFAULT_SINCE, deps.now())),
    endEpochMs: deps.now(),
  };
  const session = await openFunctions(references, options, deps, 'read');
  try {
    const named = await Promise.all(logGroups.map((group) => functionBehind(group, session)));
    const { kind, region, endpoint } = session.target;
    const subjects = [...session.functions, ...named].map((observed: Observed) =>
      observedSubject(observed, {
        id: createRunId(deps, inId(observed.logGroupName ?? observed.reference?.name ?? '')),
        target: {
          kind,
          region,
          accountId: session.accountId,
          ...(endpoint === undefined ? {} : { endpoint }),
        },
        toolVersion: deps.toolVersion,
        window,
      }),
    );
    return await reportOn(subjects, session, options, deps);
  } finally {
    session.close();
  }
}

/** A function with all its versions. @throws usageError `bad-function` if a version is named */
function wholeFunction(text: string): FunctionReference {
  const reference = parseFunctionReference(text);
  if (reference.qualifier === undefined) return reference;
  throw usageError(
    'bad-function',
    `'${text}' names the version ${reference.qualifier}; a window has the rows of all versions.`,
    `--function ${reference.name}, or load that version: shedbench load --function ${text}`,
  );
}

/** A log group with the function after which it is named, if the function still exists. */
async function functionBehind(logGroupName: string, { clients }: Session): Promise<Observed> {
  const name = functionOfLogGroup(logGroupName);
  if (name === undefined) return { logGroupName };
  try {
    const reference = parseFunctionReference(name);
    const facts = await describeFunction(reference, clients);
    return { logGroupName, reference, ...(facts === undefined ? {} : { facts }) };
  } catch (error) {
    if (error instanceof ShedbenchError && error.code === NO_SUCH_FUNCTION) return { logGroupName };
    throw error;
  }
}

/**
 * Reads the report of a JSON file, to print it in another format. The exit code is that of its problems.
 *
 * @throws ShedbenchError exit 2: `no-such-report`, `unreadable-report`, `not-a-report`, `report-version`
 */
export async function reportOfFile(
  file: string,
  deps: Pick<CommandDeps, 'cwd'>,
): Promise<CommandResult<Report>> {
  const data = await openReportFile(file, deps.cwd);
  return { exitCode: reportExitCode(data), data };
}

/**
 * Reports on the given runs. If their local cloud has ended, with all its log groups, the kept rows of earlier
 * reports are used if they are complete.
 */
export async function reportOnRecords(
  runs: readonly RunRecord[],
  options: ReportOptions,
  deps: CommandDeps,
): Promise<CommandResult<Report>> {
  const [first] = runs;
  if (first === undefined || first.target.kind === 'url')
    return await reportOn(runs, undefined, options, deps);
  let session: Session;
  try {
    session = await openSessionOf(first, options, deps);
  } catch (error) {
    const kept = await keptReports(runs, deps);
    const isGone = error instanceof ShedbenchError && CLOUD_GONE.has(error.code);
    if (!isGone || !runs.every(({ id }) => kept.some((report) => isKept(report, id)))) throw error;
    deps.emit({
      type: 'note',
      message: 'The local cloud of these runs has ended; earlier reports kept their rows.',
    });
    return await reportOn(runs, undefined, options, deps);
  }
  try {
    return await reportOn(runs, session, options, deps);
  } finally {
    session.close();
  }
}

/** The error code of opening a local cloud that has ended. */
const CLOUD_GONE: ReadonlySet<string> = new Set(['no-local-cloud', 'local-cloud-gone']);

function isKept(report: Report, id: string): boolean {
  return report.runs.some((run) => run.runId === id && isWhole(run));
}

/** Collects the report of the runs with an open session, keeps it on disk and returns it. */
export async function reportOn(
  runs: readonly ReportSubject[],
  session: Session | undefined,
  options: Pick<ReportOptions, 'waitSeconds' | 'baseline' | 'priceRegion' | 'percentiles'> & {
    /** The memory sizes to forecast, ascending, MB; the usual ones by default. */
    readonly forecastSizesMB?: readonly number[];
  },
  deps: CommandDeps,
): Promise<CommandResult<Report>> {
  const kept = await keptReports(runs, deps);
  const machine =
    session?.target.kind === 'local'
      ? await localMachine(deps)
      : kept.find((report) => report.machine)?.machine;
  const forecast = runs.every(({ target }) => target.kind === 'local')
    ? await forecaster(runs, machine, options, deps)
    : undefined;
  // The list of runs warns of unreadable records.
  const all = await listRuns(deps.cwd, () => {});
  const data = await collectReport(
    {
      runs,
      all,
      logs: session === undefined ? undefined : createInsightsPort(await session.clients.logs()),
      ...(session?.target.endpoint === undefined ? {} : { endpoint: session.target.endpoint }),
      toolVersion: deps.toolVersion,
      ...(session?.target.profile === undefined ? {} : { profile: session.target.profile }),
      kept: kept.flatMap((report) => report.runs),
      ...(machine === undefined ? {} : { machine }),
      ...(forecast === undefined ? {} : { forecast }),
      ...(options.priceRegion === undefined ? {} : { priceRegion: options.priceRegion }),
      ...(options.baseline === undefined ? {} : { baseline: options.baseline }),
      ...(options.percentiles === undefined ? {} : { percentiles: options.percentiles }),
      ...(options.waitSeconds === undefined ? {} : { waitMs: options.waitSeconds * MS_PER_S }),
    },
    {
      emit: deps.emit,
      signal: deps.interrupt.first,
      now: deps.now,
      sleep: deps.sleep,
    },
  );
  await keepReport(data, deps);
  const exitCode: ExitCode = reportExitCode(data);
  return { exitCode, data };
}

/** Forecasts Lambda's durations for runs on the local cloud from the speed of this machine's cores. */
async function forecaster(
  runs: readonly ReportSubject[],
  machine: Machine | undefined,
  { priceRegion, forecastSizesMB: sizesMB }: { priceRegion?: string; forecastSizesMB?: readonly number[] },
  deps: CommandDeps,
): Promise<(reported: readonly ReportedRun[]) => ForecastSection> {
  const calibrations = await calibrationOf(
    [...new Set(runs.flatMap(({ lambdaRuntime }) => lambdaRuntime ?? []))],
    deps,
  );
  const region = priceRegion ?? runs[0]?.target.region;
  const prices = region === undefined ? undefined : lambdaPricesOf(region);
  return (reported) =>
    forecastRuns(reported, {
      calibrations,
      ...(sizesMB === undefined ? {} : { sizesMB }),
      ...(prices === undefined ? {} : { prices }),
      ...(machine === undefined ? {} : { os: machine.os }),
    });
}

/** The selected runs: those named, those since a time, or the latest of each route and runtime. */
export function chooseRuns(
  all: readonly RunRecord[],
  options: ReportOptions,
  clock: { readonly now: () => number },
): RunRecord[] {
  if (options.runIds.length > 0) {
    return [...new Set(options.runIds.flatMap((id) => findRuns(all, id)))];
  }
  const fitting = all.filter(
    (run) =>
      (options.project === undefined || run.project === options.project) &&
      (options.region === undefined || run.target.region === options.region) &&
      (!options.local || run.target.kind === 'local') &&
      (options.runtimes === undefined || options.runtimes.includes(run.runtime)) &&
      (options.routes === undefined || options.routes.some((route) => route === run.route)),
  );
  const newest = fitting.at(-1);
  if (newest === undefined) return [];
  const alike = fitting.filter((run) => isSameTarget(run, newest));
  if (options.since !== undefined) {
    const since = parseSince(options.since, clock.now());
    return alike.filter((run) => run.startedAtEpochMs >= since);
  }
  const latest = new Map(alike.map((run) => [`${run.runtime} ${run.route}`, run]));
  // If the latest run is of a bench over several settings, the runs of all settings of its function are selected.
  return [...latest.values()].flatMap((run) =>
    alike.filter(
      (other) => other.benchId === run.benchId && other.runtime === run.runtime && other.route === run.route,
    ),
  );
}

function noRuns(options: ReportOptions, total: number) {
  const what =
    total === 0 ? 'There are no runs in this folder yet.' : 'No run in this folder fits what was asked for.';
  return usageError(
    'no-runs',
    what,
    total === 0 ? `shedbench load --route cat${options.local ? ' --local' : ''}` : 'shedbench runs',
  );
}
