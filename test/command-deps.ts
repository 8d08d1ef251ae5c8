import type { CommandDeps } from '../src/model/command.ts';
import type { ProgressEvent } from '../src/model/events.ts';

/** What a command needs of its surroundings: clocks that stand at 0, no interrupt, no terminal. `events` grows. */
export function commandDeps(
  cwd: string,
  overrides: Partial<CommandDeps> = {},
): CommandDeps & { readonly events: readonly ProgressEvent[] } {
  const events: ProgressEvent[] = [];
  const { signal } = new AbortController();
  return {
    cwd,
    env: {},
    toolVersion: '0.0.0',
    now: () => 0,
    monotonicMs: () => 0,
    random: () => 0,
    sleep: async () => undefined,
    interrupt: { first: signal, second: signal },
    emit: (event) => events.push(event),
    interactive: false,
    confirm: async () => false,
    events,
    ...overrides,
  };
}
