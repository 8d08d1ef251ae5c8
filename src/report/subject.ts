import type { RunRecord } from '../model/run.ts';

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
  | 'functionName'
  | 'logGroupName'
  | 'lambdaRuntime'
  | 'architecture'
  | 'memorySizeMB'
  | 'artifactSha256'
  | 'bundle'
  | 'templateSha256'
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
