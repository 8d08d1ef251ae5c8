import { expect, test } from 'vitest';
import { EXIT, ShedbenchError } from '../../src/errors.ts';
import type { ProgressEvent } from '../../src/model/events.ts';
import { withStep } from '../../src/model/with-step.ts';

const STEP = { id: 'a', title: 'Doing it' };
const START = { type: 'step-start', ...STEP };

function recorder() {
  const events: ProgressEvent[] = [];
  return { events, emit: (event: ProgressEvent) => void events.push(event) };
}

test('a step whose work succeeds ends once, as its ending says, and returns the result', async () => {
  const { events, emit } = recorder();
  const ending = (count: number) => ({ outcome: 'skipped', detail: `${count}` }) as const;
  expect(await withStep(STEP, emit, async () => 7, ending)).toBe(7);
  expect(events).toEqual([START, { type: 'step-end', id: 'a', outcome: 'skipped', detail: '7' }]);
});

test('a step whose work throws ends as failed, and throws the same', async () => {
  const { events, emit } = recorder();
  const failure = new Error('no');
  await expect(withStep(STEP, emit, () => Promise.reject(failure))).rejects.toBe(failure);
  expect(events).toEqual([START, { type: 'step-end', id: 'a', outcome: 'failed' }]);
});

test('a step that is interrupted says so', async () => {
  const { events, emit } = recorder();
  const failure = new ShedbenchError({ code: 'interrupted', message: 'stopped', exitCode: EXIT.interrupted });
  await expect(withStep(STEP, emit, () => Promise.reject(failure))).rejects.toBe(failure);
  expect(events.at(-1)).toEqual({ type: 'step-end', id: 'a', outcome: 'failed', detail: 'interrupted' });
});
