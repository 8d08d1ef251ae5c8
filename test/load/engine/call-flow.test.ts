import { expect, test, vi } from 'vitest';
import { DueAlarm } from '../../../src/load/engine/due-alarm.ts';
import { rawServer } from '../support/raw-server.ts';
import { load } from '../support/run.ts';

test('an open loop whose last call is in flight waits for it without turning', async () => {
  const set = vi.spyOn(DueAlarm.prototype, 'set');
  const server = await rawServer(() => undefined);
  try {
    await load(server.url, { rate: '100', calls: 1, plan: { timeoutMs: 400 } });
    // Whatever is set once the schedule is over would ring at once, again and again.
    expect(set.mock.calls.filter(([dueMs]) => dueMs !== undefined).length).toBeLessThan(20);
  } finally {
    set.mockRestore();
    await server.close();
  }
});
