import { counted, groupThousands } from '../../model/number-text.ts';
import {
  type Accounting,
  type ConnectionCounts,
  type FleetRecord,
  type LoaderLossReason,
  type LoadPlan,
  MAX_PARALLEL,
  type RunWarning,
  type UnexpectedSample,
} from '../../model/run.ts';
import { explainWireError, isOpenFileLimit, isPortShortage } from '../wire/wire-error.ts';
import { attempts, explainInvokes, explainRedirects, explainThrottling } from './explain-answers.ts';
import { MIN_STANDSTILL_MS } from './judge-instrument.ts';

const MAX_ERRORS_EXPLAINED = 3;
/** Below this share of late calls there is no warning. A stall or two shows in the latencies. */
const LATE_SHARE = 0.2;
/** How the contract refuses a sheep whose tattoo is in the shed. */
const ALREADY_THERE = 'Sheep already in the shed';
/** More connections are needed than are busy on average, because calls vary. */
const SPARE_CONNECTIONS = 1.25;

/** The facts about a run from which its warnings follow. */
interface RunFacts {
  readonly plan: LoadPlan;
  readonly accounting: Accounting;
  /** Open loop: how many calls were sent late that were due while all connections were in use. */
  readonly lateForConnections: number;
  /** Host and port. */
  readonly where: string;
  /** Whether the requests surely go to Lambda. */
  readonly isLambda: boolean;
  /** The error kind because of which the load was given up. */
  readonly gaveUp: string | undefined;
  /** Whether the largest number for `{n}` was used before the plan was fulfilled. */
  readonly numbersExhausted: boolean;
  /** Failed connections by error kind, including those that failed no call. */
  readonly connectErrors: Readonly<Record<string, number>>;
  readonly connections: ConnectionCounts;
  /** How many connections this machine's limit of open files allowed. The plan's number if that was not limited. */
  readonly connectionsAllowed: number;
  /** The longest pause asked for by Retry-After because of which a call was not retried, ms. */
  readonly refusedPauseMs: number;
  /** Why the file of calls is incomplete. */
  readonly callFileTrouble: string | undefined;
  /** For how long the load generator stood still in the measured part, ms. */
  readonly stoodStillMs: number;
  /** By how much the wall clock was set forward during the run, ms. Negative if it was set back. */
  readonly clockStepMs: number;
  /** The calls of the warm-up that were given up after their timeout. */
  readonly warmupTimeouts: number;
  /** The condition that ended the load early. */
  readonly stoppedBy: string | undefined;
  /** What each loader did. Undefined if this machine sent the load. */
  readonly fleet: FleetRecord | undefined;
  /** The mean service time of attempts, ms. 0 if nothing was answered. */
  readonly meanServiceMs: number;
  /** The first distinct unexpected answers. */
  readonly samples: readonly UnexpectedSample[];
}

/** Lists what a reader should know about a run with problems, most severe first. */
export function explainRun(run: RunFacts): RunWarning[] {
  const { accounting, plan, samples } = run;
  const losses = explainLosses(run.fleet);
  return [
    ...losses.warnings,
    ...explainEnd(run),
    ...explainErrors(run),
    ...explainWarmup(run),
    ...explainConnecting(run),
    ...explainUnsolicited(run),
    ...explainClocks(run),
    ...explainSheep(plan, samples),
    ...explainThrottling(accounting, plan, run.isLambda),
    ...explainInvokes(accounting, plan, samples),
    ...explainRedirects(accounting, plan, samples),
    ...explainDelays(run, accounting.notSent - losses.notSent),
    ...explainNumbers(run),
    ...explainRefusedPause(run),
    ...explainCallFile(run),
  ];
}

function explainWarmup({ warmupTimeouts }: RunFacts): RunWarning[] {
  if (warmupTimeouts === 0) return [];
  return [
    {
      code: 'warmup-timeouts',
      message: `${counted(warmupTimeouts, 'call')} of the warm-up got no answer in time. The server may have worked on them beside the measured calls.`,
      hint: 'A longer --timeout',
    },
  ];
}

/** Warnings about a load that ended before its plan was fulfilled. */
function explainEnd({ stoppedBy, gaveUp, where, accounting }: RunFacts): RunWarning[] {
  const warnings: RunWarning[] = [];
  if (stoppedBy !== undefined) {
    warnings.push({
      code: 'stopped-early',
      message: `The load was ended early: ${stoppedBy} was certain to hold.`,
    });
  }
  if (gaveUp !== undefined) {
    // The warning about failed attempts explains the error, if any attempt failed.
    const explanation = gaveUp in accounting.attemptsByError ? undefined : explainWireError(gaveUp, where);
    warnings.push({
      code: 'target-unreachable',
      message: `No connection to ${where} could be opened (${gaveUp}): the load was given up.${explanation === undefined ? '' : ` ${explanation.message}`}`,
      ...(explanation?.hint === undefined ? {} : { hint: explanation.hint }),
    });
  }
  return warnings;
}

/** One warning for each of the most frequent error kinds of attempts. */
function explainErrors(run: RunFacts): RunWarning[] {
  const { accounting, where } = run;
  const errors = Object.entries(accounting.attemptsByError)
    // One warning says how many connections this machine allowed, and what allows more.
    .filter(([kind]) => !(isLimited(run) && isMachineLimit(kind)))
    .sort(([, a], [, b]) => b - a);
  return errors.slice(0, MAX_ERRORS_EXPLAINED).map(([kind, count]) => {
    const explanation = explainWireError(kind, where);
    return {
      code: `error-${kind}`,
      message: `${attempts(count)} ended in ${kind}${explanation === undefined ? '.' : `. ${explanation.message}`}`,
      ...(explanation?.hint === undefined ? {} : { hint: explanation.hint }),
    };
  });
}

/** Warnings about connections that could not be opened, although no attempt of a call failed for that reason. */
function explainConnecting(run: RunFacts): RunWarning[] {
  const { accounting, where } = run;
  const warnings = isLimited(run) ? [limitOfConnections(run)] : [];
  for (const [kind, count] of Object.entries(run.connectErrors)) {
    if (kind in accounting.attemptsByError || (isLimited(run) && isMachineLimit(kind))) continue;
    const explanation = explainWireError(kind, where);
    const others = run.connections.opened > 0 ? '; the calls used others.' : '.';
    warnings.push({
      code: `connect-${kind}`,
      message: `${counted(count, 'connection')} to ${where} could not be opened (${kind})${others}`,
      ...(explanation?.hint === undefined ? {} : { hint: explanation.hint }),
    });
  }
  return warnings;
}

/** Whether this machine allowed fewer connections than planned. */
function isLimited({ plan, connectionsAllowed }: RunFacts): boolean {
  return connectionsAllowed < plan.parallel;
}

function allBusy(run: RunFacts): string {
  const { connectionsAllowed } = run;
  const { parallel } = run.plan;
  if (isLimited(run)) {
    return connectionsAllowed === 1
      ? 'the only connection that this machine allows was in use'
      : `all ${groupThousands(connectionsAllowed)} connections that this machine allows were in use`;
  }
  return parallel === 1
    ? 'its only connection was in use'
    : `all ${groupThousands(parallel)} connections were in use`;
}

/**
 * Warnings about calls of an open loop that were sent late or not at all. @param notSent without the calls of lost
 * loaders
 */
function explainDelays(run: RunFacts, notSent: number): RunWarning[] {
  const { accounting, plan } = run;
  const { opened } = run.connections;
  const hint = isLimited(run) ? machineLimit(run).remedy : connectionsHint(run);
  if (notSent > 0) {
    const planned = `${counted(notSent, 'planned call was', 'planned calls were')} not sent`;
    if (opened === 0) return [{ code: 'not-sent', message: `${planned}: no connection was ever open.` }];
    return [{ code: 'not-sent', message: `${planned}: ${allBusy(run)}.`, hint }];
  }
  const late = accounting.calls > 0 ? run.lateForConnections / accounting.calls : 0;
  // After a standstill all calls that were due are late, and its own warning says so.
  if (
    notSent < 0 ||
    late <= LATE_SHARE ||
    opened < Math.min(plan.parallel, run.connectionsAllowed) ||
    run.stoodStillMs >= MIN_STANDSTILL_MS
  ) {
    return [];
  }
  return [
    {
      code: 'sent-late',
      message: `${Math.round(late * 100)} % of the calls were sent late, because ${allBusy(run)}. The rate was lower than planned, and the latencies include the wait.`,
      hint,
    },
  ];
}

function explainNumbers({ numbersExhausted }: RunFacts): RunWarning[] {
  if (!numbersExhausted) return [];
  return [
    {
      code: 'numbers-exhausted',
      message: 'The load ended before its time: the largest number of a call, 2^64 − 1, was used.',
      hint: '-s with a smaller number',
    },
  ];
}

function explainRefusedPause({ refusedPauseMs }: RunFacts): RunWarning[] {
  if (refusedPauseMs === 0) return [];
  return [
    {
      code: 'retry-after-too-long',
      message: `Calls were not retried, because the server asked by Retry-After for a pause of up to ${seconds(refusedPauseMs)}. A load waits a minute at most.`,
    },
  ];
}

function explainCallFile({ callFileTrouble }: RunFacts): RunWarning[] {
  if (callFileTrouble === undefined) return [];
  return [
    { code: 'calls-not-written', message: `The file of calls lacks the last calls: ${callFileTrouble}` },
  ];
}

const LOSS_WORDS: Readonly<Record<LoaderLossReason, string>> = {
  throttled: 'was throttled by Lambda',
  refused: 'was refused by Lambda',
  'too-late': 'was too late for the common start',
  crashed: 'ended without an answer',
  rubbish: 'returned something that is no measurement',
  'connection-lost': 'was lost: the connection to Lambda ended before its answer',
};
/** Hints for reasons that usually concern several loaders of the same load. */
const LOSS_HINTS: Partial<Readonly<Record<LoaderLossReason, string>>> = {
  throttled:
    "Fewer loaders, or a higher limit of the account's concurrent executions: aws lambda get-account-settings shows it",
  'too-late': 'Run the load again: its environments are up now',
};

/** One warning for each loss of a loader, and the number of planned calls that they lost together. */
function explainLosses(fleet: FleetRecord | undefined): {
  readonly warnings: readonly RunWarning[];
  readonly notSent: number;
} {
  const loaders = fleet?.loaders ?? [];
  const losses = loaders.flatMap(({ number, losses: own }) => own.map((loss) => ({ number, ...loss })));
  return {
    warnings: losses.map(({ number, reason, message, notSent, maySent }) => {
      const calls =
        notSent > 0
          ? ` ${counted(notSent, 'call of it is', 'calls of it are')} counted as not sent`
          : ' Its calls are not counted';
      const doubt = maySent > 0 ? `; up to ${groupThousands(maySent)} of them may have been sent.` : '.';
      const hint = LOSS_HINTS[reason];
      return {
        code: `loader-${reason}`,
        message: `Loader ${number} of ${loaders.length} ${LOSS_WORDS[reason]} (${message}).${calls}${doubt}`,
        ...(hint === undefined ? {} : { hint }),
      };
    }),
    notSent: losses.reduce((sum, loss) => sum + loss.notSent, 0),
  };
}

/** Earlier loads of the same folder may have used the next few thousand tattoos, but hardly those beyond a million. */
const UNUSED_STEP = 1_000_000n;

/** The warning about refused sheep whose tattoos are in the shed already, usually from an earlier load. */
function explainSheep(plan: LoadPlan, samples: readonly UnexpectedSample[]): RunWarning[] {
  if (plan.route !== 'sheep') return [];
  const refused = samples.find(({ status, body }) => status === 400 && body.includes(ALREADY_THERE));
  if (refused === undefined) return [];
  const next = (BigInt(plan.startAt) / UNUSED_STEP + 1n) * UNUSED_STEP + 1n;
  return [
    {
      code: 'sheep-already-there',
      message: `${counted(refused.count, 'sheep was', 'sheep were')} refused: sheep with these tattoos are in the shed already, as after an earlier load.`,
      hint: `shedbench reset empties the shed; -s ${next} takes other tattoos`,
    },
  ];
}

const isMachineLimit = (kind: string): boolean => isOpenFileLimit(kind) || isPortShortage(kind);

/** What limited the connections on this machine, and what allows more of them. */
function machineLimit({ connectErrors }: RunFacts): {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
} {
  const kinds = Object.keys(connectErrors);
  if (kinds.some(isPortShortage) && !kinds.some(isOpenFileLimit)) {
    return {
      code: 'local-ports',
      message: 'This machine has no more local ports for connections to one server',
      remedy: 'a wider range of ports (Linux: sysctl net.ipv4.ip_local_port_range)',
    };
  }
  if (kinds.includes('ENFILE') && !kinds.includes('EMFILE')) {
    return {
      code: 'open-files',
      message: 'All programs of this machine together have as many files open as it allows',
      remedy: 'a larger fs.file-max of this machine',
    };
  }
  const limit = openFileLimit();
  return {
    code: 'open-files',
    message: `This machine lets a program open no more files${limit === undefined ? '' : ` than ${groupThousands(limit)}`} (ulimit -n)`,
    remedy: 'ulimit -n 65536 before the load',
  };
}

/** The warning that this machine allowed fewer connections than planned. */
function limitOfConnections(run: RunFacts): RunWarning {
  const { plan, connectionsAllowed, connectErrors } = run;
  const { attemptsByError } = run.accounting;
  const { code, message, remedy } = machineLimit(run);
  if (run.connections.opened === 0 && Object.keys(connectErrors).every(isMachineLimit)) {
    return { code, message: `${message}: no connection could be opened.`, hint: remedy };
  }
  const hadNone = Object.entries(attemptsByError).reduce(
    (sum, [kind, count]) => sum + (isMachineLimit(kind) ? count : 0),
    0,
  );
  const carriedAll =
    run.connections.opened > 0 && !Object.keys(attemptsByError).some((kind) => kind in connectErrors);
  const rest = carriedAll ? ', and carried all calls' : hadNone > 0 ? `; ${attempts(hadNone)} had none` : '';
  return {
    code,
    message: `${message}: ${groupThousands(connectionsAllowed)} of ${counted(plan.parallel, 'connection')} could be open at once${rest}.`,
    hint: `${remedy}, or -p ${connectionsAllowed}`,
  };
}

/** The limit of open files of this process. Undefined if the system has none. */
function openFileLimit(): number | undefined {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  const limit = Number(report.userLimits?.open_files?.soft);
  return Number.isFinite(limit) ? limit : undefined;
}

function explainUnsolicited({ connections: { unsolicited }, accounting, where }: RunFacts): RunWarning[] {
  if (unsolicited === 0) return [];
  const hasAnswered = Object.keys(accounting.attemptsByStatus).length > 0;
  return [
    {
      code: 'unsolicited-bytes',
      message: `${where} sent bytes that answer no request over ${counted(unsolicited, 'connection')}. Such a connection is closed, and another one is opened.`,
      hint: hasAnswered
        ? 'The usual cause is a body that is longer than its Content-Length, or a request that is answered twice.'
        : 'Does another program use this port?',
    },
  ];
}

function explainClocks(run: { readonly stoodStillMs: number; readonly clockStepMs: number }): RunWarning[] {
  const warnings: RunWarning[] = [];
  if (run.stoodStillMs >= MIN_STANDSTILL_MS) {
    warnings.push({
      code: 'stood-still',
      message: `The load generator stood still for ${seconds(run.stoodStillMs)}: it was stopped, or the machine slept. The latencies of the calls in flight include that time.`,
      hint: 'Run the load again',
    });
  }
  if (run.clockStepMs !== 0) {
    warnings.push({
      code: 'clock-set',
      message: `The clock of this machine was set ${run.clockStepMs > 0 ? 'forward' : 'back'} by ${seconds(Math.abs(run.clockStepMs))} during the load${run.clockStepMs > 0 ? ', or the machine slept' : ''}. The run's times are by the clock at its start.`,
    });
  }
  return warnings;
}

function seconds(ms: number): string {
  return `${ms < 100_000 ? (ms / 1000).toFixed(1) : groupThousands(ms / 1000)} s`;
}

/** Little's law: calls in flight = rate × time per call. */
function connectionsHint({ plan: { stages = [], parallel }, meanServiceMs }: RunFacts): string {
  const peakPerSecond = Math.max(0, ...stages.flatMap((stage) => [stage.fromPerSecond, stage.toPerSecond]));
  const busy = Math.ceil((peakPerSecond * meanServiceMs) / 1000);
  const wanted = Math.max(parallel * 2, Math.ceil(busy * SPARE_CONNECTIONS));
  const why =
    busy > parallel
      ? ` ${groupThousands(peakPerSecond)}/s at ${meanServiceMs < 100 ? meanServiceMs.toPrecision(2) : groupThousands(meanServiceMs)} ms a call keep ${groupThousands(busy)} busy.`
      : '';
  if (parallel === MAX_PARALLEL) return `A lower --rate: there are no more connections than these.${why}`;
  return `-p ${Math.min(MAX_PARALLEL, wanted)} allows more connections.${why}`;
}
