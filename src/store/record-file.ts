import { join } from 'node:path';
import { usageError } from '../errors.ts';
import { RUN_ID } from './run-schema.ts';

/**
 * The path `<folder>/<id>.json` of the document of a run or a bench.
 * @throws ShedbenchError `bad-run-id` (exit 2) for an id that is no file name
 */
export function recordFile(folder: string, id: string): string {
  if (!RUN_ID.test(id)) {
    throw usageError('bad-run-id', `'${id}' is not the id of a run or a bench.`, 'shedbench runs');
  }
  return join(folder, `${id}.json`);
}
