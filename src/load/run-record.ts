import { type MeasuredFunction, RUN_SCHEMA, type RunRecord } from '../model/run.ts';
import type { LoadResult } from './load-result.ts';

/** The parts of a run record that only the command knows: the target of the load, and its names. */
export type RunContext = Pick<
  RunRecord,
  | 'id'
  | 'benchId'
  | 'name'
  | 'toolVersion'
  | 'target'
  | 'url'
  | 'project'
  | 'runtime'
  | keyof MeasuredFunction
  | 'sheep'
  | 'machine'
  | 'interpreter'
  | 'enforcedCpu'
>;

/** Creates the record of one run: what was loaded and what was measured. */
export function createRunRecord(result: LoadResult, context: RunContext): RunRecord {
  return { schema: RUN_SCHEMA, ...context, route: result.plan.route, ...result };
}

/**
 * Creates a run or bench id, such as `20261123-064502-cat-rust-3f9a`. It begins with the UTC time, so that ids sort by
 * age. The given words follow, and four hex digits from `random` (uniform in [0, 1)), which distinguish ids of the same
 * second.
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

/** The characters of a run's id besides letters and digits. */
const NOT_IN_ID = /[^A-Za-z0-9._-]+/g;
const MAX_NAME_IN_ID = 60;

/** A name in the form that a run's id, which is a file name, can contain. */
export function inId(name: string): string {
  return name
    .replace(NOT_IN_ID, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, MAX_NAME_IN_ID);
}
