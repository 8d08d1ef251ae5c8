import type { Route } from '../../model/route.ts';
import { MB_PER_VCPU } from '../../model/vcpu.ts';

/** The memory size of the measurements below, MB. */
const MEASURED_MEMORY_MB = 128;
/** The time of a request and its response besides the function's Duration, ms. */
const NETWORK_MS = 40;

type TimesMs = Readonly<Record<Route, number>>;

/**
 * Mean warm Duration on AWS at 128 MB, ms. Rust and Python: the published figures of the original demo. Node: Python's
 * figure times the ratio of Node to Python on the local cloud, and Go: Rust's times that of Go to Rust. A language without
 * figures counts as Python, so that an estimate is too high rather than too low.
 */
const AWS_MS: Readonly<Record<string, TimesMs>> = {
  rust: { cat: 124, sheep: 8, dog: 17, wolf: 95 },
  go: { cat: 180, sheep: 10, dog: 21, wolf: 130 },
  node: { cat: 540, sheep: 600, dog: 670, wolf: 2400 },
  python: { cat: 5936, sheep: 599, dog: 669, wolf: 4271 },
};

/**
 * The time of a call on the local cloud at full speed, multiplied by the number of simultaneous calls, ms. Measured on
 * the quiet reference machine while both of its cores were busy. `npm run bench:estimate` prints it.
 */
const LOCAL_MS: Readonly<Record<string, TimesMs>> = {
  rust: { cat: 5.5, sheep: 2.8, dog: 3.5, wolf: 5.5 },
  go: { cat: 8.5, sheep: 3.6, dog: 4.2, wolf: 7.6 },
  node: { cat: 13, sheep: 5.5, dog: 8.5, wolf: 17 },
  python: { cat: 160, sheep: 5.5, dog: 8.5, wolf: 27 },
};

/** The expected times of one call. */
export interface TypicalCall {
  /** The latency that the client sees, ms. */
  readonly latencyMs: number;
  /** The billed duration, ms. */
  readonly billedMs: number;
}

/** A typical call of the shed on AWS, computed from figures that were published or measured at 128 MB. */
export function typicalAwsCall(route: Route, runtime: string, memorySizeMB: number): TypicalCall {
  const at128Ms = timesOf(AWS_MS, runtime)[route];
  const billedMs = at128Ms * (MEASURED_MEMORY_MB / Math.min(memorySizeMB, MB_PER_VCPU));
  return { latencyMs: billedMs + NETWORK_MS, billedMs };
}

/**
 * A typical call of the shed on the local cloud. If Lambda's CPU share is enforced, the time is computed from the local
 * one, not from that on AWS, because this machine's core is not Lambda's.
 *
 * @param share of a core that the function has, above 0, at most 1
 */
export function typicalLocalCall(route: Route, runtime: string, share: number): TypicalCall {
  const latencyMs = timesOf(LOCAL_MS, runtime)[route] / share;
  return { latencyMs, billedMs: latencyMs };
}

/** `node` of `node24`, `rust` of `rust-lto`. */
function languageOf(runtime: string): string {
  const [language = runtime] = runtime.split('-');
  return language.replace(/\d+$/, '');
}

/** The times of a runtime. A label such as `node24` or `rust-lto` counts as the language with which it begins. */
function timesOf(table: Readonly<Record<string, TimesMs>>, runtime: string): TimesMs {
  return table[languageOf(runtime)] ?? table.python ?? { cat: 0, sheep: 0, dog: 0, wolf: 0 };
}

/**
 * The duration of a wave of cold starts from the first send to the last answer, ms, for the cat and for the functions
 * that load an SDK. On the local cloud it is that of two at once on the quiet reference machine, as `npm run
 * bench:estimate` prints it.
 */
const COLD_WAVE_MS: Readonly<
  Record<string, { readonly cat: number; readonly withSdk: number; readonly elsewhere: number }>
> = {
  rust: { cat: 35, withSdk: 40, elsewhere: 400 },
  go: { cat: 35, withSdk: 40, elsewhere: 400 },
  node: { cat: 115, withSdk: 205, elsewhere: 1500 },
  python: { cat: 275, withSdk: 380, elsewhere: 2000 },
};
const UNKNOWN_COLD_WAVE_MS = { cat: 275, withSdk: 380, elsewhere: 2000 };

/** The duration of a wave of cold starts of one function, ms. */
export function typicalColdWaveMs(
  kind: 'local' | 'endpoint' | 'aws',
  route: string,
  runtime: string,
): number {
  const { cat, withSdk, elsewhere } = COLD_WAVE_MS[languageOf(runtime)] ?? UNKNOWN_COLD_WAVE_MS;
  if (kind !== 'local') return elsewhere;
  return route === 'cat' ? cat : withSdk;
}

/**
 * The time of a turn of a load on the local cloud beside its calls, ms, on the quiet reference machine: its connections, the
 * wait for the last answer, the look at the machine, and the record that is written after it.
 */
export const TURN_MS = 15;

/**
 * The part of a turn that is in the elapsed time of a run, ms, on the quiet reference machine: its connections are
 * opened. The wait for the last answer is counted as a wave of calls.
 */
export const TURN_START_MS = 3;
