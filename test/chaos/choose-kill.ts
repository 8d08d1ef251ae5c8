export type Target = 'command' | 'cloud' | 'database' | 'watchdog' | 'sandbox';

/** A command that may be hit. */
export interface Verb {
  readonly args: readonly string[];
  /** About as long as it takes: the moment of the signal is drawn from this. */
  readonly typicalMs: number;
  readonly targets: readonly Target[];
}

export interface Kill {
  readonly args: readonly string[];
  readonly target: Target;
  readonly signal: NodeJS.Signals;
  readonly delayMs: number;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const;
const ALL: readonly Target[] = ['command', 'cloud', 'database', 'watchdog', 'sandbox'];

/** What begins a cycle, in a folder where nothing is deployed. */
export const OPENINGS: readonly Verb[] = [
  { args: ['deploy', '--local', '--runtime', 'node'], typicalMs: 4000, targets: ALL },
  { args: ['bench', '--local', '--runtime', 'node', '-p', '2', '-c', '40'], typicalMs: 8000, targets: ALL },
  { args: ['local', 'start'], typicalMs: 1200, targets: ['command', 'cloud', 'database', 'watchdog'] },
];

/** What is run where a shed is deployed. */
export const VERBS: readonly Verb[] = [
  {
    args: ['load', '--local', '--route', 'dog', '-p', '2', '--duration', '2s'],
    typicalMs: 3000,
    targets: ALL,
  },
  { args: ['load', '--local', '--route', 'sheep', '-p', '2', '-c', '50'], typicalMs: 2000, targets: ALL },
  { args: ['report', '--local'], typicalMs: 1500, targets: ['command', 'cloud', 'database', 'watchdog'] },
  { args: ['verify', '--local', '-y'], typicalMs: 4000, targets: ALL },
  { args: ['status', '--local'], typicalMs: 1000, targets: ['command', 'cloud', 'database', 'watchdog'] },
  { args: ['reset', '--local'], typicalMs: 1000, targets: ['command', 'cloud', 'database', 'watchdog'] },
  { args: ['runs'], typicalMs: 400, targets: ['command'] },
  { args: ['local', 'status'], typicalMs: 500, targets: ['command'] },
  { args: ['local', 'stop'], typicalMs: 1000, targets: ['command', 'cloud', 'database', 'watchdog'] },
];

/** Draws a verb, a target, a signal and a moment. */
export function chooseKill(verbs: readonly Verb[], random: () => number): Kill {
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  };
  const verb = pick(verbs);
  // A database and a sandbox die by a signal of their own kind only when somebody means them: SIGKILL is what does.
  return {
    args: verb.args,
    target: pick(verb.targets),
    signal: pick(SIGNALS),
    delayMs: random() * verb.typicalMs,
  };
}
