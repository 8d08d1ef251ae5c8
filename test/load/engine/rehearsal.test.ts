import { expect, onTestFinished, test, vi } from 'vitest';
import { Rehearsal } from '../../../src/load/engine/rehearsal.ts';
import { createLoadPlan } from '../../../src/load/load-plan.ts';

const plan = createLoadPlan({ route: 'dog', parallel: 4, rate: '100', calls: 10 });

function startRehearsal(isTls: boolean): Rehearsal {
  const rehearsal = new Rehearsal(plan, isTls);
  onTestFinished(() => rehearsal.end());
  return rehearsal;
}

for (const [name, isTls] of [
  ['HTTP', false],
  ['TLS', true],
] as const) {
  test(`over ${name} a rehearsal sends one call at a time, and reads its answer`, async () => {
    const rehearsal = startRehearsal(isTls);
    expect(rehearsal.perform()).toBe(false);
    await rehearsal.open();
    for (let call = 0; call < 50; call++) {
      // It turns true again only after the answer to the call before has arrived.
      await vi.waitFor(() => expect(rehearsal.perform()).toBe(true), { timeout: 5000, interval: 1 });
      expect(rehearsal.perform()).toBe(false);
    }
  });
}

test('a rehearsal that has ended sends nothing, even if it ended while it was opening', async () => {
  const rehearsal = startRehearsal(false);
  const opened = rehearsal.open();
  rehearsal.end();
  await opened;
  for (let turn = 0; turn < 50; turn++) {
    await new Promise(setImmediate);
    expect(rehearsal.perform()).toBe(false);
  }
});

test('a rehearsal that ends with a call in flight leaves no timer behind', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const rehearsal = startRehearsal(false);
  await rehearsal.open();
  await vi.waitFor(() => expect(rehearsal.perform()).toBe(true), { timeout: 5000, interval: 1 });
  rehearsal.end();
  await vi.waitFor(() => expect(timers()).toBeLessThanOrEqual(before), { timeout: 5000, interval: 1 });
});
