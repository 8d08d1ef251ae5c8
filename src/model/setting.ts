import type { Architecture } from './target.ts';

/** One setting of a bench over several: the memory size and architecture of every function while it is measured. */
export interface Setting {
  readonly memorySizeMB: number;
  readonly architecture: Architecture;
}

/** `arm64, 512 MB` */
export function settingText({ memorySizeMB, architecture }: Setting): string {
  return `${architecture}, ${memorySizeMB} MB`;
}

/** The setting in a form for file names: `arm64-512MB`. */
export function settingId({ memorySizeMB, architecture }: Setting): string {
  return `${architecture}-${memorySizeMB}MB`;
}

export function isSameSetting(a: Partial<Setting>, b: Partial<Setting>): boolean {
  return a.memorySizeMB === b.memorySizeMB && a.architecture === b.architecture;
}

/** All settings of a grid: one architecture after the other, and within each the memory sizes from small to large. */
export function gridOf(memorySizesMB: readonly number[], architectures: readonly Architecture[]): Setting[] {
  const sizes = [...new Set(memorySizesMB)].sort((a, b) => a - b);
  return [...new Set(architectures)].flatMap((architecture) =>
    sizes.map((memorySizeMB) => ({ memorySizeMB, architecture })),
  );
}
