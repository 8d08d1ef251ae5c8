import { describe, expect, test } from 'vitest';
import { expectLoads } from '../../../src/load/estimate/expect-loads.ts';
import { loadsMs } from '../../../src/load/estimate/loads-time.ts';
import { createLoadPlan } from '../../../src/load/load-plan.ts';
import { REFERENCE_PACE } from '../../../src/load/measure/machine-pace.ts';

const BUSY = { slowness: 1, coreShare: 0.25 };

function timeOf({ calls = 100, rounds = 12, cold = 0, pace = REFERENCE_PACE }): number {
  const about = { target: { kind: 'local', region: 'us-east-1' }, memorySizeMB: 128 } as const;
  const plan = createLoadPlan({ route: 'cat', calls, parallel: 2 });
  const jobs = ['rust', 'node'].map(
    (runtime) => ({ plan, runtime, url: '', about, shed: { route: 'cat' } }) as const,
  );
  const expected = expectLoads(jobs, [], { cores: 2, pace }, rounds);
  return loadsMs(expected, { rounds, cold: cold === 0 ? undefined : { asked: cold, atOnce: 2 } }, [], pace);
}

describe('the time of loads on the local cloud', () => {
  test('calls, rounds and forced cold starts each add their time', () => {
    const plain = timeOf({});
    expect(timeOf({ calls: 200 })).toBeGreaterThan(plain);
    expect(timeOf({ rounds: 24 })).toBeGreaterThan(plain);
    expect(timeOf({ cold: 2 })).toBeGreaterThan(plain);
    // Ten waves take longer than one, each by the same time.
    expect(timeOf({ cold: 20 }) - timeOf({ cold: 18 })).toBeCloseTo(
      timeOf({ cold: 4 }) - timeOf({ cold: 2 }),
      6,
    );
  });

  test('loads take longer where other programs leave few cores, and never by more than that', () => {
    const [quiet, busy] = [timeOf({}), timeOf({ pace: BUSY })];
    expect(busy).toBeGreaterThan(2 * quiet);
    expect(busy).toBeLessThan(4 * quiet);
  });
});
