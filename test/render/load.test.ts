import { describe, expect, test } from 'vitest';
import { renderLoad } from '../../src/render/load.ts';
import { histogramOf, type RunChanges, runRecord } from '../report/fixtures.ts';

const connect = histogramOf([3, 4, 5]);
const { latency } = runRecord('node', 'dog');

function rendered(changes: RunChanges): string {
  const runs = [runRecord('node', 'dog', changes)];
  const view = { interrupted: false, runs, origins: [], thresholds: [] };
  return renderLoad(view, { color: false, columns: 200 });
}

/** The line about connecting of a run that opened so many connections for its 100 calls. */
function connectLine(changes: RunChanges & { readonly opened?: number; readonly closedByServer?: number }) {
  const { opened = 10, closedByServer = 0, ...rest } = changes;
  const connections = { opened, failed: 0, closedByServer, unsolicited: 0 };
  const text = rendered({ latency: { ...latency, connect }, connections, ...rest });
  return text.split('\n').find((line) => line.startsWith('  connect '));
}

describe('the times of connecting', () => {
  test('the times of connecting are left out if the connections were kept and reused', () => {
    expect(connectLine({})).toBeUndefined();
  });

  test('the times of connecting are shown if the server closed connections, although no more were opened than allowed', () => {
    expect(connectLine({ closedByServer: 1 })).toContain('min 3.00');
  });

  test('the times of connecting are shown if no connection carried a second call', () => {
    expect(connectLine({ opened: 100, plan: { parallel: 100 } })).toContain('min 3.00');
    expect(connectLine({ opened: 100, plan: { parallel: 300, mode: 'open' } })).toContain('min 3.00');
  });

  test('the times of connecting are left out if no connection was opened', () => {
    expect(connectLine({ opened: 0, plan: { keepAlive: false } })).toBeUndefined();
  });

  test('the times of connecting come before the latency in a closed loop and are a part of it in an open one', () => {
    const plan = { keepAlive: false } as const;
    expect(connectLine({ plan })).toContain('(before the latency begins)');
    expect(connectLine({ plan: { ...plan, mode: 'open' } })).toContain(
      '(part of the latency of a call that waits for it)',
    );
  });
});

describe('the schedule', () => {
  const { instrument } = runRecord('node', 'dog');
  const schedule = (sentLate: number) =>
    rendered({
      instrument: { ...instrument, sendLagP50Ms: 0.01, sendLagP99Ms: 0.5 },
      accounting: { sentLate },
    })
      .split('\n')
      .find((line) => line.startsWith('  schedule '));

  test('the line of the schedule is about all calls if none was sent late', () => {
    expect(schedule(0)).toBe('  schedule   calls left 10 µs (p50) and 500 µs (p99) after they were due');
  });

  test('the line of the schedule tells calls with a free connection from calls that were sent late', () => {
    expect(schedule(99)).toBe(
      '  schedule   calls with a free connection left 10 µs (p50) and 500 µs (p99) after they were due; 99 % of all calls left over 10 ms late',
    );
  });
});
