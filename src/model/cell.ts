import type { ReportedRun } from './report.ts';

type Placed = Pick<ReportedRun, 'memorySizeMB' | 'architecture'>;

/**
 * The setting that a run was made in: memory size and architecture. Languages are held against each other within one
 * setting, never across two.
 */
export function cellOf({ memorySizeMB, architecture }: Placed): string {
  return `${architecture ?? 'unknown'} ${memorySizeMB ?? 'unknown'}`;
}

/** `512 MB`, `arm64 512 MB`: what of a run's setting differs among the runs of a report; empty where nothing does. */
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
