import { counted } from '../../model/number-text.ts';
import type { LoaderLossReason, UnexpectedSample } from '../../model/run.ts';
import { checkDocument, type DocumentKind } from '../../store/document.ts';
import { outcomeCounts } from '../../store/run-schema.ts';
import {
  amount,
  choice,
  connectionCounts,
  count,
  divisor,
  epochMs,
  exactly,
  finite,
  flag,
  histogram,
  list,
  map,
  object,
  optional,
  type Shape,
  text,
} from '../../store/shapes.ts';
import type { EngineData, ThreadHealth } from '../engine/engine.ts';
import type { ClockOffset } from '../measure/server-clock.ts';
import type { TallyData } from '../measure/tally.ts';
import type { TimelineData } from '../measure/timeline-recorder.ts';
import type { InvokeOutcome } from './loader-port.ts';
import { type LoaderAnswer, unpackAnswer } from './orders.ts';

const timeline: Shape<TimelineData> = object<TimelineData>({
  binMs: divisor,
  successes: list(count),
  unexpected: list(count),
  errors: list(count),
  sumMs: list(amount),
  maxMs: list(amount),
});

const tally: Shape<TallyData> = object<TallyData>({
  request: count,
  ...outcomeCounts,
  notSent: count,
  sentLate: count,
  lateForConnections: count,
  gatewayRefusals: count,
  lambdaRefusals: count,
  reachedMin: count,
  reachedMax: count,
  latencyByStatus: map(histogram),
  errorLatency: histogram,
  serviceTime: histogram,
  sendLag: histogram,
  samples: list(object<UnexpectedSample>({ status: count, body: text, count })),
  timeline,
  mayRunUntilMs: finite,
});

const engineData: Shape<EngineData> = object<EngineData>({
  tallies: list(tally),
  backlog: count,
  nextCall: count,
  mayRunUntilEpochMs: epochMs,
  connections: connectionCounts,
  connect: histogram,
  handshake: histogram,
  firstByte: histogram,
  connectionsAllowed: count,
  clockOffset: optional(object<ClockOffset>({ minMs: finite, maxMs: finite })),
  health: object<ThreadHealth>({ eventLoopUtilization: amount, eventLoopDelayP99Ms: amount }),
  stoodStillMs: finite,
  callFileTrouble: optional(text),
  refusedPauseMs: finite,
  retriesCut: flag,
  gaveUp: optional(text),
  connectErrors: map(count),
});

const self = { environment: text, isCold: flag, receivedEpochMs: epochMs, answeredEpochMs: epochMs };

type Answer<Is extends LoaderAnswer['is']> = Extract<LoaderAnswer, { is: Is }>;

const ANSWER: DocumentKind<LoaderAnswer> = {
  name: "loader's answer",
  shape: choice<LoaderAnswer>('is', {
    met: object<Answer<'met'>>({ ...self, is: exactly('met') }),
    'too-late': object<Answer<'too-late'>>({ ...self, is: exactly('too-late'), lateMs: finite }),
    loaded: object<Answer<'loaded'>>({
      ...self,
      is: exactly('loaded'),
      elapsedMs: amount,
      gaveUp: flag,
      data: engineData,
      cpuMs: amount,
      peakRssMiB: amount,
      spareMs: finite,
      wasStopped: flag,
    }),
  }),
  hint: '',
};

/** The result of an invocation: the loader's answer, or the reason why there is none. */
export type Reply =
  | LoaderAnswer
  | {
      readonly is: 'lost';
      readonly reason: LoaderLossReason;
      readonly message: string;
      readonly cause?: unknown;
    };

/**
 * Reads the outcome of an invocation. An answer that does not fit the schema, or that contradicts itself, is reported
 * as unreadable.
 */
export function readReply(outcome: InvokeOutcome): Reply {
  switch (outcome.kind) {
    case 'answered':
      return readAnswer(outcome.payload);
    case 'refused':
      return { is: 'lost', reason: 'refused', message: outcome.message, cause: outcome.cause };
    case 'throttled':
    case 'crashed':
      return { is: 'lost', reason: outcome.kind, message: outcome.message };
    case 'lost':
      return { is: 'lost', reason: 'connection-lost', message: outcome.message };
  }
}

function readAnswer(payload: string): Reply {
  const rubbish = (why: string): Reply => ({ is: 'lost', reason: 'rubbish', message: why });
  let unpacked: string;
  try {
    unpacked = unpackAnswer(payload);
  } catch (error) {
    return rubbish(error instanceof Error ? error.message : String(error));
  }
  const checked = checkDocument(unpacked, ANSWER);
  if (checked.state !== 'good') return rubbish(checked.state === 'damaged' ? checked.reason : checked.schema);
  const answer = checked.document;
  const contradiction = answer.is === 'loaded' ? contradictionIn(answer.data.tallies) : undefined;
  return contradiction === undefined ? answer : rubbish(contradiction);
}

/**
 * Finds counts that contradict each other. A call that is counted twice or not at all would invalidate the whole run.
 */
function contradictionIn(tallies: readonly TallyData[]): string | undefined {
  const total = (count: (tally: TallyData) => number) =>
    tallies.reduce((sum, tally) => sum + count(tally), 0);
  const sumOf = (values: Readonly<Record<string, number>>) =>
    Object.values(values).reduce((a, b) => a + b, 0);
  const calls = total(({ successes, unexpected, errors }) => successes + unexpected + errors);
  const retries = total((tally) => tally.retries);
  const attempts = total((tally) => tally.attempts);
  const answered = total(({ attemptsByStatus }) => sumOf(attemptsByStatus));
  const outcomes = answered + total(({ attemptsByError }) => sumOf(attemptsByError));
  if (calls + retries !== attempts || outcomes !== attempts) {
    return `its counts do not add up: ${counted(calls, 'call')}, ${counted(retries, 'retry', 'retries')}, ${counted(attempts, 'attempt')}`;
  }
  const measured = total(({ latencyByStatus }) =>
    Object.values(latencyByStatus).reduce((sum, { count: values }) => sum + values, 0),
  );
  return measured === answered ? undefined : 'its histograms do not hold its answers';
}
