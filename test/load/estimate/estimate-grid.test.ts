import { describe, expect, test } from 'vitest';
import { estimateGrid, estimateSettings, type GridWork } from '../../../src/load/estimate/estimate-grid.ts';
import { createLoadPlan } from '../../../src/load/load-plan.ts';
import { REFERENCE_PACE } from '../../../src/load/measure/machine-pace.ts';
import { gridOf, settingId, settingText } from '../../../src/model/setting.ts';
import { estimateUsd } from '../../../src/report/cost/estimate-cost.ts';
import { runRecord } from '../../report/fixtures.ts';

const AWS: GridWork = {
  settings: gridOf([128, 512], ['arm64']),
  runtimes: ['rust', 'python'],
  plans: [createLoadPlan({ route: 'cat', calls: 1000, parallel: 10 })],
  rounds: 12,
  target: { kind: 'aws', region: 'us-east-1' },
  pace: REFERENCE_PACE,
  calibrates: false,
};

describe('the settings of a grid', () => {
  test('the settings of a grid go through the sizes from small to large, one architecture after the other, each once', () => {
    expect(gridOf([512, 128, 512], ['x86_64', 'arm64', 'x86_64']).map(settingText)).toEqual([
      'x86_64, 128 MB',
      'x86_64, 512 MB',
      'arm64, 128 MB',
      'arm64, 512 MB',
    ]);
    expect(settingId({ memorySizeMB: 128, architecture: 'arm64' })).toBe('arm64-128MB');
  });
});

describe('the estimate of a grid', () => {
  test('the estimate of a grid counts every call of every setting, forced cold starts included', () => {
    expect(estimateGrid(AWS, [], estimateUsd).calls).toBe(2 * 2 * 1000);
    const cold = { ...AWS, cold: { asked: 30, atOnce: 30 } };
    expect(estimateGrid(cold, [], estimateUsd).calls).toBe(2 * 2 * 1030);
  });

  test('the estimate of a grid has a cost only on AWS', () => {
    expect(estimateGrid(AWS, [], estimateUsd).expectedUsd).toBeGreaterThan(0.01);
    const local = { ...AWS, target: { kind: 'local', region: 'us-east-1' } } as const;
    expect(estimateGrid(local, [], estimateUsd).expectedUsd).toBeUndefined();
  });

  test('the estimate of a grid uses earlier runs of the same functions in the same setting', () => {
    const earlier = AWS.settings.flatMap(({ memorySizeMB }) =>
      ['rust', 'python'].map((runtime) =>
        runRecord(runtime, 'cat', {
          memorySizeMB,
          target: { kind: 'aws', region: 'us-east-1' },
          elapsedMs: 10_000,
          plan: { parallel: 10 },
        }),
      ),
    );
    const estimate = estimateGrid(AWS, earlier, estimateUsd);
    expect(estimate.basis).toBe('earlier-run');
    // Each earlier run made 100 calls in 10 s: 1,000 take 100 s, in each of two settings and two runtimes.
    expect(estimate.expectedMs).toBeGreaterThan(400_000);
    expect(estimate.expectedMs).toBeLessThan(600_000);
  });

  test('the estimate of a grid grows with the waves of forced cold starts', () => {
    const once = estimateGrid({ ...AWS, cold: { asked: 30, atOnce: 30 } }, [], estimateUsd);
    const often = estimateGrid({ ...AWS, cold: { asked: 30, atOnce: 1 } }, [], estimateUsd);
    expect(often.expectedMs).toBeGreaterThan(once.expectedMs + 60_000);
  });

  test('the estimate of a grid grows with its rounds and with its settings, not with their calls alone', () => {
    const few = estimateGrid({ ...AWS, rounds: 1 }, [], estimateUsd);
    const many = estimateGrid({ ...AWS, rounds: 40 }, [], estimateUsd);
    expect(many.expectedMs).toBeGreaterThan(few.expectedMs);
    const [first] = AWS.settings;
    const one = estimateGrid({ ...AWS, settings: first === undefined ? [] : [first] }, [], estimateUsd);
    expect(estimateGrid(AWS, [], estimateUsd).expectedMs - one.expectedMs).toBeGreaterThan(75_000);
  });

  test('the estimate of a local grid ends with the report, and that of one on AWS with the last call', () => {
    const local = { ...AWS, target: { kind: 'local', region: 'us-east-1' } } as const;
    expect(estimateGrid(local, [], estimateUsd).until).toBe('report');
    expect(estimateGrid(AWS, [], estimateUsd).until).toBe('last-call');
  });

  test('there is no estimate for functions of which no earlier run and no typical figure is known', () => {
    const plan = createLoadPlan({ route: 'cat', calls: 100, parallel: 1 });
    const job = { plan, runtime: 'python', url: '', about: { target: AWS.target, memorySizeMB: 128 } };
    expect(estimateSettings([job], { ...AWS, settings: 1, readings: 0 }, [], estimateUsd)).toBeUndefined();
  });
});
