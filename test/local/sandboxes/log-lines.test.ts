import { describe, expect, test } from 'vitest';
import {
  billedMs,
  endLine,
  exitReason,
  faultLine,
  initReportLine,
  initStartLine,
  reportLine,
  startLine,
  timeoutLine,
} from '../../../src/local/sandboxes/log-lines.ts';

const ID = '5b866fb1-7154-4af6-8078-6ef6ca4c2ddd';

describe('the lines that Lambda writes', () => {
  test('START names the version, END only the request', () => {
    expect(startLine(ID, '$LATEST')).toBe(`START RequestId: ${ID} Version: $LATEST\n`);
    expect(endLine(ID)).toBe(`END RequestId: ${ID}\n`);
  });

  test('REPORT of a warm call has no Init Duration and ends in a tab', () => {
    expect(reportLine({ requestId: ID, durationMs: 1.885, memorySizeMB: 128, maxMemoryUsedMB: 65 })).toBe(
      `REPORT RequestId: ${ID}\tDuration: 1.89 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 65 MB\t\n`,
    );
  });

  test('REPORT of a cold call bills init with the duration', () => {
    expect(
      reportLine({
        requestId: ID,
        durationMs: 600_000,
        initDurationMs: 476.75,
        memorySizeMB: 1536,
        maxMemoryUsedMB: 1035,
        status: 'timeout',
      }),
    ).toBe(
      `REPORT RequestId: ${ID}\tDuration: 600000.00 ms\tBilled Duration: 600477 ms\tMemory Size: 1536 MB\tMax Memory Used: 1035 MB\tInit Duration: 476.75 ms\tStatus: timeout\n`,
    );
  });

  test('REPORT of a crash names status and error type', () => {
    expect(
      reportLine({
        requestId: ID,
        durationMs: 133.61,
        memorySizeMB: 128,
        maxMemoryUsedMB: 31,
        status: 'error',
        errorType: 'Runtime.ExitError',
      }),
    ).toBe(
      `REPORT RequestId: ${ID}\tDuration: 133.61 ms\tBilled Duration: 134 ms\tMemory Size: 128 MB\tMax Memory Used: 31 MB\tStatus: error\tError Type: Runtime.ExitError\n`,
    );
  });

  test('INIT_START names version and ARN', () => {
    expect(initStartLine('python:3.12.v27', 'arn:aws:lambda:eu-west-3::runtime:abc')).toBe(
      'INIT_START Runtime Version: python:3.12.v27\tRuntime Version ARN: arn:aws:lambda:eu-west-3::runtime:abc\n',
    );
  });

  test('INIT_REPORT tells phase and status, and the type of an error', () => {
    expect(
      initReportLine({
        durationMs: 229.04,
        phase: 'init',
        status: 'error',
        errorType: 'Runtime.ImportModuleError',
      }),
    ).toBe(
      'INIT_REPORT Init Duration: 229.04 ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError\n',
    );
    expect(initReportLine({ durationMs: 3003.83, phase: 'invoke', status: 'timeout' })).toBe(
      'INIT_REPORT Init Duration: 3003.83 ms\tPhase: invoke\tStatus: timeout\n',
    );
  });

  test('a timeout is told with time, id and seconds', () => {
    expect(timeoutLine(Date.UTC(2026, 10, 23, 6, 7, 8, 9), ID, 3)).toBe(
      `2026-11-23T06:07:08.009Z ${ID} Task timed out after 3.00 seconds\n\n`,
    );
  });

  test('an exit is told with its status, its signal, or without a reason', () => {
    expect(faultLine(ID, exitReason(1, null), 'Runtime.ExitError')).toBe(
      `RequestId: ${ID} Error: Runtime exited with error: exit status 1\nRuntime.ExitError\n`,
    );
    expect(exitReason(null, 'SIGKILL')).toBe('Runtime exited with error: signal: killed');
    expect(exitReason(null, 'SIGSEGV')).toBe('Runtime exited with error: signal: segmentation fault');
    expect(exitReason(0, null)).toBe('Runtime exited without providing a reason');
  });
});

describe('billed duration', () => {
  test.each([
    [0, undefined, 0],
    [1, undefined, 1],
    [1.004, undefined, 1],
    [1.005, undefined, 1],
    [1.01, undefined, 2],
    [0.4, 0.6, 1],
    [0.41, 0.6, 2],
    [133.61, 80, 214],
  ])('a duration of %d ms with an init of %d ms is billed as %d ms', (durationMs, initMs, expected) => {
    expect(billedMs(durationMs, initMs)).toBe(expected);
  });

  test('the billed duration is the printed duration, rounded up, also next to half a hundredth', () => {
    const nextToHalves = Array.from({ length: 3000 }, (_, n) => (n + 0.5) / 100);
    const durations = nextToHalves.flatMap((ms) => [ms, ms - 1e-12, ms + 1e-12]);
    expect(durations.filter((ms) => billedMs(ms) !== Math.ceil(Number(ms.toFixed(2))))).toEqual([]);
  });
});
