/**
 * Published measurements of AWS Lambda with which the forecast is calibrated. Each figure has its source.
 *
 * - cebert: https://github.com/cebert/aws-lambda-performance-benchmarks (MIT): warm invocations at 1,769 MB, us-east-2,
 *   November and December 2025, means of 300 to 500 calls. Its workload `cpu-intensive` chains 500,000 SHA-256 hashes.
 * - lambda-perf: https://github.com/maxday/lambda-perf (Apache-2.0): Init Duration of a function that does nothing,
 *   July and August 2026, medians of about 310 cold starts.
 */
import type { Architecture } from '../model/target.ts';
import type { TlsCpu } from './bursts.ts';

/** The language of a runtime, as far as it matters for the speed of a core. */
export type Language = 'node' | 'python' | 'native';

/** Figures by the oldest version to which each applies, the newest first. */
type ByVersion = readonly { readonly from: number; readonly value: number }[];

/**
 * The CPU time of one hash of the loop on Lambda's x86_64 hosts, in ns (cebert). These hosts have no SHA instructions:
 * Rust's crate, which uses such instructions if they exist, takes 308 ns, like its portable code on a core of that age.
 */
const HASH_NS: Readonly<Record<Language, ByVersion>> = {
  native: [{ from: 0, value: 308 }],
  node: [
    { from: 22, value: 3174 },
    { from: 0, value: 3364 },
  ],
  python: [
    { from: 13, value: 764 },
    { from: 12, value: 774 },
    { from: 0, value: 677 },
  ],
};

/**
 * The CPU time of the same work on a core of Graviton, divided by that on an x86_64 host. Native: the loop without SHA
 * instructions (159 ms against 154 ms) and the sort of 100 MB (927 against 835 ms at 1,769 MB, equal over all sizes),
 * both of cebert. Node and Python: Init Duration of lambda-perf, 0.92 and 0.96. Their loops of cebert, 0.94 and 0.87,
 * use Graviton's SHA instructions.
 */
const ARM_FACTOR: Readonly<Record<Language, number>> = { native: 1.04, node: 0.93, python: 0.95 };

/**
 * Init Duration is the sum of `startMs`, `perCpuMs` for each ms of CPU time that the init takes on one of Lambda's
 * x86_64 cores, and `perCodeMBMs` for each MB of the function's unzipped code. Lambda has its own interpreters in
 * memory, but reads a function's code for the first time. arm64 takes 0.92 of the sum (lambda-perf).
 *
 * `perCpuMs` of Python and Node: medians of lambda-perf for functions that do nothing in Python 3.12 (83.6 ms) and
 * Node 22 (140 ms), divided by the CPU time of such an init on the machine of docs/forecast.md. That time changes there
 * by a factor of 1.8 within an hour, so the geometric mean of samples of two hours was used. That of native code is
 * assumed; its inits take little CPU time. `startMs` and `perCodeMBMs`: cebert's Rust functions with and without
 * DynamoDB's SDK, 97.5 and 21.3 ms. Equal programs, written for this purpose, have 12.3 and 2.1 MB and take 5.1 and
 * 1.4 ms of CPU time here. The inits of Rust and Go of lambda-perf were not used.
 */
export const INIT: {
  readonly startMs: number;
  readonly perCpuMs: Readonly<Record<Language, number>>;
  readonly perCodeMBMs: number;
  readonly armFactor: number;
} = { startMs: 4.3, perCpuMs: { native: 2, node: 1.95, python: 1.25 }, perCodeMBMs: 6.7, armFactor: 0.92 };

/**
 * The CPU time that Lambda uses around the handler within Duration, in ms. EuroSys '26: 17.3 ms of CPU time in a REPORT
 * line whose handler used 16.0 ms. lambda-perf: 1.24 to 1.39 ms in all for a Rust function that does nothing.
 */
export const OVERHEAD_MS = 1.2;

/**
 * The CPU time of TLS on Lambda's core, in ms. At full speed the functions reach the emulator without TLS.
 *
 * `connectionMs`: a new connection to DynamoDB, including reading the client's certificates. Rust: 745 ms of a first
 * call at 128 MB, which is 54 ms of a core (shinyaz.com, March 2026). Python: botocore reads its 140 certificates for
 * each new client, 23 ms here, and the handshake takes 2 ms. Node: cebert's first calls of `light` at 1,769 MB, less
 * the CPU time of such a call without TLS.
 *
 * `requestMs`: a request over an open connection. It was measured on the machine of docs/forecast.md: the additional
 * CPU time of a call with one or two requests with `--as-lambda` at 1,769 MB compared with full speed, times the core
 * factor.
 */
export const TLS_CPU: Readonly<Record<Language, TlsCpu>> = {
  native: { connectionMs: 54, requestMs: 0.12 },
  node: { connectionMs: 15, requestMs: 0.4 },
  python: { connectionMs: 29, requestMs: 0.45 },
};

/**
 * The spread of the CPU time of the same work over hosts: the standard deviation of its logarithm. x86_64: nine of ten
 * environments run at 2.5 GHz, the others are 1.14 to 1.24 times as fast. arm64: a factor of 1.3 to 1.4 between the
 * slowest and the fastest at one setting.
 */
export const HOST_SPREAD: Readonly<Record<Architecture, number>> = { x86_64: 0.07, arm64: 0.11 };

/**
 * The core factor is the geometric mean of two workloads of cebert, because no single loop represents all programs: the
 * loop, which is timed on each machine, and a sort of 100 MB of numbers, which takes too long for that. The factors of
 * the sort were measured once, on the machine of docs/forecast.md, on x86_64: 1.20 in Rust (835 ms on Lambda), 1.61 in
 * Python 3.12 (14.9 s) and 1.25 in Node 20 (2,780 ms). Those of the loop were 0.97, 1.12 and 1.95. The correction is
 * the root of their ratio.
 */
export const SORT_CORRECTION: Readonly<Record<Language, number>> = { native: 1.11, node: 0.8, python: 1.2 };

/**
 * The difference of another program of the same language from the mean of both workloads: the standard deviation of the
 * logarithm. It is half the difference between the two, and at least 0.1 for the timings of the loop.
 */
export const CALIBRATION_ERROR: Readonly<Record<Language, number>> = {
  native: 0.15,
  node: 0.25,
  python: 0.2,
};

/** The error of the model of the CPU share, as the standard deviation of the logarithm: `npm run bench:forecast`. */
export const MODEL_ERROR = 0.1;

/**
 * The error of a forecast init, as the standard deviation of the logarithm: that of the CPU time of the same init within
 * two hours on the machine of docs/forecast.md.
 */
export const INIT_ERROR = 0.25;

/**
 * The error of DynamoDB's latency, as the standard deviation of the logarithm. Regions and days differ by about 30 %.
 */
export const LATENCY_ERROR = 0.25;

/**
 * The language of a Lambda runtime. A runtime with its own bootstrap counts as native code. Undefined for runtimes
 * without calibration figures, such as `java21`.
 */
export function languageOf(lambdaRuntime: string): Language | undefined {
  if (lambdaRuntime.startsWith('nodejs')) return 'node';
  if (lambdaRuntime.startsWith('python')) return 'python';
  return lambdaRuntime.startsWith('provided') ? 'native' : undefined;
}

/**
 * The number that distinguishes the versions of a language: 24 for `nodejs24.x` and `24.1.0`, 13 for `python3.13` and
 * `3.13.5`. 0 for native code.
 */
export function versionNumber(language: Language, text: string): number {
  const pattern = { node: /(\d+)/, python: /3\.(\d+)/, native: /^\b$/ }[language];
  return Number(pattern.exec(text)?.[1] ?? 0);
}

function figureFor(figures: ByVersion, version: number): number {
  return (figures.find(({ from }) => version >= from) ?? figures.at(-1))?.value ?? Number.NaN;
}

/** The CPU time of one hash of the calibration loop on Lambda, in ns, for a `versionNumber` of the language. */
export function lambdaHashNs(language: Language, version: number, architecture: Architecture): number {
  const factor = architecture === 'arm64' ? ARM_FACTOR[language] : 1;
  return figureFor(HASH_NS[language], version) * factor;
}
