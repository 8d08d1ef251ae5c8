import type { MeasuredFunction, RunRecord } from '../model/run.ts';

/** The members of a run record that only a load can fill. */
type Loaded = 'plan' | 'accounting' | 'latency' | 'instrument';

/**
 * The subject of a report: the invocations of one function in one window. They are those of a run of this folder, or
 * all invocations, whoever made them. A run record is a subject.
 */
export type ReportSubject = Pick<
  RunRecord,
  | 'id'
  | 'benchId'
  | 'state'
  | 'toolVersion'
  | 'target'
  | 'project'
  | 'runtime'
  | 'route'
  | keyof MeasuredFunction
  | 'rounds'
  | 'machine'
  | 'interpreter'
  | 'enforcedCpu'
  | 'coldStarts'
  | 'window'
  | 'clockOffsetMs'
  | 'elapsedMs'
  | 'sheep'
  | 'fleet'
  | 'warnings'
> & { readonly [K in Loaded]?: RunRecord[K] };

/** A subject whose calls were made and counted by a load of this program. */
export type LoadedSubject = ReportSubject & Required<Pick<ReportSubject, Loaded>>;

export function isLoaded(subject: ReportSubject): subject is LoadedSubject {
  return subject.plan !== undefined && subject.accounting !== undefined;
}

/**
 * Whether two runs are of one target and one project. A local cloud has another endpoint after each start; two runs of
 * one bench are of the same target all the same, because a bench that was cut short goes on in a new cloud.
 */
export function isSameTarget(
  a: Pick<ReportSubject, 'target' | 'project' | 'benchId'>,
  b: Pick<ReportSubject, 'target' | 'project' | 'benchId'>,
): boolean {
  const isSamePlace =
    a.target.endpoint === b.target.endpoint || (a.target.kind === 'local' && a.benchId === b.benchId);
  return (
    isSamePlace &&
    a.target.kind === b.target.kind &&
    a.target.region === b.target.region &&
    a.target.accountId === b.target.accountId &&
    a.project === b.project
  );
}
