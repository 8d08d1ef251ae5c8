import { usageError } from '../errors.ts';
import { LOAD_DEFAULTS } from '../model/defaults.ts';
import { groupThousands } from '../model/number-text.ts';
import type { Route } from '../model/route.ts';
import type { LoadPlan, RateStage } from '../model/run.ts';
import { NUMBER, type PlannedRequest, type Subject, shedSubject } from '../model/subject.ts';
import { parseStopCondition } from './early-stop.ts';
import { MAX_DURATION_MS, parseDuration } from './parse-duration.ts';
import { parseHeaders } from './parse-headers.ts';
import { parseRamp, parseRate, parseWarmup } from './parse-rate.ts';
import { createSchedule, firstRatePerSecond } from './schedule.ts';

/** The largest number that `{n}` stands for, 2^64 − 1: the shed's largest tattoo. */
const MAX_NUMBER = 18_446_744_073_709_551_615n;

/** How much longer than the function's timeout the client waits for the answer to an Invoke, ms. */
const INVOKE_MARGIN_MS = 5000;

/** The options of a load. Durations, rates and conditions are still text, as typed. */
export interface LoadRequest {
  /** The route of the shed to call. Either this or `subject` is given. `m` and `n` are the arguments of the cat. */
  readonly route?: Route;
  readonly m?: number;
  readonly n?: number;
  /** What to call if it is no route of the shed: requests of the user, or a function. */
  readonly subject?: Subject;
  /** The function's timeout, ms. Present if the requests are Invokes of a Lambda function. */
  readonly invoke?: LoadPlan['invoke'];
  readonly parallel?: number;
  readonly calls?: number;
  readonly duration?: string;
  readonly rate?: string;
  readonly ramp?: string;
  readonly warmup?: string;
  readonly retries?: number;
  readonly timeoutSeconds?: number;
  readonly threads?: number;
  /** The number of the first call, which replaces `{n}` in its request. Decimal text. */
  readonly startAt?: string;
  /** False if every call is to open its own connection. */
  readonly keepAlive?: boolean;
  /** Header fields as typed: `Name: value`. Only their names are stored in the plan. */
  readonly headers?: readonly string[];
  /** Whether the requests are signed (`--sigv4`). */
  readonly sigv4?: boolean;
  /** Conditions that end the load early, as typed. */
  readonly stopWhen?: readonly string[];
}

/**
 * Creates the plan of a load: parses values, fills in defaults, and refuses contradictions.
 * @throws usageError `two-bounds`, `two-rates`, `too-long`, `too-few-connections`, `too-many-numbers`, and the errors
 * of the grammars
 */
export function createLoadPlan(request: LoadRequest): LoadPlan {
  const durationMs =
    request.duration === undefined ? undefined : parseDuration('--duration', request.duration);
  refuseContradictions(request);
  const loop = request.rate === undefined && request.ramp === undefined ? 'closed' : 'open';
  const bounds = loop === 'open' ? openBounds(request, durationMs) : closedBounds(request.calls, durationMs);
  const subject = subjectOf(request);
  const requests = subject.requests.map(({ planned }) => planned);
  const plan: LoadPlan = {
    route: subject.name,
    requests,
    mode: loop,
    parallel: request.parallel ?? LOAD_DEFAULTS.parallel,
    ...bounds,
    ...(request.warmup === undefined ? {} : { warmup: parseWarmup(request.warmup) }),
    retries: request.retries ?? LOAD_DEFAULTS.retries,
    startAt: BigInt(request.startAt ?? LOAD_DEFAULTS.startAt).toString(),
    timeoutMs:
      request.timeoutSeconds === undefined ? defaultTimeoutMs(request) : request.timeoutSeconds * 1000,
    threads: request.threads ?? LOAD_DEFAULTS.threads,
    ...(request.invoke === undefined ? {} : { invoke: request.invoke }),
    ...(request.keepAlive === false ? { keepAlive: false } : {}),
    ...optional(
      'headers',
      parseHeaders(request.headers ?? [], request.sigv4 === true || request.invoke !== undefined).map(
        ([name]) => name.toLowerCase(),
      ),
    ),
    ...optional(
      'stopWhen',
      (request.stopWhen ?? []).map((text) => parseStopCondition(text).expression),
    ),
  };
  refuseTooMuch(plan);
  const [first] = plan.stages ?? [];
  if (first !== undefined && plan.warmup?.calls !== undefined) {
    refuseTooLong((plan.warmup.calls / firstRatePerSecond(plan.stages ?? [])) * 1000, 'The warm-up');
  }
  return plan;
}

/**
 * The default time limit of a call, ms. For an Invoke it is longer than the function's timeout, so that Lambda ends a
 * slow function before the client gives up.
 */
function defaultTimeoutMs({ invoke }: LoadRequest): number {
  return Math.max(LOAD_DEFAULTS.timeoutMs, (invoke?.functionTimeoutMs ?? 0) + INVOKE_MARGIN_MS);
}

function subjectOf({ route, subject, m = LOAD_DEFAULTS.m, n = LOAD_DEFAULTS.n }: LoadRequest): Subject {
  if (subject !== undefined) return subject;
  if (route === undefined) throw new Error('a load needs a route or a subject');
  return shedSubject(route, { m, n });
}

/** Whether each call of a request contains its own number, in the path or in the body. */
function isNumbered({ path, bodyHoldsNumber }: PlannedRequest): boolean {
  return path.includes(NUMBER) || bodyHoldsNumber === true;
}

/**
 * How many calls a plan can have before the numbers end: each call has a number, from `startAt` up. Infinite if no
 * request contains the number of its call.
 */
export function numbersIn({ requests, startAt }: Pick<LoadPlan, 'requests' | 'startAt'>): number {
  if (!requests.some(isNumbered)) return Number.POSITIVE_INFINITY;
  return Number(MAX_NUMBER - BigInt(startAt) + 1n);
}

/** Returns an object with the list under its name, or an empty object if the list is empty. */
function optional<K extends string>(name: K, values: readonly string[]): { [P in K]?: readonly string[] } {
  return values.length === 0 ? {} : ({ [name]: values } as { [P in K]?: readonly string[] });
}

function refuseContradictions(request: LoadRequest): void {
  if (request.rate !== undefined && request.ramp !== undefined) {
    throw usageError('two-rates', '--rate and --ramp both set the rate.', 'Give one of the two.');
  }
  const other =
    request.duration !== undefined ? '--duration' : request.ramp !== undefined ? '--ramp' : undefined;
  if (request.calls !== undefined && other !== undefined) {
    throw usageError(
      'two-bounds',
      `-c/--call-count and ${other} both bound the load.`,
      'Give one of the two.',
    );
  }
  if (request.ramp !== undefined && request.duration !== undefined) {
    throw usageError(
      'two-bounds',
      '--ramp sets the duration itself; leave out --duration.',
      'Leave --duration out.',
    );
  }
}

function closedBounds(calls: number | undefined, durationMs: number | undefined) {
  return durationMs === undefined ? { calls: calls ?? LOAD_DEFAULTS.calls } : { durationMs };
}

function openBounds(
  request: LoadRequest,
  durationMs: number | undefined,
): { calls: number; durationMs: number; stages: RateStage[] } {
  if (request.ramp !== undefined) return bounded(parseRamp(request.ramp));
  const rate = parseRate('--rate', request.rate ?? '');
  const calls = request.calls ?? LOAD_DEFAULTS.calls;
  return durationMs === undefined
    ? { ...bounded([stage((calls / rate) * 1000, rate)]), calls }
    : bounded([stage(durationMs, rate)]);
}

function bounded(stages: RateStage[]) {
  const durationMs = stages.reduce((sum, stage) => sum + stage.durationMs, 0);
  refuseTooLong(durationMs, 'The load');
  const { calls } = createSchedule(stages);
  if (calls === 0) {
    throw usageError(
      'no-calls',
      'The load would make no call: its rate is too low for its duration.',
      'A higher rate, or a longer duration',
    );
  }
  return { calls, durationMs, stages };
}

function refuseTooLong(durationMs: number, what: string): void {
  if (durationMs <= MAX_DURATION_MS) return;
  throw usageError(
    'too-long',
    `${what} would take ${describeTime(durationMs)}; the longest load is 24 hours.`,
    'A higher --rate, or fewer calls',
  );
}

function describeTime(ms: number): string {
  const hours = ms / 3_600_000;
  if (hours < 48) return `${hours.toFixed(1)} hours`;
  const days = hours / 24;
  return days < 730 ? `${groupThousands(days)} days` : `${groupThousands(days / 365.25)} years`;
}

function stage(durationMs: number, rate: number): RateStage {
  return { durationMs, fromPerSecond: rate, toPerSecond: rate };
}

function refuseTooMuch(plan: LoadPlan): void {
  if (plan.threads > plan.parallel) {
    throw usageError(
      'too-few-connections',
      `${plan.threads} threads can't share ${plan.parallel} in parallel: each thread needs at least one.`,
      `--threads ${plan.parallel} or fewer`,
    );
  }
  const calls = (plan.calls ?? 0) + (plan.warmup?.calls ?? 0);
  if (calls > numbersIn(plan)) {
    throw usageError(
      'too-many-numbers',
      `${calls} calls numbered from ${plan.startAt} up need numbers above ${MAX_NUMBER}, the largest possible.`,
      `-s ${MAX_NUMBER - BigInt(calls - 1)} or less`,
    );
  }
}
