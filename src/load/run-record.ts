import { RUN_SCHEMA, type RunRecord } from '../model/run.ts';
import type { LoadResult } from './load-result.ts';

/** What of a run record only the command knows: whom it loaded, and under which names. */
export type RunContext = Pick<
  RunRecord,
  | 'id'
  | 'benchId'
  | 'toolVersion'
  | 'target'
  | 'url'
  | 'project'
  | 'runtime'
  | 'functionName'
  | 'logGroupName'
  | 'lambdaRuntime'
  | 'architecture'
  | 'memorySizeMB'
  | 'artifactSha256'
  | 'templateSha256'
  | 'sheep'
  | 'machine'
  | 'interpreter'
  | 'enforcedCpu'
>;

/** The record of one run: what was loaded and what was measured. */
export function createRunRecord(result: LoadResult, context: RunContext): RunRecord {
  return { schema: RUN_SCHEMA, ...context, route: result.plan.route, ...result };
}

/**
 * A new run or bench id, such as `20261123-064502-cat-rust-3f9a`: UTC time first, so that names sort by age, then the
 * given words, then four hex digits from `random` (uniform in [0, 1)) against two in the same second.
 */
export function createRunId(
  clock: { readonly now: () => number; readonly random: () => number },
  ...words: readonly string[]
): string {
  const [day = '', time = ''] = new Date(clock.now()).toISOString().replace(/[-:]/g, '').split(/[T.]/);
  const suffix = Math.floor(clock.random() * 0x10000)
    .toString(16)
    .padStart(4, '0');
  return [day, time, ...words, suffix].join('-');
}
