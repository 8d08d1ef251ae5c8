import type { ReportedRun } from './report.ts';

type Placed = Pick<ReportedRun, 'memorySizeMB' | 'architecture'>;

/**
 * The setting that a run was made in: memory size and architecture. Languages are compared only within one setting.
 */
export function cellOf({ memorySizeMB, architecture }: Placed): string {
  return `${architecture ?? 'unknown'} ${memorySizeMB ?? 'unknown'}`;
}

/**
 * The parts of a run's setting that differ among the runs of a report: `512 MB`, `arm64 512 MB`. Empty if nothing
 * differs.
 */
export function cellName(run: Placed, all: readonly Placed[]): string {
  const differs = (value: (of: Placed) => unknown): boolean => new Set(all.map(value)).size > 1;
  const parts = [
    differs(({ architecture }) => architecture) ? (run.architecture ?? '') : '',
    differs(({ memorySizeMB }) => memorySizeMB) && run.memorySizeMB !== undefined
      ? `${run.memorySizeMB} MB`
      : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}
