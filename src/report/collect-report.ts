import pLimit from 'p-limit';
import { EXIT, usageError } from '../errors.ts';
import type { ForecastSection } from '../model/forecast.ts';
import { computedPercentiles, DEFAULT_PERCENTILES } from '../model/percentiles.ts';
import {
  type Machine,
  REPORT_EXIT_CODES,
  REPORT_SCHEMA,
  type Report,
  type ReportExitCode,
  type ReportedRun,
  type ServerSide,
} from '../model/report.ts';
import type { RunRecord } from '../model/run.ts';
import { runLabel } from '../model/run-name.ts';
import { ranOutOfMemory } from '../model/run-work.ts';
import { settleAll } from '../model/settle-all.ts';
import { costSection } from './cost/cost.ts';
import type { ReportDeps } from './deps.ts';
import { clockProblems, machineProblems, mergeProblems, runProblems } from './problems.ts';
import { type AwaitedRun, awaitRows, type MeasurableRun, QUERIES_AT_ONCE } from './rows/await-rows.ts';
import { clientSide } from './rows/client-side.ts';
import { forcedColdStarts } from './rows/forced-cold-starts.ts';
import { defaultWaitMs, insightsAccess } from './rows/insights-access.ts';
import type { InsightsPort } from './rows/insights-port.ts';
import { CLOUD_GONE, preferKept } from './rows/kept-figures.ts';
import { type MeasuredRun, measureRun } from './rows/measure-run.ts';
import { runFromElsewhere } from './rows/other-origin.ts';
import { scopeOf } from './rows/query-scope.ts';
import { aggregateQuery, rowsQuery } from './rows/query-text.ts';
import { isLoaded, isSameTarget, type ReportSubject } from './subject.ts';
import { sweepOf } from './sweep/sweep.ts';
import { checkBaseline, chooseBaseline } from './verdict/baseline.ts';
import { machineDoubt } from './verdict/machine-doubt.ts';
import { notesOf } from './verdict/notes.ts';
import { speedRatios } from './verdict/ratios.ts';
import { standingsOf } from './verdict/standings.ts';
import { verdictOf } from './verdict/verdict.ts';
import { workProblems } from './verdict/work.ts';

/**
 * The largest number of rows that are read one by one, about 50 bytes each. For longer runs only the aggregate query
 * is sent.
 */
const DEFAULT_MAX_ROWS = 2_000_000;

export interface CollectInput {
  /** Runs, or windows of functions. At least one, all of one target and project; shown in the order given. */
  readonly runs: readonly ReportSubject[];
  /**
   * CloudWatch Logs of the runs' target. Undefined if it can't be queried (`load --url`, or a local cloud that has
   * stopped).
   */
  readonly logs: InsightsPort | undefined;
  /** The endpoint of `logs` if it is not AWS. Runs of a local cloud with another endpoint can't be queried. */
  readonly endpoint?: string;
  readonly toolVersion: string;
  /** The profile of the credentials, for the hint of an error. */
  readonly profile?: string;
  /** Every run of the folder, the oldest first. It shows whether the same work was also sent from another place. */
  readonly all?: readonly RunRecord[];
  /** The runs of earlier reports. They are used if the rows no longer exist. */
  readonly kept?: readonly ReportedRun[];
  /** The machine of a local cloud. */
  readonly machine?: Machine;
  /** The region whose prices are used. By default the region of the runs. */
  readonly priceRegion?: string;
  /** The runtime with which the others are compared; by default the slowest. */
  readonly baseline?: string;
  /** The percentiles to show, each in (0, 100); 50, 90 and 99 by default. */
  readonly percentiles?: readonly number[];
  /** The longest wait for rows, ms; by default `defaultWaitMs`. */
  readonly waitMs?: number;
  /** `DEFAULT_MAX_ROWS` by default. */
  readonly maxRows?: number;
  /** Forecasts Lambda's durations for the runs. Used for runs on the local cloud. */
  readonly forecast?: (runs: readonly ReportedRun[]) => ForecastSection;
}

/**
 * Creates the report of the runs: sends two queries for their REPORT lines, and waits until all lines exist. A
 * failure of a query is one of the report's `problems`; everything measured stays in the report. `reportExitCode`
 * returns the exit code for the report.
 * @throws usageError `no-runs`, `mixed-runs`, `unknown-baseline`; the abort's reason when aborted
 */
export async function collectReport(input: CollectInput, deps: ReportDeps): Promise<Report> {
  const { runs: records } = input;
  const first = checkedFirst(records);
  // A wrong baseline is refused before the wait for rows, which can take minutes.
  checkBaseline(
    records.map(({ runtime }) => runtime),
    input.baseline,
  );
  const percentiles = computedPercentiles(input.percentiles ?? []);
  const asked = await measureAll(input, first, percentiles, deps);
  const measured = new Map(
    records.flatMap((record) => {
      const known = preferKept(record, asked.get(record.id), input.kept ?? [], percentiles);
      return known === undefined ? [] : [[record.id, known] as const];
    }),
  );
  const runs = records.map((record) =>
    reportedRun(record, measured.get(record.id), percentiles, runFromElsewhere(record.id, input.all ?? [])),
  );
  const forecast = first.target.kind === 'local' ? input.forecast?.(runs) : undefined;
  return {
    ...identity(input, first, runs, forecast, deps),
    ...findings(input, records, runs, measured, forecast),
  };
}

/** The measured figures, with their place and time. */
function identity(
  input: CollectInput,
  first: ReportSubject,
  runs: readonly ReportedRun[],
  forecast: ForecastSection | undefined,
  deps: ReportDeps,
) {
  const shown = [...new Set(input.percentiles ?? DEFAULT_PERCENTILES)].sort((a, b) => a - b);
  return {
    schema: REPORT_SCHEMA,
    toolVersion: input.toolVersion,
    createdAtEpochMs: deps.now(),
    measured: {
      fromEpochMs: Math.min(...runs.map(({ window }) => window.startEpochMs)),
      toEpochMs: Math.max(...runs.map(({ window }) => window.endEpochMs)),
    },
    target: first.target,
    ...(first.project === undefined ? {} : { project: first.project }),
    ...(input.machine === undefined ? {} : { machine: input.machine }),
    percentiles: shown,
    queries: {
      aggregate: aggregateQuery(scopeOf(first), computedPercentiles(shown)),
      rows: rowsQuery(scopeOf(first)),
    },
    notes: [
      ...notesOf(runs, shown),
      ...(forecast?.state === 'none' ? [`There is no forecast for Lambda: ${forecast.reason}.`] : []),
    ],
  } satisfies Partial<Report>;
}

/** The conclusions from the runs: ratios, costs, problems, and the sentences of the verdict. */
function findings(
  input: CollectInput,
  records: readonly ReportSubject[],
  runs: readonly ReportedRun[],
  measured: ReadonlyMap<string, MeasuredRun>,
  forecast: ForecastSection | undefined,
) {
  const { target } = checkedFirst(records);
  const baseline = chooseBaseline(runs, input.baseline);
  // On AWS the functions run on other machines, so the steadiness of this machine does not affect their durations.
  const doubt = target.kind === 'local' ? machineDoubt(runs) : undefined;
  const conditions = { hosts: target.kind === 'local' ? 'one' : 'many', doubt } as const;
  const ratios = speedRatios(runs, baseline, conditions);
  const standings = standingsOf(runs, conditions);
  const cost = costSection(runs, records, input.priceRegion ?? target.region);
  const sweep = sweepOf(runs, cost);
  // Among several memory sizes, one that is too small for a function is a result.
  const tooSmall = new Set(sweep === undefined ? [] : runs.filter(ranOutOfMemory).map(({ runId }) => runId));
  return {
    runs,
    ...(doubt === undefined ? {} : { machineDoubt: doubt }),
    ...(baseline === undefined ? {} : { baseline }),
    ratios,
    standings,
    cost,
    ...(sweep === undefined ? {} : { sweep }),
    ...(forecast === undefined ? {} : { forecast }),
    verdict: verdictOf({
      target,
      runs,
      standings,
      cost,
      ...(sweep === undefined ? {} : { sweep }),
      ...(forecast === undefined ? {} : { forecast }),
      ...(doubt === undefined ? {} : { machineDoubt: doubt }),
    }),
    problems: mergeProblems([
      ...machineProblems(doubt, [...ratios, ...standings.flatMap(({ rivals }) => rivals)]),
      ...clockProblems(records),
      ...workProblems(runs, baseline),
      ...records.flatMap((record) =>
        runProblems(record, measured.get(record.id)?.problems ?? [], tooSmall.has(record.id)),
      ),
    ]),
  } satisfies Partial<Report>;
}

/** The exit code of a report: 0 if it is complete and both queries agree, 1 if it is incomplete, 3 if AWS failed. */
export function reportExitCode({ problems }: Pick<Report, 'problems'>): ReportExitCode {
  return REPORT_EXIT_CODES.findLast((code) => problems.some(({ exitCode }) => exitCode === code)) ?? EXIT.ok;
}

function checkedFirst(records: readonly ReportSubject[]): ReportSubject {
  const [first] = records;
  if (first === undefined) {
    throw usageError('no-runs', 'There is no run to report on', 'shedbench load --route cat');
  }
  const identityOf = ({ target, project }: ReportSubject) =>
    [target.kind, target.region, target.accountId, target.endpoint, project]
      .map((part) => part ?? '-')
      .join(' ');
  const other = records.find((record) => !isSameTarget(record, first));
  if (other !== undefined) {
    throw usageError(
      'mixed-runs',
      `The runs ${first.id} and ${other.id} are of different targets or projects (${identityOf(first)}; ${identityOf(other)})`,
      'Report them one by one, then shedbench compare',
    );
  }
  return first;
}

async function measureAll(
  input: CollectInput,
  first: ReportSubject,
  percentiles: readonly number[],
  deps: ReportDeps,
): Promise<Map<string, MeasuredRun>> {
  const { logs } = input;
  const targets = input.runs.flatMap((run): MeasurableRun[] =>
    run.logGroupName === undefined || run.target.kind === 'url'
      ? []
      : [{ run, logGroupName: run.logGroupName, percentiles }],
  );
  const measured = new Map<string, MeasuredRun>();
  if (logs === undefined || targets.length === 0) return measured;
  for (const { run } of targets) if (isGone(run, input)) measured.set(run.id, goneRun(run));
  const access = insightsAccess(first.target, logs, input.profile);
  const waitMs = input.waitMs ?? defaultWaitMs(first.target);
  const there = targets.filter(({ run }) => !measured.has(run.id));
  const awaited: AwaitedRun[] = await awaitRows(access, there, waitMs, deps);
  let rowsLeft = input.maxRows ?? DEFAULT_MAX_ROWS;
  const limit = pLimit(QUERIES_AT_ONCE);
  await settleAll(
    awaited.map((run) => {
      const withRows = run.aggregate.rows <= rowsLeft;
      if (withRows) rowsLeft -= run.aggregate.rows;
      return limit(async () => {
        measured.set(run.run.id, await measureRun(access, run, withRows, deps));
      });
    }),
  );
  return measured;
}

/** Whether a run was made in a local cloud that has ended, so that it can't be queried. */
function isGone({ target }: ReportSubject, { endpoint }: CollectInput): boolean {
  return target.kind === 'local' && endpoint !== undefined && target.endpoint !== endpoint;
}

function goneRun(run: ReportSubject): MeasuredRun {
  const reason = 'the local cloud that it was made in is gone, with its log groups';
  return {
    server: { state: 'unavailable', code: CLOUD_GONE, reason },
    problems: [
      {
        code: CLOUD_GONE,
        severity: 'error',
        exitCode: EXIT.fellShort,
        message: `${runLabel(run)}: ${reason}`,
        hint: 'Measure it again',
        runIds: [run.id],
      },
    ],
  };
}

function reportedRun(
  record: ReportSubject,
  measured: MeasuredRun | undefined,
  percentiles: readonly number[],
  elsewhere: RunRecord | undefined,
): ReportedRun {
  const server: ServerSide = measured?.server ?? {
    state: 'unavailable',
    ...(record.logGroupName === undefined || record.target.kind === 'url'
      ? {
          code: 'no-log-group',
          reason: 'the load called a URL: the function behind it and its log group are unknown',
        }
      : { code: 'not-asked', reason: 'CloudWatch Logs could not be queried' }),
  };
  const optional = <K extends keyof ReportSubject>(key: K) =>
    record[key] === undefined ? {} : ({ [key]: record[key] } as Pick<ReportSubject, K>);
  const memorySizeMB = record.memorySizeMB ?? measured?.memorySizeMB;
  const coldStarts = forcedColdStarts(record, server);
  return {
    runId: record.id,
    benchId: record.benchId,
    state: record.state,
    label: runLabel(record),
    runtime: record.runtime,
    route: record.route,
    ...optional('functionName'),
    ...optional('logGroupName'),
    ...optional('lambdaRuntime'),
    ...optional('architecture'),
    ...(memorySizeMB === undefined ? {} : { memorySizeMB }),
    ...optional('artifactSha256'),
    ...optional('bundle'),
    ...optional('templateSha256'),
    toolVersion: record.toolVersion,
    ...optional('plan'),
    window: { startEpochMs: record.window.startEpochMs, endEpochMs: record.window.endEpochMs },
    elapsedMs: record.elapsedMs,
    rounds: record.rounds.map(({ index, turn, startEpochMs, endEpochMs, accounting }) => ({
      index,
      turn,
      startEpochMs,
      endEpochMs,
      calls: accounting.calls,
    })),
    ...optional('machine'),
    ...optional('interpreter'),
    ...optional('enforcedCpu'),
    ...optional('sheep'),
    ...(coldStarts === undefined ? {} : { coldStarts }),
    server,
    ...(measured?.invocations === undefined ? {} : { invocations: measured.invocations }),
    ...(isLoaded(record) ? { client: clientSide(record, percentiles, elsewhere) } : {}),
  };
}
