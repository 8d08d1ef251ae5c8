import * as v from 'valibot';
import type { BundleSize } from '../model/deployment.ts';
import { bucketOfMs, type EncodedHistogram, filledBuckets, HISTOGRAM_ENCODING } from '../model/histogram.ts';
import type { ConnectionCounts, CountInterval, LoadPlan, RunRecord } from '../model/run.ts';
import type { PlannedRequest } from '../model/subject.ts';
import type { Architecture, TargetKind } from '../model/target.ts';
import { ARCHITECTURES } from '../model/target.ts';

/** A check of an unknown value. A value that passes is a `T`. */
export type Shape<T> = v.GenericSchema<unknown, T>;

/** An optional member. JSON has no `undefined`, so a present member has a value. */
export interface Optional<T> {
  readonly optional: Shape<T>;
}

/**
 * One entry for every named member of `T`, also for optional ones. So a new member of a model type does not compile
 * without its shape. Members that are named by a pattern, as `p95` by `p${number}`, need their own rule (`where`).
 */
export type Members<T> = {
  readonly [K in keyof T as Record<never, never> extends Record<K, 1> ? never : K]-?: Record<
    never,
    never
  > extends Pick<T, K>
    ? Optional<Exclude<T[K], undefined>>
    : Shape<T[K]>;
};

/** An object with these members; further members are neither checked nor refused. */
export function object<T extends object>(members: Members<T>): Shape<T> {
  const entries = Object.fromEntries(
    Object.entries<Shape<unknown> | Optional<unknown>>(members).map(([name, member]) => [
      name,
      'optional' in member ? v.exactOptional(member.optional) : member,
    ]),
  );
  // Members<T> ties every entry to its member's type; the loop above loses that.
  return v.looseObject(entries) as unknown as Shape<T>;
}

export function optional<T>(shape: Shape<T>): Optional<T> {
  return { optional: shape };
}

/** One of several objects that differ in a member, as `state: 'measured'`. */
export function choice<T>(member: string, shapes: Readonly<Record<string, Shape<T>>>): Shape<T> {
  const unknownChoice = v.looseObject({ [member]: v.picklist(Object.keys(shapes)) }) as unknown as Shape<T>;
  return v.lazy((value) => {
    const name: unknown = (value as Readonly<Record<string, unknown>> | null | undefined)?.[member];
    const shape = typeof name === 'string' && Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    return shape ?? unknownChoice;
  });
}

export function list<T>(item: Shape<T>): Shape<T[]> {
  return v.array(item);
}

/** A shape with one more rule. `rule` completes the sentence that begins with `does not hold`. */
export function where<T>(shape: Shape<T>, rule: string, holds: (value: T) => boolean): Shape<T> {
  return v.pipe(shape, v.check(holds, rule));
}

export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return v.nullable(shape);
}

/** An object with any keys and values of one shape. */
export function map<T>(value: Shape<T>): Shape<Record<string, T>> {
  return v.record(v.string(), value);
}

export const text: Shape<string> = v.string();
export const flag: Shape<boolean> = v.boolean();

const MAX_PORT = 65_535;
/** The end of the year 9999, epoch ms. */
const MAX_EPOCH_MS = 253_402_300_799_999;

/** The message of every check below says what was expected: `describeIssue` builds a sentence from it. */
function number(expected: string, holds: (value: number) => boolean): Shape<number> {
  return v.custom<number>((value) => typeof value === 'number' && holds(value), expected);
}

/** The largest figure. The bound keeps sums and squares of many figures finite. */
const MAX_FIGURE = 1e15;
/** The bounds keep a ratio, its inverse and both logarithms finite. */
const RATIO_RANGE = { min: 1e-300, max: 1e300 } as const;

/** JSON's `1e999` is parsed as infinity, which no figure is. */
export const finite = number('a finite number', Number.isFinite);
/** A time, a size, a price or another figure that is never below zero. */
export const amount = number('a number from 0 to 10^15', (value) => value >= 0 && value <= MAX_FIGURE);
/** A figure that may be below zero, such as the difference of two clocks. */
export const signed = number('a number from -10^15 to 10^15', (value) => Math.abs(value) <= MAX_FIGURE);
/** A figure by which others are divided. */
export const divisor = number(
  'a number above 0, at most 10^15',
  (value) => value >= RATIO_RANGE.min && value <= MAX_FIGURE,
);
/** A ratio, whose inverse and logarithm are shown too. */
export const ratio = number(
  'a number above 0',
  (value) => value >= RATIO_RANGE.min && value <= RATIO_RANGE.max,
);
/** A percentile that a report can show. */
export const percent = number('a number above 0 and below 100', (value) => value > 0 && value < 100);
/** A moment. A `Date` can't represent times that are much further away, and so no message could show them. */
export const epochMs = number(
  'a time in epoch ms, at most of the year 9999',
  (value) => Number.isFinite(value) && Math.abs(value) <= MAX_EPOCH_MS,
);
export const count = number('a whole number from 0', (value) => Number.isSafeInteger(value) && value >= 0);
export const whole = number('a whole number', Number.isSafeInteger);
/** Of a pid, 0 or below would make `kill` signal whole process groups. */
export const positive = number('a whole number from 1', (value) => Number.isSafeInteger(value) && value > 0);

/** A whole number from 1 to a largest value. */
export function positiveUpTo(most: number): Shape<number> {
  return number(
    `a whole number from 1 to ${most}`,
    (value) => Number.isSafeInteger(value) && value > 0 && value <= most,
  );
}

/** A TCP port. */
export const port = number('a port', (value) => Number.isInteger(value) && value > 0 && value <= MAX_PORT);

export function textLike(pattern: RegExp, expected: string): Shape<string> {
  return v.custom<string>((value) => typeof value === 'string' && pattern.test(value), expected);
}

/** A URL with a host. */
export const webAddress = v.custom<string>(
  (value) => typeof value === 'string' && URL.canParse(value) && new URL(value).host !== '',
  'a web address',
);

export function oneOf<const T extends string>(words: readonly T[]): Shape<T> {
  return v.picklist(words);
}

export function exactly<const T extends string | boolean>(word: T): Shape<T> {
  return v.literal(word);
}

export const architecture: Shape<Architecture> = oneOf(ARCHITECTURES);
const TARGET_KINDS = ['aws', 'local', 'endpoint'] as const satisfies readonly TargetKind[];
export const targetKind: Shape<TargetKind> = oneOf(TARGET_KINDS);

/** The shape of the loaded target, or of a URL without a target. */
export const loadedTarget: Shape<RunRecord['target']> = object<RunRecord['target']>({
  kind: oneOf([...TARGET_KINDS, 'url']),
  region: optional(text),
  accountId: optional(text),
  endpoint: optional(webAddress),
});

/** The bound is ten times the largest load. Queries for the rows of more calls would not end. */
const MAX_CALLS = 1e11;
export const calls = number(
  'a whole number from 0 to 10^11',
  (value) => Number.isSafeInteger(value) && value >= 0 && value <= MAX_CALLS,
);

export const countInterval: Shape<CountInterval> = where(
  object<CountInterval>({ min: calls, max: calls }),
  'a min that is at most its max',
  ({ min, max }) => min <= max,
);

export const bundleSize: Shape<BundleSize> = object<BundleSize>({
  zipBytes: count,
  unzippedBytes: count,
  sdkBytes: optional(count),
});

/** The bucket of the longest time. */
const LAST_BUCKET = bucketOfMs(MAX_FIGURE);

/** A function that loops over the numbers takes a fraction of the time of a check for each number. */
const buckets = v.custom<number[]>(isBuckets, 'pairs of a step from bucket to bucket and a count');

function isBuckets(value: unknown): boolean {
  if (!Array.isArray(value) || value.length % 2 !== 0) return false;
  let index = 0;
  for (let at = 0; at < value.length; at += 2) {
    const [step, values]: readonly unknown[] = [value[at], value[at + 1]];
    if (!isCount(step) || !isCount(values) || values === 0 || (at > 0 && step === 0)) return false;
    index += step;
  }
  return index <= LAST_BUCKET;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function valuesIn(one: EncodedHistogram): number {
  let values = 0;
  for (const bucket of filledBuckets(one)) values += bucket.count;
  return values;
}

export const histogram: Shape<EncodedHistogram> = where(
  object<EncodedHistogram>({
    encoding: exactly(HISTOGRAM_ENCODING),
    count,
    minMs: amount,
    maxMs: amount,
    meanMs: amount,
    stddevMs: amount,
    buckets,
  }),
  'buckets with as many values as its count, and a minimum that is at most its maximum',
  (one) => one.minMs <= one.maxMs && one.count === valuesIn(one),
);

export const connectionCounts: Shape<ConnectionCounts> = object<ConnectionCounts>({
  opened: count,
  failed: count,
  closedByServer: count,
  unsolicited: count,
});

const plannedRequest: Shape<PlannedRequest> = object<PlannedRequest>({
  name: text,
  method: text,
  path: text,
  expectedStatuses: list(count),
  weight: count,
  headers: optional(list(text)),
  body: optional(object<NonNullable<PlannedRequest['body']>>({ bytes: count, sha256: text })),
  bodyHoldsNumber: optional(exactly(true)),
});

/** The number of a load's first call, or its first tattoo. */
export const startAt = textLike(/^\d{1,20}$/, 'a number of a call');

export const loadPlan: Shape<LoadPlan> = object<LoadPlan>({
  route: text,
  requests: list(plannedRequest),
  mode: oneOf(['closed', 'open']),
  parallel: positive,
  calls: optional(calls),
  durationMs: optional(amount),
  stages: optional(
    list(
      object<NonNullable<LoadPlan['stages']>[number]>({
        durationMs: amount,
        fromPerSecond: amount,
        toPerSecond: amount,
      }),
    ),
  ),
  warmup: optional(
    object<NonNullable<LoadPlan['warmup']>>({ calls: optional(calls), durationMs: optional(amount) }),
  ),
  retries: count,
  startAt,
  timeoutMs: divisor,
  threads: count,
  keepAlive: optional(exactly(false)),
  headers: optional(list(text)),
  sigv4: optional(text),
  invoke: optional(object<NonNullable<LoadPlan['invoke']>>({ functionTimeoutMs: amount })),
  stopWhen: optional(list(text)),
});

/** The largest length of a value in a message. */
const SHOWN_CHARACTERS = 40;

/** `accounting.calls is missing`; `runs[2].state is "done", not ("complete" | "failed")`. */
export function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = (issue.path ?? [])
    .map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
  if (issue.input === undefined) return `${path} is missing`;
  if (issue.type === 'check') return `${path} does not hold ${issue.message}`;
  const found =
    issue.received.length > SHOWN_CHARACTERS
      ? `${issue.received.slice(0, SHOWN_CHARACTERS)}…`
      : inWords(issue.received);
  const expected = inWords(issue.type === 'custom' ? issue.message : (issue.expected ?? issue.message));
  return `${path === '' ? 'the document' : path} is ${found}, not ${expected}`;
}

/** valibot's names of types, for sentences. */
function inWords(kind: string): string {
  return kind
    .replace(/^Object$/, 'an object')
    .replace(/^Array$/, 'a list')
    .replace(/^string$/, 'a text');
}
