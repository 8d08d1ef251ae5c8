import { EXIT, type ShedbenchError } from '../errors.ts';
import { groupThousands as count, counted } from '../model/number-text.ts';
import type { Completeness, CrossCheck, MachineDoubt, ReportProblem, RunRatio } from '../model/report.ts';
import { runLabel } from '../model/run-name.ts';
import { shortfallText } from '../model/run-work.ts';
import { ASK_AGAIN, LOGS_FAILURES } from './rows/logs-failure.ts';
import type { ColdStartKinds } from './rows/samples.ts';
import { isLoaded, type LoadedSubject, type ReportSubject } from './subject.ts';
import { doubtText, hasNeighbours } from './verdict/machine-doubt.ts';

/**
 * From this difference of the clocks on a warning says so, because a reader then sees that times of client and server
 * differ.
 */
const CLOCK_OFF_MS = 60_000;
/** How many differences a message names. The report's JSON contains all of them. */
const NAMED_DIFFERENCES = 3;

/** `1,990 to 2,000`, or `2,000` if both ends are equal. */
function expectedText({ min, max }: { readonly min: number; readonly max: number }): string {
  return min === max ? count(max) : `${count(min)} to ${count(max)}`;
}

/** The problem of a run whose rows could not be queried. */
export function failureProblem(failure: ShedbenchError, runId: string): ReportProblem {
  return {
    code: failure.code,
    severity: 'error',
    exitCode: EXIT.aws,
    message: failure.message,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    runIds: [runId],
  };
}

/** The problem of missing or additional rows. Undefined if there are as many as expected. */
export function completenessProblem(
  run: ReportSubject,
  { verdict, found, expected, missing, foreign }: Completeness,
  waitedMs: number,
): ReportProblem | undefined {
  const label = runLabel(run);
  if (expected === undefined) return undefined;
  if (verdict === 'short') {
    return {
      code: 'rows-missing',
      severity: 'error',
      exitCode: EXIT.fellShort,
      message: `${label}: ${count(found)} of ${expectedText(expected)} REPORT rows ${waitedMs < 1000 ? 'are there' : `came within ${Math.round(waitedMs / 1000)} s`}; ${counted(missing, 'is', 'are')} missing, and the figures are of the others`,
      hint: `Ask again later, and longer: shedbench report --run ${run.id} --wait 900`,
      runIds: [run.id],
    };
  }
  if (verdict === 'foreign') {
    return {
      code: 'foreign-traffic',
      severity: 'warning',
      exitCode: EXIT.ok,
      message: `${label}: the run's window has ${counted(found, 'REPORT row')}, of which at most ${count(expected.max)} are its own; ${counted(foreign, 'is', 'are')} foreign traffic, and the figures include them`,
      hint: 'Find out who else calls the function, then load again',
      runIds: [run.id],
    };
  }
  return undefined;
}

/** The problem of a function whose log group shows no call in the window of a report. */
export function noInvocations(run: ReportSubject, logGroupName: string): ReportProblem {
  const at = (epochMs: number) => `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return {
    code: 'no-rows',
    severity: 'error',
    exitCode: EXIT.fellShort,
    message: `${runLabel(run)}: ${logGroupName} has no REPORT row from ${at(run.window.startEpochMs)} to ${at(run.window.endEpochMs)}: nothing called the function, or it logs to another group or only above INFO`,
    hint: 'A longer window, such as --since 1d, or --log-group where it logs to',
    runIds: [run.id],
  };
}

/** The warning about requests with more than one row. Undefined if there are none. */
export function duplicatesProblem(
  run: ReportSubject,
  { duplicates, found }: Completeness,
): ReportProblem | undefined {
  if (duplicates === 0) return undefined;
  if (duplicates === found && found > 1) {
    return {
      code: 'duplicate-log',
      severity: 'warning',
      exitCode: EXIT.ok,
      message: `${runLabel(run)}: the log group contains every REPORT row twice; each request counts once`,
      hint: 'Look for what writes the lines a second time: a subscription that copies them back, or an extension',
      runIds: [run.id],
    };
  }
  return {
    code: 'duplicate-rows',
    severity: 'warning',
    exitCode: EXIT.ok,
    message: `${runLabel(run)}: CloudWatch Logs has ${counted(duplicates, 'REPORT row')} twice; each request counts once`,
    runIds: [run.id],
  };
}

/** Warnings about cold starts of unusual kinds. They count as cold in every figure. */
export function coldStartProblems(run: ReportSubject, kinds: ColdStartKinds | undefined): ReportProblem[] {
  if (kinds === undefined) return [];
  const label = runLabel(run);
  const of = (found: number) => `${count(found)} of ${counted(kinds.all, 'cold start')}`;
  const was = (found: number) => (found === 1 ? 'was' : 'were');
  const warning = (code: string, found: number, message: string): ReportProblem[] =>
    found === 0
      ? []
      : [{ code, severity: 'warning', exitCode: EXIT.ok, message: `${label}: ${message}`, runIds: [run.id] }];
  return [
    ...warning(
      'init-repeated',
      kinds.failedInit,
      `in ${of(kinds.failedInit)} the init failed (INIT_REPORT) and was repeated inside the invocation; such a start counts as cold, with the time of both`,
    ),
    ...warning(
      'restored-starts',
      kinds.restored,
      `${of(kinds.restored)} ${was(kinds.restored)} restored by SnapStart; Init is then the Restore Duration, and Billed Restore Duration is billed`,
    ),
    ...warning(
      'init-not-billed',
      kinds.initNotBilled,
      `${of(kinds.initNotBilled)} ${was(kinds.initNotBilled)} billed for less than Init Duration + Duration, as with provisioned concurrency, whose own price is in no figure`,
    ),
  ];
}

/** The error about rows that could not be read. Undefined if all could be read. */
export function unreadableProblem(
  run: ReportSubject,
  unreadable: { readonly count: number; readonly first?: ShedbenchError } | undefined,
): ReportProblem | undefined {
  if (unreadable?.first === undefined) return undefined;
  return {
    code: LOGS_FAILURES.unreadable,
    severity: 'error',
    exitCode: EXIT.fellShort,
    message: `${runLabel(run)}: ${counted(unreadable.count, 'REPORT row')} could not be read and ${unreadable.count === 1 ? 'is' : 'are'} in no figure: ${unreadable.first.message}`,
    ...(unreadable.first.hint === undefined ? {} : { hint: unreadable.first.hint }),
    runIds: [run.id],
  };
}

/** The error about two queries with different results. Undefined if they agree. */
export function crossCheckProblem(run: ReportSubject, check: CrossCheck): ReportProblem | undefined {
  if (check.state !== 'disagrees') return undefined;
  const named = check.differences
    .slice(0, NAMED_DIFFERENCES)
    .map(
      ({ temperature, statistic, aggregate, rows }) =>
        `${temperature} ${statistic} ${aggregate} against ${rows}`,
    );
  const more = check.differences.length - named.length;
  return {
    code: 'queries-disagree',
    severity: 'error',
    exitCode: EXIT.fellShort,
    message: `${runLabel(run)}: the aggregate query and the rows disagree: ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
    hint: ASK_AGAIN,
    runIds: [run.id],
  };
}

/** The code of the warning with which a report begins if it is present. */
export const MACHINE_MOVED = 'machine-moved';

/** The warning that the machine was not steady enough. Empty if it was steady, or if no difference depends on it. */
export function machineProblems(
  doubt: MachineDoubt | undefined,
  ratios: readonly RunRatio[],
): ReportProblem[] {
  if (doubt === undefined) return [];
  if (!ratios.some(({ withinDoubt }) => withinDoubt) && !hasNeighbours(doubt)) return [];
  return [
    {
      code: MACHINE_MOVED,
      severity: 'warning',
      exitCode: EXIT.ok,
      message: `The machine was not steady: ${doubtText(doubt)}. No difference of less than ${Math.ceil(doubt.share * 100)} % is claimed`,
      hint: 'Close other programs, then bench again',
      runIds: [],
    },
  ];
}

/**
 * The error about calls that were not answered as the contract expects. Empty if all were.
 * @param isTooSmall the memory size was too small for the function, among several: a result, so that it is a warning
 */
function shortfallProblems(run: LoadedSubject, isTooSmall: boolean): ReportProblem[] {
  const { accounting } = run;
  const shortfall = shortfallText(accounting);
  if (shortfall === undefined) return [];
  const isExpected = (status: string) =>
    run.plan.requests.every(({ expectedStatuses }) => expectedStatuses.includes(Number(status)));
  const outcomes = [
    ...Object.entries(accounting.attemptsByStatus).filter(([status]) => !isExpected(status)),
    ...Object.entries(accounting.attemptsByError),
  ].map(([name, attempts]) => `${name}: ${count(attempts)}`);
  if (isTooSmall) {
    return [
      {
        code: 'out-of-memory',
        severity: 'warning',
        exitCode: EXIT.ok,
        message: `${runLabel(run)} ran out of memory at ${run.memorySizeMB} MB: ${shortfall} (${outcomes.join(', ')})`,
        runIds: [run.id],
      },
    ];
  }
  return [
    {
      code: 'unexpected-answers',
      severity: 'error',
      exitCode: EXIT.fellShort,
      message: `${runLabel(run)}: ${shortfall} (${outcomes.join(', ')}); the run is not priced and not compared`,
      runIds: [run.id],
    },
  ];
}

/**
 * The problems of a run: those of reading its rows, its unexpected answers, its early end, and the warnings of its
 * load.
 * @param isTooSmall the memory size was too small for the function, among several that were measured
 */
export function runProblems(
  run: ReportSubject,
  met: readonly ReportProblem[],
  isTooSmall = false,
): ReportProblem[] {
  if (!isLoaded(run)) return [...met];
  const label = runLabel(run);
  const calls = counted(run.accounting.calls, 'call');
  const ended: ReportProblem[] =
    run.state === 'complete'
      ? []
      : [
          {
            code: `run-${run.state}`,
            severity: 'warning',
            exitCode: EXIT.ok,
            message:
              run.state === 'interrupted'
                ? `${label}: the run was interrupted after ${calls}`
                : `${label}: the run was given up after ${calls}, since no connection could be opened`,
            runIds: [run.id],
          },
        ];
  const warned = run.warnings.map(
    ({ code, message, hint }): ReportProblem => ({
      code,
      severity: 'warning',
      exitCode: EXIT.ok,
      message: `${label}: ${message}`,
      ...(hint === undefined ? {} : { hint }),
      runIds: [run.id],
    }),
  );
  return [...met, ...shortfallProblems(run, isTooSmall), ...ended, ...warned];
}

/** The warning about this machine's clock, if it was wrong during the runs. */
export function clockProblems(runs: readonly ReportSubject[]): ReportProblem[] {
  const off = runs.filter(({ clockOffsetMs }) => Math.abs(clockOffsetMs) >= CLOCK_OFF_MS);
  const worst = Math.max(0, ...off.map(({ clockOffsetMs }) => Math.abs(clockOffsetMs)));
  const [sample] = off;
  if (sample === undefined) return [];
  const direction = sample.clockOffsetMs > 0 ? 'ahead of' : 'behind';
  return [
    {
      code: 'clock-off',
      severity: 'warning',
      exitCode: EXIT.ok,
      message: `This machine's clock was ${Math.round(worst / 60_000)} min ${direction} the server's; windows and times here are the server's`,
      hint: 'timedatectl set-ntp true',
      runIds: off.map(({ id }) => id),
    },
  ];
}

/** Merges problems of the same code and message into one that names all their runs. */
export function mergeProblems(problems: readonly ReportProblem[]): ReportProblem[] {
  const merged = new Map<string, ReportProblem>();
  for (const problem of problems) {
    const key = `${problem.code} ${problem.message}`;
    const before = merged.get(key);
    merged.set(
      key,
      before === undefined ? problem : { ...before, runIds: [...before.runIds, ...problem.runIds] },
    );
  }
  return [...merged.values()];
}
