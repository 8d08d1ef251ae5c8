/** What a chain of benches is to show. */
export const MODES = ['quiet', 'disturbed', 'builds', 'builds-disturbed', 'slowed'] as const;
export type Mode = (typeof MODES)[number];

export function isMode(text: string): text is Mode {
  return MODES.some((mode) => mode === text);
}

/** Whether each bench holds two builds against each other, rather than being compared with its neighbour. */
export function holdsBuilds(mode: Mode): boolean {
  return mode === 'builds' || mode === 'builds-disturbed' || mode === 'slowed';
}
