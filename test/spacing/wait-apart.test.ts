import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProgressEvent } from '../../src/model/events.ts';
import {
  APART_MS,
  leftUntilApartMs,
  noteCalls,
  tellOfCalls,
  waitUntilApart,
} from '../../src/spacing/wait-apart.ts';
import type { CallKind } from '../../src/store/last-calls.ts';

let cwd: string;
const events: ProgressEvent[] = [];
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'shedbench-calls-'));
  events.length = 0;
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** How long a use of these functions waits at a moment, ms. */
async function waitAt(
  epochMs: number,
  names: readonly string[],
  kind: CallKind = 'run',
  localSinceEpochMs?: number,
): Promise<number> {
  let sleptMs = 0;
  const never = new AbortController().signal;
  const deps = {
    cwd,
    now: () => epochMs,
    sleep: async (ms: number) => {
      sleptMs += ms;
    },
    interrupt: { first: never, second: never },
    emit: (event: ProgressEvent) => void events.push(event),
  };
  await waitUntilApart(names, kind, deps, localSinceEpochMs);
  return sleptMs;
}

const noteAt = (epochMs: number, names: readonly string[], kind: CallKind = 'check'): Promise<void> =>
  noteCalls(names, kind, { cwd, now: () => epochMs, emit: (event) => void events.push(event) });

describe('a run stands apart from what was called before it', () => {
  test('a run waits for the rest of the distance, for its own function alone', async () => {
    await noteAt(10_000, ['dog', 'cat']);
    expect(await waitAt(11_000, ['dog'])).toBe(APART_MS - 1_000);
    expect(await waitAt(11_000, ['wolf'])).toBe(0);
    expect(await waitAt(10_000 + APART_MS, ['cat'])).toBe(0);
  });

  test('under one clock a run waits until the last REPORT line and the next call lie in different seconds', async () => {
    await noteAt(10_000, ['dog']);
    // The line may be written until 10,505, in the second that ends at 11,000.
    expect(await waitAt(10_100, ['dog'], 'run', 0)).toBe(920);
    expect(await waitAt(11_020, ['dog'], 'run', 0)).toBe(0);
    await noteAt(20_600, ['dog']);
    expect(await waitAt(20_600, ['dog'], 'run', 0)).toBe(1_420);
    expect(await waitAt(20_600, ['dog'], 'check', 0)).toBe(0);
  });

  test('a load of a server is told of calls that an earlier load of it gave up, while they may still run', async () => {
    const deps = (epochMs: number) => ({
      cwd,
      now: () => epochMs,
      emit: (event: ProgressEvent) => void events.push(event),
    });
    await noteCalls(['http://one'], 'run', deps(10_000), 15_000);
    await tellOfCalls(['http://two'], deps(11_000));
    await tellOfCalls(['http://one'], deps(15_000));
    expect(events).toEqual([]);
    await tellOfCalls(['http://one'], deps(11_000));
    expect(events).toMatchObject([
      { type: 'note', message: expect.stringContaining('gave up may still run') },
    ]);
  });

  test('the wait that is told beforehand is the wait that follows, also after calls that may still run', async () => {
    const left = (epochMs: number) =>
      leftUntilApartMs(['dog'], { cwd, now: () => epochMs, emit: (event) => void events.push(event) }, 0);
    await noteAt(10_000, ['dog']);
    expect(await left(10_100)).toBe(920);
    expect(await left(11_020)).toBe(0);
    const deps = { cwd, now: () => 20_000, emit: (event: ProgressEvent) => void events.push(event) };
    await noteCalls(['dog'], 'run', deps, 25_000);
    expect(await left(20_000)).toBe(5000);
    expect(await left(24_900)).toBe(100);
  });

  test('a run waits for the latest of several, and keeps the others when one is noted', async () => {
    await noteAt(10_000, ['dog']);
    await noteAt(11_000, ['cat']);
    expect(await waitAt(11_500, ['dog', 'cat'])).toBe(APART_MS - 500);
    expect(await waitAt(11_500, ['dog'])).toBe(APART_MS - 1_500);
  });

  test('a run never waits longer than the distance, whatever the clock did meanwhile', async () => {
    await noteAt(9_999_999_999, ['dog']);
    expect(await waitAt(10_000, ['dog'])).toBe(APART_MS);
  });

  test('a run waits until calls that an earlier load gave up can no longer run, and says so', async () => {
    const deps = { cwd, now: () => 10_000, emit: (event: ProgressEvent) => void events.push(event) };
    await noteCalls(['dog'], 'run', deps, 40_000);
    expect(await waitAt(20_000, ['cat'])).toBe(0);
    expect(await waitAt(20_000, ['dog'], 'check')).toBe(0);
    expect(events).toEqual([]);
    expect(await waitAt(20_000, ['dog'])).toBe(20_000);
    expect(events).toEqual([
      {
        type: 'note',
        message: 'Waiting 20 s: calls that the last load gave up may still run in these functions.',
      },
    ]);
    expect(await waitAt(40_000, ['dog'])).toBe(0);
  });

  test('calls that went to a local cloud before this one can no longer run, so nothing waits for them', async () => {
    const deps = { cwd, now: () => 10_000, emit: (event: ProgressEvent) => void events.push(event) };
    await noteCalls(['dog'], 'run', deps, 40_000);
    expect(await waitAt(10_200, ['dog'], 'run', 10_100)).toBe(0);
    expect(events).toEqual([]);
    expect(await waitAt(10_200, ['dog'], 'run', 9_000)).toBe(29_800 + 820);
  });

  test('a run keeps what may still run when other functions are noted', async () => {
    const emit = (event: ProgressEvent) => void events.push(event);
    await noteCalls(['dog'], 'run', { cwd, now: () => 10_000, emit }, 40_000);
    await noteAt(20_000, ['cat']);
    expect(await waitAt(30_000, ['dog'])).toBe(10_000);
  });

  test('a check waits for a run that went before, and not for another check', async () => {
    await noteAt(10_000, ['dog'], 'run');
    await noteAt(10_000, ['cat'], 'check');
    expect(await waitAt(11_000, ['dog', 'cat'], 'check')).toBe(APART_MS - 1_000);
    expect(await waitAt(11_000, ['cat'], 'check')).toBe(0);
    expect(await waitAt(11_000, ['cat'], 'run')).toBe(APART_MS - 1_000);
  });

  test('a disk that does not take it costs a warning, and nothing that was measured', async () => {
    writeFileSync(join(cwd, '.shedbench'), 'in its place');
    await noteAt(10_000, ['dog'], 'run');
    expect(events).toMatchObject([{ type: 'warning', code: 'calls-not-noted' }]);
    events.length = 0;
    await noteAt(10_000, [], 'run');
    expect(events).toEqual([]);
  });

  test('a run does not wait where nothing is known', async () => {
    expect(await waitAt(10_000, ['dog'])).toBe(0);
    await noteAt(10_000, ['dog']);
    writeFileSync(join(cwd, '.shedbench', 'last-calls.json'), '{"do');
    expect(await waitAt(10_000, ['dog'])).toBe(0);
    expect(events).toMatchObject([{ type: 'warning', code: 'document-damaged' }]);
  });
});
