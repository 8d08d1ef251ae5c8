import type { RunRecord } from '../model/run.ts';

/** What of a record only a load knows. */
type Loaded = 'plan' | 'accounting' | 'latency' | 'instrument';

/**
 * The invocations of one function in one window, of which a report tells: those of a run of this folder, or all of them,
 * whoever made them. A run record is one.
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

/** A subject whose calls a load of ours made and counted. */
export type LoadedSubject = ReportSubject & Required<Pick<ReportSubject, Loaded>>;

export function isLoaded(subject: ReportSubject): subject is LoadedSubject {
  return subject.plan !== undefined && subject.accounting !== undefined;
}
