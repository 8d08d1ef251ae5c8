import { expect, onTestFinished, test, vi } from 'vitest';
import { Rehearsal } from '../../../src/load/engine/rehearsal.ts';

test('a rehearsal sends one message at a time from the thread to itself', async () => {
  const rehearsal = new Rehearsal();
  onTestFinished(rehearsal.end);
  expect(rehearsal.perform()).toBe(false);
  rehearsal.open();
  for (let message = 0; message < 3; message++) {
    // It turns true again only after the message before has arrived.
    await vi.waitFor(() => expect(rehearsal.perform()).toBe(true), { timeout: 5000, interval: 1 });
    expect(rehearsal.perform()).toBe(false);
  }
});

test('a rehearsal that has ended sends nothing, even if it ended while it was opening', async () => {
  const rehearsal = new Rehearsal();
  rehearsal.open();
  rehearsal.end();
  for (let turn = 0; turn < 50; turn++) {
    await new Promise(setImmediate);
    expect(rehearsal.perform()).toBe(false);
  }
});
