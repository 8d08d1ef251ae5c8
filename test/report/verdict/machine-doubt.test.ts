import { expect, test } from 'vitest';
import type { MachineState } from '../../../src/model/run.ts';
import { doubtText, isWithinDoubt, machineDoubt } from '../../../src/report/verdict/machine-doubt.ts';
import { measured } from '../measured-run.ts';

const yardsticks = (...ms: number[]) =>
  ms.map((value, index) => ({ atEpochMs: index, beforeRound: index, ms: value }));
const on = (machine: MachineState) => ({ ...measured('rust', 'cat', { warm: [1] }), machine });

test('the yardsticks of all runs tell how far the machine moved', () => {
  const doubt = machineDoubt([
    on({ yardsticks: yardsticks(50, 51) }),
    on({ yardsticks: yardsticks(60, 52) }),
  ]);
  expect(doubt?.yardstickMoved).toBeCloseTo(0.2, 9);
  expect(doubt?.share).toBeCloseTo(0.2, 9);
});

test('programs that use half of the cores may have made the functions twice as slow', () => {
  const doubt = machineDoubt([on({ yardsticks: yardsticks(50, 50), otherCpuShare: 0.5 })]);
  expect(doubt?.share).toBeCloseTo(1, 9);
  expect(isWithinDoubt(1.9, doubt)).toBe(true);
  expect(isWithinDoubt(1 / 1.9, doubt)).toBe(true);
  expect(isWithinDoubt(2.1, doubt)).toBe(false);
});

test('nothing is known of a machine that was not observed', () => {
  expect(machineDoubt([measured('rust', 'cat', { warm: [1] })])).toBeUndefined();
  expect(isWithinDoubt(1.0001, undefined)).toBe(false);
});

test('the words name what moved, and other programs only where they used a tenth of the cores', () => {
  const doubt = { share: 0.34, yardstickMoved: 0.34, otherCpuShare: 0.21, stealShare: 0.05 };
  expect(doubtText(doubt)).toBe(
    'the same work took up to 34 % longer at times, and other programs used 21 % of its cores',
  );
  expect(doubtText({ ...doubt, otherCpuShare: 0.05 })).toBe('the same work took up to 34 % longer at times');
});
