import type { ReportedRun } from './report.ts';

type Placed = Pick<ReportedRun, 'memorySizeMB' | 'architecture'>;

/**
 * The setting that a run was made in: memory size and architecture. Languages are compared only within one setting.
 */
export function cellOf({ memorySizeMB, architecture }: Placed): string {
  return `${architecture ?? 'unknown'} ${memorySizeMB ?? 'unknown'}`;
}

/**
 * Returns a function that names the parts of a run's setting that differ among all these runs: `512 MB`,
 * `arm64 512 MB`. Its result is empty if nothing differs.
 */
export function cellNamer(all: readonly Placed[]): (run: Placed) => string {
  const differs = (value: (of: Placed) => unknown): boolean => new Set(all.map(value)).size > 1;
  const hasArchitectures = differs(({ architecture }) => architecture);
  const hasSizes = differs(({ memorySizeMB }) => memorySizeMB);
  return ({ architecture, memorySizeMB }) =>
    [
      hasArchitectures ? (architecture ?? '') : '',
      hasSizes && memorySizeMB !== undefined ? `${memorySizeMB} MB` : '',
    ]
      .filter((part) => part !== '')
      .join(' ');
}
