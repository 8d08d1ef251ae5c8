import { join } from 'node:path';
import type { Emit } from '../model/events.ts';
import type { Setting } from '../model/setting.ts';
import { type DocumentKind, readNamedDocuments } from './document.ts';
import { writeWhole } from './files.ts';
import { PLACES } from './places.ts';
import { recordFile } from './record-file.ts';
import { RUN_ID } from './run-schema.ts';
import {
  architecture,
  epochMs,
  exactly,
  list,
  object,
  oneOf,
  positive,
  type Shape,
  textLike,
} from './shapes.ts';

const GRID_SCHEMA = 'shedbench/grid@2';

/** The record of a bench over several settings: its options and its progress. `bench --resume` continues from it. */
export interface GridRecord<Options> {
  readonly schema: typeof GRID_SCHEMA;
  readonly benchId: string;
  readonly state: 'running' | 'done';
  /** The options of the bench. */
  readonly options: Options;
  readonly settings: readonly Setting[];
  /** The settings of which every run is complete and on disk. */
  readonly done: readonly Setting[];
  readonly startedAtEpochMs: number;
}

const setting: Shape<Setting> = object<Setting>({ memorySizeMB: positive, architecture });

function gridDocument<Options>(options: Shape<Options>): DocumentKind<GridRecord<Options>> {
  return {
    name: 'record of a grid',
    schema: GRID_SCHEMA,
    shape: object<GridRecord<unknown>>({
      schema: exactly(GRID_SCHEMA),
      benchId: textLike(RUN_ID, "a bench's id"),
      state: oneOf(['running', 'done']),
      options,
      settings: list(setting),
      done: list(setting),
      startedAtEpochMs: epochMs,
    }) as Shape<GridRecord<Options>>,
    hint: 'Its runs are kept: shedbench report --run BENCH shows what was measured',
  };
}

/** A new record with its schema. */
export function gridRecord<Options>(content: Omit<GridRecord<Options>, 'schema'>): GridRecord<Options> {
  return { schema: GRID_SCHEMA, ...content };
}

/**
 * Writes the record as `.shedbench/grids/<bench id>.json`.
 * @throws ShedbenchError `bad-run-id` (exit 2) for an id that is no file name, and as `writeWhole`
 */
export async function writeGrid(cwd: string, grid: GridRecord<unknown>): Promise<void> {
  await writeWhole(recordFile(folderOf(cwd), grid.benchId), `${JSON.stringify(grid, undefined, 2)}\n`);
}

/**
 * The latest unfinished grid of a folder. Undefined if there is none.
 * @param options the shape of the options of a bench
 */
export async function unfinishedGrid<Options>(
  cwd: string,
  options: Shape<Options>,
  emit: Emit,
): Promise<GridRecord<Options> | undefined> {
  const kind = gridDocument(options);
  const found = await readNamedDocuments(folderOf(cwd), kind, ({ benchId }) => `${benchId}.json`, emit);
  return found
    .filter(({ state }) => state === 'running')
    .sort((a, b) => a.startedAtEpochMs - b.startedAtEpochMs)
    .at(-1);
}

const folderOf = (cwd: string): string => join(cwd, PLACES.grids);
