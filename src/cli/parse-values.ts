import { usageError } from '../errors.ts';
import type { DynamodbLatencyChoice } from '../model/as-lambda.ts';
import { closest, didYouMean } from '../model/closest.ts';
import { MAX_PROJECT_AND_RUNTIME_LENGTH, PROJECT_NAME_PATTERN } from '../model/project.ts';
import { isRoute, ROUTES, type Route } from '../model/route.ts';
import { MAX_PARALLEL } from '../model/run.ts';
import { ARCHITECTURES, type Architecture } from '../model/target.ts';

/** The largest tattoo, 2^64 − 1. */
const MAX_TATTOO = 18_446_744_073_709_551_615n;
/** The bounds of Ackermann's arguments, by the contract. */
const MAX_M = 4;
const MAX_N = 50_000;
/** The largest number of calls. A larger one is probably a typing error. */
const MAX_CALLS = 10_000_000_000;
/** The range of Lambda's MemorySize, in MB. */
const MEMORY_RANGE_MB = { min: 128, max: 10_240 } as const;
/** Lambda counts 1,024 MB as one GB. */
const MB_PER_GB = 1024;
/**
 * The retentions that CloudWatch Logs accepts, in days. @see
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** Parses a whole number in decimal ASCII digits between two inclusive bounds. @throws usageError `bad-number` */
export function parseWholeNumber(flag: string, text: string, min: number, max: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw usageError(
      'bad-number',
      `${flag} takes a whole number from ${min.toLocaleString('en-US')} to ${max.toLocaleString('en-US')}, not '${text}'.`,
    );
  }
  return value;
}

/** @throws usageError `bad-number` */
export const parseParallel = (text: string): number =>
  parseWholeNumber('-p/--parallel', text, 1, MAX_PARALLEL);
/** @throws usageError `bad-number` */
export const parseCallCount = (text: string): number =>
  parseWholeNumber('-c/--call-count', text, 1, MAX_CALLS);
/** @throws usageError `bad-number` */
export const parseM = (text: string): number => parseWholeNumber('-m', text, 0, MAX_M);
/** @throws usageError `bad-number` */
export const parseN = (text: string): number => parseWholeNumber('-n', text, 0, MAX_N);
/** The limits of `--timeout`. A timeout is noticed within 10 ms, and Lambda ends every function after 15 minutes. */
const TIMEOUT_S = { min: 0.1, max: 900 };
const SECONDS_PER_UNIT = { ms: 0.001, s: 1, m: 60 } as const;

/**
 * Parses the time limit of an attempt, in seconds, from `5`, `0.5s`, `500ms` or `1m`: 0.1 to 900.
 * @throws usageError `bad-timeout`
 */
export function parseTimeout(text: string): number {
  const [, amount, unit = 's'] = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m)?$/.exec(text) ?? [];
  const seconds = Number(amount) * SECONDS_PER_UNIT[unit as keyof typeof SECONDS_PER_UNIT];
  if (seconds >= TIMEOUT_S.min && seconds <= TIMEOUT_S.max) return seconds;
  throw usageError(
    'bad-timeout',
    `--timeout takes a time from 100ms to 15m, or seconds, not '${text}'.`,
    '--timeout 5s or --timeout 500ms',
  );
}

/** @throws usageError `bad-number` */
export function parseMemory(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(mi?b?|gi?b?)$/i.exec(text) ?? [];
  if (amount === undefined || unit === undefined) {
    return parseWholeNumber('--memory', text, MEMORY_RANGE_MB.min, MEMORY_RANGE_MB.max);
  }
  const sizeMB = Math.round(Number(amount) * (/^g/i.test(unit) ? MB_PER_GB : 1));
  throw usageError(
    'bad-number',
    `--memory takes a whole number of MB, not '${text}'.`,
    `--memory ${Math.min(MEMORY_RANGE_MB.max, Math.max(MEMORY_RANGE_MB.min, sizeMB))}`,
  );
}
/** @throws usageError `bad-number` */
export const parsePort = (text: string): number => parseWholeNumber('--port', text, 1, 65_535);

/** Parses a first tattoo to decimal text without leading zeros. @throws usageError `bad-tattoo` */
export function parseStartAt(text: string): string {
  if (!/^\d{1,20}$/.test(text) || BigInt(text) > MAX_TATTOO) {
    throw usageError(
      'bad-tattoo',
      `-s/--start-at takes a whole number from 0 to ${MAX_TATTOO}, not '${text}'.`,
    );
  }
  return BigInt(text).toString();
}

/** Words that select a bench by its age, and therefore can't be names. */
const WORDS_OF_AGE: readonly string[] = ['latest', 'previous'];

/** Parses a name for runs: letters, digits, dots, hyphens, underscores. @throws usageError `bad-name` */
export function parseRunsName(text: string): string {
  if (/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,59}$/u.test(text) && !WORDS_OF_AGE.includes(text)) return text;
  throw usageError(
    'bad-name',
    `--name takes up to 60 letters, digits, dots, hyphens and underscores, not '${text}'.`,
    '--name before-the-change',
  );
}

/** @throws usageError `bad-retention` */
export function parseRetention(text: string): number {
  const days = RETENTION_DAYS.find((allowed) => String(allowed) === text);
  if (days === undefined) {
    throw usageError(
      'bad-retention',
      `--log-retention takes a number of days that CloudWatch Logs accepts, not '${text}'.`,
      `One of ${RETENTION_DAYS.join(', ')}.`,
    );
  }
  return days;
}

/** @throws usageError `unknown-route` */
export function parseRoute(text: string): Route {
  if (text.includes(',')) {
    throw usageError(
      'several-routes',
      `A load calls one route, not '${text}'.`,
      `--route ${splitNames(text)[0] ?? ROUTES[0]}; shedbench bench --route ${text} takes several`,
    );
  }
  if (!isRoute(text)) {
    throw usageError(
      'unknown-route',
      `There is no route '${text}'.${didYouMean(text, ROUTES)}`,
      `--route takes ${ROUTES.join(', ')}.`,
    );
  }
  return text;
}

/** Route names separated by commas, in the order of the bench, each once. @throws usageError `unknown-route` */
export function parseRoutes(text: string): Route[] {
  const named = new Set(splitNames(text).map(parseRoute));
  return ROUTES.filter((route) => named.has(route));
}

/** The largest number of percentiles. More columns do not fit a screen. */
const MOST_PERCENTILES = 8;

/** Percentiles separated by commas, ascending, each once: above 0 and below 100, at most three decimals. @throws usageError `bad-percentiles` */
export function parsePercentiles(text: string): number[] {
  const names = splitNames(text).map((name) => name.replace(/^p/i, ''));
  const bad = names.find((name) => !/^\d{1,2}(\.\d{1,3})?$/.test(name) || Number(name) === 0);
  if (bad !== undefined || names.length === 0) {
    throw usageError(
      'bad-percentiles',
      `--percentiles takes numbers above 0 and below 100, not '${bad ?? text}'.`,
      '--percentiles 50,95,99.9',
    );
  }
  const percentiles = [...new Set(names.map(Number))].sort((a, b) => a - b);
  if (percentiles.length > MOST_PERCENTILES) {
    throw usageError(
      'bad-percentiles',
      `--percentiles takes at most ${MOST_PERCENTILES}, not ${percentiles.length}.`,
      '--percentiles 50,95,99.9',
    );
  }
  return percentiles;
}

/** Runtime labels separated by commas, in the order given, each once. @throws usageError `bad-runtime` */
export function parseRuntimes(text: string): string[] {
  const names = splitNames(text);
  const bad = names.find((name) => !/^[a-z][a-z0-9-]*$/.test(name));
  if (bad !== undefined || names.length === 0) {
    throw usageError(
      'bad-runtime',
      `'${bad ?? text}' is no runtime's name.`,
      'Names as in --runtime rust,go,node,python.',
    );
  }
  return [...new Set(names)];
}

function splitNames(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** @throws usageError `bad-project` if CloudFormation, S3 or Lambda would refuse a name made from it */
export function parseProject(text: string): string {
  if (!PROJECT_NAME_PATTERN.test(text)) {
    throw usageError(
      'bad-project',
      `'${text}' can't be a project's name.`,
      'It starts with a letter and has letters, digits and hyphens: my-shed.',
    );
  }
  if (text.length >= MAX_PROJECT_AND_RUNTIME_LENGTH) {
    throw usageError(
      'bad-project',
      `The project name '${text}' is too long: it and the runtime's name may have ${MAX_PROJECT_AND_RUNTIME_LENGTH} characters together.`,
    );
  }
  return text;
}

/** @throws usageError `bad-architecture` */
export function parseArchitecture(text: string): Architecture {
  const found = ARCHITECTURES.find((architecture) => architecture === text);
  if (found === undefined) {
    const meant = closest(text, ARCHITECTURES);
    throw usageError(
      'bad-architecture',
      `--arch takes ${ARCHITECTURES.join(' or ')}, not '${text}'.`,
      meant === undefined ? undefined : `--arch ${meant}`,
    );
  }
  return found;
}

/** @throws usageError `bad-choice` */
export function parseChoice<T extends string>(flag: string, choices: readonly T[]): (text: string) => T {
  return (text) => {
    const found = choices.find((choice) => choice === text);
    if (found === undefined) {
      const meant = closest(text, choices);
      throw usageError(
        'bad-choice',
        `${flag} takes ${choices.join(', ')}, not '${text}'.`,
        meant === undefined ? undefined : `${flag} ${meant}`,
      );
    }
    return found;
  };
}

/**
 * Parses names or ARNs of functions separated by commas, each once. Lambda checks their form. @throws usageError
 * `bad-function`
 */
export function parseFunctions(text: string): string[] {
  const names = splitNames(text);
  if (names.length === 0) {
    throw usageError('bad-function', '--function takes names of Lambda functions.', '--function my-function');
  }
  return [...new Set(names)];
}

/** HTTP statuses separated by commas, each once. @throws usageError `bad-statuses` */
export function parseStatuses(text: string): number[] {
  const names = splitNames(text);
  const bad = names.find((name) => !/^[2-5]\d\d$/.test(name));
  if (bad !== undefined || names.length === 0) {
    throw usageError(
      'bad-statuses',
      `--expect takes statuses from 200 to 599, not '${bad ?? text}'.`,
      '--expect 200,201',
    );
  }
  return [...new Set(names.map(Number))];
}

/** An http or https URL without fragment and credentials. @throws usageError `bad-url` */
export function parseUrl(text: string): string {
  const refuse = (message: string) => usageError('bad-url', message, '--url http://127.0.0.1:8080/v1');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw refuse(`--url takes an http or https address, not '${text}'.`);
  }
  if (url.hash !== '') throw refuse('--url takes an address without a fragment: no request carries one.');
  if (url.username !== '' || url.password !== '') {
    throw refuse('--url takes no user and password: they would be kept in the records of the runs.');
  }
  if (url.port === '0') throw refuse(`No server can listen at port 0 of '${text}'.`);
  return text;
}

/** The largest latency, ms. No function runs longer than 15 minutes. */
const MAX_LATENCY_MS = 900_000;
const MAX_LATENCY_FACTOR = 1000;

/** Parses `5` or `2.5` (ms), or `2x` (a multiple of the published latency). @throws usageError `bad-latency` */
export function parseDynamodbLatency(text: string): DynamodbLatencyChoice {
  const match = /^(\d{1,7}(?:\.\d{1,3})?)(x?)$/.exec(text);
  const value = Number(match?.[1] ?? Number.NaN);
  const isFactor = match?.[2] === 'x';
  if (Number.isNaN(value) || value > (isFactor ? MAX_LATENCY_FACTOR : MAX_LATENCY_MS)) {
    throw usageError(
      'bad-latency',
      `--dynamodb-latency takes ms (5, 2.5) or a multiple of the published latency (2x, 0.5x), not '${text}'.`,
    );
  }
  return isFactor ? { kind: 'scaled', factor: value } : { kind: 'fixed', ms: value };
}
