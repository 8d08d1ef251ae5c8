import { vi } from 'vitest';

const NAMES = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'Date',
] as const;

// Test files share a process. A clock that one file has replaced must not stand still in the next: neither fake timers,
// nor a fake timer that a restored spy has put back. The first file finds the system's own.
vi.useRealTimers();
const key = Symbol.for('shedbench.test.clock');
const shared = globalThis as { [key]?: object };
shared[key] ??= Object.fromEntries(NAMES.map((name) => [name, globalThis[name]]));
Object.assign(globalThis, shared[key]);
