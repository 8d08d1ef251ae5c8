import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createInterrupts } from '../src/interrupts.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const kill = vi.fn();
  const process = Object.assign(new EventEmitter(), { pid: 7, kill });
  const interrupts = createInterrupts(process as unknown as NodeJS.Process);
  const send = (signal: string) => process.emit(signal, signal);
  const listeners = () => process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');
  return { kill, interrupts, send, listeners };
}

describe('requests to stop', () => {
  test('requests to stop abort the first signal, then the second, and the third request ends the process by its signal', () => {
    const { kill, interrupts, send, listeners } = setUp();
    send('SIGINT');
    expect([interrupts.interrupt.first.aborted, interrupts.interrupt.second.aborted]).toEqual([true, false]);
    send('SIGTERM');
    expect(interrupts.interrupt.second.aborted).toBe(true);
    expect(kill).not.toHaveBeenCalled();
    send('SIGTERM');
    expect(kill.mock.calls).toEqual([[7, 'SIGTERM']]);
    // Without listeners the signal has its default effect.
    expect(listeners()).toBe(0);
  });

  test('a request to stop ends the process by the signal if something delays the end', () => {
    const { kill, interrupts, send } = setUp();
    send('SIGINT');
    interrupts.close();
    expect(kill).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(kill.mock.calls).toEqual([[7, 'SIGINT']]);
  });

  test('a process without requests to stop ends by itself', () => {
    const { kill, interrupts } = setUp();
    interrupts.close();
    vi.advanceTimersByTime(60_000);
    expect(kill).not.toHaveBeenCalled();
  });
});
