import { describe, expect, test } from 'vitest';
import { toAsLambda } from '../../src/cli/as-lambda-flags.ts';
import {
  parseArchitecture,
  parseCallCount,
  parseDynamodbLatency,
  parseM,
  parseParallel,
  parsePercentiles,
  parseProject,
  parseRetention,
  parseRoute,
  parseRoutes,
  parseRuntimes,
  parseStartAt,
  parseTimeout,
  parseUrl,
} from '../../src/cli/parse-values.ts';
import { ShedbenchError } from '../../src/errors.ts';
import { asLambdaOption } from '../../src/session/session.ts';

function refusal(read: () => unknown): { readonly exitCode: number; readonly message: string } {
  try {
    read();
  } catch (error) {
    if (error instanceof ShedbenchError) return { exitCode: error.exitCode, message: error.message };
    throw error;
  }
  throw new Error('was not refused');
}

describe('text that can not be acted on is refused with exit 2 and names the flag', () => {
  test.each([
    [() => parseParallel('0'), "-p/--parallel takes a whole number from 1 to 10,000, not '0'."],
    [() => parseCallCount('x'), "-c/--call-count takes a whole number from 1 to 10,000,000,000, not 'x'."],
    [
      () => parseCallCount('1e3'),
      "-c/--call-count takes a whole number from 1 to 10,000,000,000, not '1e3'.",
    ],
    [() => parseM('-1'), "-m takes a whole number from 0 to 4, not '-1'."],
    [() => parseM('5'), "-m takes a whole number from 0 to 4, not '5'."],
    [() => parseM('٣'), "-m takes a whole number from 0 to 4, not '٣'."],
    [() => parsePercentiles('50,100'), "--percentiles takes numbers above 0 and below 100, not '100'."],
    [() => parsePercentiles('0'), "--percentiles takes numbers above 0 and below 100, not '0'."],
    [() => parsePercentiles('99.9999'), "--percentiles takes numbers above 0 and below 100, not '99.9999'."],
    [() => parsePercentiles('1,2,3,4,5,6,7,8,9'), '--percentiles takes at most 8, not 9.'],
    ...['fast', '-1', '900001', '1001x', ''].map(
      (text) =>
        [
          () => parseDynamodbLatency(text),
          `--dynamodb-latency takes ms (5, 2.5) or a multiple of the published latency (2x, 0.5x), not '${text}'.`,
        ] as [() => unknown, string],
    ),
    [
      () => toAsLambda({ dynamodbLatency: { kind: 'fixed', ms: 5 } }),
      '--dynamodb-latency goes with --as-lambda: at full speed the database answers as soon as it can.',
    ],
    [
      () => asLambdaOption({ local: false, asLambda: {} }, 'bench', { env: {} }),
      '--as-lambda is only for the local cloud: on AWS functions always run at the speed of Lambda.',
    ],
    [() => parseRoute('cow'), "There is no route 'cow'."],
    [() => parseRoute('cat,dog'), "A load calls one route, not 'cat,dog'."],
    [() => parseRoutes('cat,cow'), "There is no route 'cow'."],
    [() => parseRuntimes('Rust!'), "'Rust!' is no runtime's name."],
    [() => parseRuntimes(','), "',' is no runtime's name."],
    [() => parseProject('my_shed'), "'my_shed' can't be a project's name."],
    [() => parseProject('1shed'), "'1shed' can't be a project's name."],
    [() => parseArchitecture('arm'), "--arch takes arm64 or x86_64, not 'arm'."],
    [() => parseUrl('http://shed/#x'), '--url takes an address without a fragment: no request carries one.'],
    [
      () => parseUrl('http://me:secret@shed/'),
      '--url takes no user and password: they would be kept in the records of the runs.',
    ],
    [() => parseUrl('http://shed:0'), "No server can listen at port 0 of 'http://shed:0'."],
    [() => parseUrl('ftp://shed'), "--url takes an http or https address, not 'ftp://shed'."],
    [
      () => parseStartAt('18446744073709551616'),
      "-s/--start-at takes a whole number from 0 to 18446744073709551615, not '18446744073709551616'.",
    ],
    [
      () => parseRetention('8'),
      "--log-retention takes a number of days that CloudWatch Logs accepts, not '8'.",
    ],
  ])('the value of a flag is refused and the flag named (%#)', (read, message) => {
    expect(refusal(read)).toEqual({ exitCode: 2, message });
  });
});

describe('text that can be acted on', () => {
  test('parsing takes every project name that CloudFormation takes as a start of a stack name', () => {
    for (const name of ['a', 'MyShed', 'my-RUST-bench-2']) expect(parseProject(name)).toBe(name);
  });

  test('parsing takes the largest tattoo and drops leading zeros', () => {
    expect(parseStartAt('18446744073709551615')).toBe('18446744073709551615');
    expect(parseStartAt('007')).toBe('7');
  });

  test('parsing puts percentiles in ascending order, each once, with or without a p', () => {
    expect(parsePercentiles('99.9, p50,95,50')).toEqual([50, 95, 99.9]);
  });

  test('parsing puts routes into the order of the bench, each once', () => {
    expect(parseRoutes('wolf,cat,wolf')).toEqual(['cat', 'wolf']);
  });

  test('parsing keeps runtimes in the order given, each once', () => {
    expect(parseRuntimes('python, rust,python')).toEqual(['python', 'rust']);
  });

  test('parsing takes a server address with its query', () => {
    expect(parseUrl('http://127.0.0.1:8080/v1/?x=1')).toBe('http://127.0.0.1:8080/v1/?x=1');
  });
});

test('a latency of the database is a number of ms or a multiple', () => {
  expect(parseDynamodbLatency('2.5')).toEqual({ kind: 'fixed', ms: 2.5 });
  expect(parseDynamodbLatency('0')).toEqual({ kind: 'fixed', ms: 0 });
  expect(parseDynamodbLatency('2x')).toEqual({ kind: 'scaled', factor: 2 });
});

test('--as-lambda is handed on with what the person typed, for the advice', () => {
  expect(asLambdaOption({ local: true, asLambda: {} }, 'deploy', { env: {} })).toEqual({
    asLambda: { command: 'shedbench deploy --local --as-lambda' },
  });
  expect(asLambdaOption({ local: false }, 'deploy', { env: {} })).toEqual({});
});

describe('--timeout', () => {
  test.each([
    ['5', 5],
    ['5s', 5],
    ['500ms', 0.5],
    ['0.5s', 0.5],
    ['0.5', 0.5],
    ['1.5m', 90],
    ['15m', 900],
  ])('%s is %d seconds', (text, seconds) => {
    expect(parseTimeout(text)).toBe(seconds);
  });

  test.each(['0', '99ms', '901', '16m', '-1', '0.05', '5h', ''])('%j is refused with the limits', (text) => {
    expect(refusal(() => parseTimeout(text))).toStrictEqual({
      exitCode: 2,
      message: `--timeout takes a time from 100ms to 15m, or seconds, not '${text}'.`,
    });
  });
});
