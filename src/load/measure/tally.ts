import type { EncodedHistogram } from '../../model/histogram.ts';
import type { Accounting, OutcomeCounts, UnexpectedSample } from '../../model/run.ts';
import { FUNCTION_ERROR_STATUS, STATUS_TABLE_LENGTH } from '../wire/response-parser.ts';
import type { AnswerJudge, UnexpectedAnswer } from './answer-origin.ts';
import { LatencyRecorder } from './latency-recorder.ts';
import { OUTCOME, type OutcomeClass, type TimelineData, TimelineRecorder } from './timeline-recorder.ts';

/** A call counts as late if it is sent more than this after it was due. */
const LATE_MS = 10;
const MAX_SAMPLES = 10;
const MAX_SAMPLES_PER_STATUS = 3;
/** Longer bodies are cut. The beginning of an error's body usually names its cause. */
const SAMPLE_CHARACTERS = 160;

/** The key in `attemptsByStatus` of an Invoke whose function failed. */
const FUNCTION_ERROR = 'function-error';

/**
 * The counts of a thread for one request, as plain data that can be sent and merged. Times in ms; points in time are
 * readings of the monotonic clock.
 */
export interface TallyData extends OutcomeCounts, Pick<Accounting, 'notSent' | 'sentLate'> {
  /** The position of the request in the plan. */
  readonly request: number;
  /** Those of the calls sent late that were due while all connections were in use. */
  readonly lateForConnections: number;
  /** Attempts that API Gateway throttled. */
  readonly gatewayRefusals: number;
  /** Attempts that Lambda refused, throttling above all. */
  readonly lambdaRefusals: number;
  readonly reachedMin: number;
  readonly reachedMax: number;
  readonly latencyByStatus: Readonly<Record<string, EncodedHistogram>>;
  readonly errorLatency: EncodedHistogram;
  readonly serviceTime: EncodedHistogram;
  readonly sendLag: EncodedHistogram;
  readonly samples: readonly UnexpectedSample[];
  readonly timeline: TimelineData;
  /** The time until which a function may still have run for a call without a complete answer. 0 if there was none. */
  readonly mayRunUntilMs: number;
}

/** Answers with equal keys are of one kind: they differ only in numbers, such as the tattoo that they refuse. */
export function sampleKey({ status, body }: Pick<UnexpectedSample, 'status' | 'body'>): string {
  return `${status} ${body.replaceAll(/\d+/g, '#')}`;
}

/** Counts the outcomes of the attempts and calls of one request. Nothing is stored per attempt. */
export class Tally {
  successes = 0;
  unexpected = 0;
  errors = 0;
  notSent = 0;
  sentLate = 0;
  retries = 0;
  readonly sendLag = new LatencyRecorder();

  readonly #request: number;
  readonly #expected: Uint8Array;
  readonly #isOpenLoop: boolean;
  readonly #judge: AnswerJudge;
  readonly #byStatus: (LatencyRecorder | undefined)[] = new Array(STATUS_TABLE_LENGTH).fill(undefined);
  /** The recorders of expected statuses. */
  readonly #successRecorders: LatencyRecorder[] = [];
  readonly #errorLatency = new LatencyRecorder();
  readonly #serviceTime = new LatencyRecorder();
  readonly #byError = new Map<string, number>();
  readonly #samples = new Map<string, { status: number; body: string; count: number }>();
  readonly #timeline = new TimelineRecorder();
  /** Counts of unexpected answers by origin. Expected answers are all from a handler. */
  #handlerAnswers = 0;
  #unknownAnswers = 0;
  #gatewayRefusals = 0;
  #lambdaRefusals = 0;
  #perhapsReached = 0;
  #mayRunUntilMs = 0;
  #lateForConnections = 0;

  /**
   * @param request its place in the plan
   * @param expected indexed by status: 1 if it is a success
   * @param judge determines who wrote an unexpected answer
   */
  constructor(request: number, expected: Uint8Array, loop: 'closed' | 'open', judge: AnswerJudge) {
    this.#request = request;
    this.#expected = expected;
    this.#isOpenLoop = loop === 'open';
    this.#judge = judge;
  }

  /**
   * Sets all counts to zero, in place. A second tally would use memory that was never touched and code that V8 has not
   * optimised, and both would slow the first calls after the warm-up.
   */
  clear(): void {
    this.successes = 0;
    this.unexpected = 0;
    this.errors = 0;
    this.notSent = 0;
    this.sentLate = 0;
    this.retries = 0;
    for (const recorder of [this.sendLag, this.#errorLatency, this.#serviceTime, ...this.#byStatus]) {
      recorder?.clear();
    }
    this.#byError.clear();
    this.#samples.clear();
    this.#timeline.clear();
    this.#handlerAnswers = 0;
    this.#unknownAnswers = 0;
    this.#gatewayRefusals = 0;
    this.#lambdaRefusals = 0;
    this.#perhapsReached = 0;
    this.#mayRunUntilMs = 0;
    this.#lateForConnections = 0;
  }

  /** How many calls have ended. */
  get calls(): number {
    return this.successes + this.unexpected + this.errors;
  }

  isExpected(status: number): boolean {
    return this.#expected[status] === 1;
  }

  /** Counts a complete answer with an expected status. */
  answer(status: number, latencyMs: number, serviceMs: number): void {
    let recorder = this.#byStatus[status];
    if (recorder === undefined) {
      recorder = new LatencyRecorder();
      this.#byStatus[status] = recorder;
      if (this.#expected[status] === 1) this.#successRecorders.push(recorder);
    }
    recorder.record(latencyMs);
    if (this.#isOpenLoop && this.#expected[status] === 1) this.#serviceTime.record(serviceMs);
  }

  /** Examines an unexpected answer, which `answer` has counted: who wrote it, and what it says. */
  inspect(answer: UnexpectedAnswer, sentMs: number): void {
    const origin = this.#judge.originOf(answer);
    if (origin === 'handler') this.#handlerAnswers++;
    else if (origin === 'unknown') this.#unknownAnswers++;
    if (this.#judge.isLambdaRefusal(answer)) this.#lambdaRefusals++;
    else if (answer.status === 429) this.#gatewayRefusals++;
    if (answer.status === 504) this.#runsOn(sentMs);
    this.#sample(answer);
  }

  /**
   * Counts an attempt without a complete answer. With `wasSent` its request had been sent, so a function may have run.
   */
  failure(kind: string, latencyMs: number, sentMs: number, wasSent: boolean): void {
    this.#errorLatency.record(latencyMs);
    this.#byError.set(kind, (this.#byError.get(kind) ?? 0) + 1);
    if (!wasSent) return;
    this.#perhapsReached++;
    this.#runsOn(sentMs);
  }

  /** Counts a call that has ended with the outcome of its last attempt, `atMs` after the start of the measured part. */
  endCall(outcome: OutcomeClass, atMs: number, latencyMs: number): void {
    if (outcome === OUTCOME.success) this.successes++;
    else if (outcome === OUTCOME.unexpected) this.unexpected++;
    else this.errors++;
    this.#timeline.record(atMs, outcome, latencyMs);
  }

  /**
   * Open loop: records how long after its due time a call is sent.
   * @param wasAllInUse whether all connections were in use at some time in between
   */
  lateness(ms: number, wasAllInUse: boolean): void {
    if (ms <= LATE_MS) return;
    this.sentLate++;
    if (wasAllInUse) this.#lateForConnections++;
  }

  /** The recorders of the successes so far, one per status. */
  get successRecorders(): readonly LatencyRecorder[] {
    return this.#successRecorders;
  }

  /** The histograms of the successes so far, one per status. */
  encodeSuccesses(): EncodedHistogram[] {
    return this.#successRecorders.map((recorder) => recorder.encode());
  }

  data(): TallyData {
    const attemptsByStatus: Record<string, number> = {};
    const latencyByStatus: Record<string, EncodedHistogram> = {};
    let answered = 0;
    let expected = 0;
    this.#byStatus.forEach((recorder, status) => {
      if (recorder === undefined || recorder.count === 0) return;
      const key = status === FUNCTION_ERROR_STATUS ? FUNCTION_ERROR : String(status);
      attemptsByStatus[key] = recorder.count;
      latencyByStatus[key] = recorder.encode();
      answered += recorder.count;
      if (this.#expected[status] === 1) expected += recorder.count;
    });
    const reachedMin = expected + this.#handlerAnswers;
    return {
      request: this.#request,
      successes: this.successes,
      unexpected: this.unexpected,
      errors: this.errors,
      attempts: answered + this.#errorLatency.count,
      retries: this.retries,
      notSent: this.notSent,
      sentLate: this.sentLate,
      lateForConnections: this.#lateForConnections,
      attemptsByStatus,
      attemptsByError: Object.fromEntries([...this.#byError].sort(([a], [b]) => (a < b ? -1 : 1))),
      gatewayRefusals: this.#gatewayRefusals,
      lambdaRefusals: this.#lambdaRefusals,
      reachedMin,
      reachedMax: reachedMin + this.#unknownAnswers + this.#perhapsReached,
      latencyByStatus,
      errorLatency: this.#errorLatency.encode(),
      serviceTime: this.#serviceTime.encode(),
      sendLag: this.sendLag.encode(),
      samples: [...this.#samples.values()],
      timeline: this.#timeline.data(),
      mayRunUntilMs: this.#mayRunUntilMs,
    };
  }

  #runsOn(sentMs: number): void {
    this.#mayRunUntilMs = Math.max(this.#mayRunUntilMs, sentMs + this.#judge.mayRunOnMs);
  }

  #sample({ status: answered, body: text, location }: UnexpectedAnswer): void {
    // The answer to an Invoke whose function failed has the status 200.
    const status = answered === FUNCTION_ERROR_STATUS ? 200 : answered;
    const whole = location === undefined ? text : `Location: ${location}`;
    const body = whole.length > SAMPLE_CHARACTERS ? `${whole.slice(0, SAMPLE_CHARACTERS)}…` : whole;
    const key = sampleKey({ status, body });
    const known = this.#samples.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const alike = [...this.#samples.values()].filter((sample) => sample.status === status);
    if (this.#samples.size >= MAX_SAMPLES || alike.length >= MAX_SAMPLES_PER_STATUS) return;
    this.#samples.set(key, { status, body, count: 1 });
  }
}
