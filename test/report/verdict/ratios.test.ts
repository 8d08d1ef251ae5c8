import { describe, expect, test } from 'vitest';
import type { ReportedRun } from '../../../src/model/report.ts';
import { chooseBaseline } from '../../../src/report/verdict/baseline.ts';
import type { Conditions } from '../../../src/report/verdict/pair-runs.ts';
import { speedRatios } from '../../../src/report/verdict/ratios.ts';
import { standingsOf } from '../../../src/report/verdict/standings.ts';
import { clientOf } from '../fixtures.ts';
import { coldStarts, inRounds, measured } from '../measured-run.ts';

const QUIET: Conditions = { hosts: 'one', doubt: undefined };
const MOVED_BY_A_FIFTH: Conditions = {
  hosts: 'one',
  doubt: { share: 0.2, yardstickMoved: 0.2, otherCpuShare: 0, stealShare: 0 },
};

const of = (run: ReportedRun, benchId: string, runId: string): ReportedRun => ({ ...run, benchId, runId });
const badly = (run: ReportedRun): ReportedRun => ({ ...run, client: { ...clientOf(run), unexpected: 1 } });

describe('ratios', () => {
  const runs = [
    measured('rust', 'cat', { warm: inRounds(100), cold: coldStarts(8, 100) }),
    measured('python', 'cat', { warm: inRounds(4000), cold: coldStarts(8, 4000) }),
    measured('node', 'cat', { warm: inRounds(200), cold: coldStarts(2, 200) }),
    measured('rust', 'dog', { warm: inRounds(10) }),
    measured('python', 'dog', { warm: inRounds(20) }),
    measured('node', 'dog', { warm: inRounds(40) }),
  ];

  test('ratios are against the runtime that is slowest over all routes', () => {
    // python: 40× and 2× of the best; node: 2× and 4×.
    expect(chooseBaseline(runs, undefined)).toBe('python');
    expect(chooseBaseline(runs, 'node')).toBe('node');
    expect(chooseBaseline(runs.slice(0, 1), undefined)).toBeUndefined();
    expect(chooseBaseline([], undefined)).toBeUndefined();
  });

  test('ratios say how many times faster than the baseline each is, with an interval, cold and warm apart', () => {
    const ratios = speedRatios(runs, 'python', QUIET);
    expect(ratios.map(({ runtime, route, temperature }) => `${runtime} ${route} ${temperature}`)).toEqual([
      'rust cat warm',
      'rust cat cold',
      'node cat warm',
      'rust dog warm',
      'node dog warm',
    ]);
    const [rust, cold, , , nodeDog] = ratios;
    expect(rust).toMatchObject({ verdict: 'faster', baseline: 'python', rounds: 8 });
    expect(rust?.ratio).toBeCloseTo(40, 6);
    expect(cold).toMatchObject({ verdict: 'faster', environments: 8 });
    expect(nodeDog?.verdict).toBe('slower');
    expect(nodeDog?.ratio).toBeCloseTo(0.5, 6);
  });

  test('ratios have no interval where too few rounds were measured, and say how many are needed', () => {
    const pair = [
      measured('a', 'cat', { warm: inRounds(100, [0]) }),
      measured('b', 'cat', { warm: inRounds(50, [0]) }),
    ];
    const [ratio] = speedRatios(pair, 'a', QUIET);
    expect(ratio).toMatchObject({ verdict: 'unclear', rounds: 1, needs: { rounds: expect.any(Number) } });
    expect(ratio?.ratio).toBeCloseTo(2, 6);
    expect(ratio).not.toHaveProperty('interval');
  });

  test('ratios are unclear where the interval holds 1', () => {
    const alike = [
      measured('a', 'cat', { warm: inRounds(100) }),
      measured('b', 'cat', { warm: inRounds(100, [0.02, -0.02, 0.01, -0.01, 0, 0.015, -0.015, 0.005]) }),
    ];
    const [ratio] = speedRatios(alike, 'a', QUIET);
    expect(ratio?.verdict).toBe('unclear');
    expect(ratio?.interval?.low).toBeLessThanOrEqual(1);
    expect(ratio?.interval?.high).toBeGreaterThanOrEqual(1);
  });

  test('ratios claim nothing that is smaller than what the machine itself moved by', () => {
    const close = [
      measured('a', 'cat', { warm: inRounds(115) }),
      measured('b', 'cat', { warm: inRounds(100) }),
    ];
    expect(speedRatios(close, 'a', QUIET)[0]?.verdict).toBe('faster');
    const [doubtful] = speedRatios(close, 'a', MOVED_BY_A_FIFTH);
    expect(doubtful).toMatchObject({ verdict: 'unclear', withinDoubt: true });
    expect(doubtful).not.toHaveProperty('interval');
    const far = [close[0], measured('b', 'cat', { warm: inRounds(50) })].filter((run) => run !== undefined);
    expect(speedRatios(far, 'a', MOVED_BY_A_FIFTH)[0]?.verdict).toBe('faster');
  });

  test('ratios are not made of fewer than three values, nor of runs with unexpected answers', () => {
    const [rust, python] = [
      measured('rust', 'cat', { warm: [100, 100] }),
      measured('python', 'cat', { warm: [200, 200] }),
    ];
    expect(speedRatios([rust, python], 'python', QUIET)).toEqual([]);
    const [a, b] = [
      measured('a', 'cat', { warm: inRounds(100) }),
      measured('b', 'cat', { warm: inRounds(50) }),
    ];
    expect(speedRatios([a, badly(b)], 'a', QUIET)).toEqual([]);
    expect(speedRatios([badly(a), b], 'a', QUIET)).toEqual([]);
  });

  test('ratios pair a run with the baseline of its own bench, and have no interval against that of another', () => {
    const mixed = [
      of(measured('a', 'cat', { warm: inRounds(100) }), 'one', 'a1'),
      of(measured('a', 'cat', { warm: inRounds(300) }), 'two', 'a2'),
      of(measured('b', 'cat', { warm: inRounds(50) }), 'one', 'b1'),
      of(measured('b', 'cat', { warm: inRounds(50) }), 'three', 'b3'),
    ];
    const found = speedRatios(mixed, 'a', QUIET);
    expect(found.map(({ runId, ratio }) => [runId, Math.round(ratio)])).toEqual([
      ['b1', 2],
      ['b3', 6],
    ]);
    expect(found.map(({ verdict, rounds }) => [verdict, rounds])).toEqual([
      ['faster', 8],
      ['unclear', 0],
    ]);
  });
});

describe('standings', () => {
  test('standings are decided where the intervals of the best exclude every other', () => {
    const runs = [
      measured('node', 'cat', { warm: inRounds(200) }),
      measured('rust', 'cat', { warm: inRounds(100) }),
      measured('python', 'cat', { warm: inRounds(400) }),
    ];
    expect(standingsOf(runs, QUIET)).toMatchObject([
      {
        route: 'cat',
        temperature: 'warm',
        bestRunId: 'rust-cat',
        isDecided: true,
        rivals: [
          { runId: 'node-cat', verdict: 'faster' },
          { runId: 'python-cat', verdict: 'faster' },
        ],
      },
    ]);
  });

  test('standings are not decided while one rival cannot be told from the best', () => {
    const runs = [
      measured('node', 'cat', {
        warm: inRounds(100, [0.02, -0.02, 0.01, -0.01, 0.001, 0.015, -0.015, 0.005]),
      }),
      measured('rust', 'cat', { warm: inRounds(100) }),
      measured('python', 'cat', { warm: inRounds(400) }),
    ];
    const [standing] = standingsOf(runs, QUIET);
    expect(standing?.isDecided).toBe(false);
    expect(standing?.rivals.map(({ verdict }) => verdict)).toEqual(['unclear', 'faster']);
  });

  test('standings leave out a run with unexpected answers, however fast it was', () => {
    const runs = [
      badly(measured('node', 'cat', { warm: inRounds(1) })),
      measured('rust', 'cat', { warm: inRounds(100) }),
      measured('python', 'cat', { warm: inRounds(400) }),
    ];
    expect(standingsOf(runs, QUIET)[0]?.bestRunId).toBe('rust-cat');
    expect(standingsOf(runs.slice(0, 2), QUIET)).toEqual([]);
  });
});
