import { join } from 'node:path';
import type { Emit } from '../model/events.ts';
import type { Setting } from '../model/setting.ts';
import { type DocumentKind, readDocuments } from './document.ts';
import { writeWhole } from './files.ts';
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
  text,
  textLike,
} from './shapes.ts';

const GRID_SCHEMA = 'shedbench/grid@1';

/** The record of a bench over several settings: its options and its progress. `bench --resume` continues from it. */
export interface GridRecord {
  readonly schema: typeof GRID_SCHEMA;
  readonly benchId: string;
  readonly state: 'running' | 'done';
  /** The options of the bench, as JSON. */
  readonly options: string;
  readonly settings: readonly Setting[];
  /** The settings of which every run is complete and on disk. */
  readonly done: readonly Setting[];
  readonly startedAtEpochMs: number;
}

const setting: Shape<Setting> = object<Setting>({ memorySizeMB: positive, architecture });

const GRID_DOCUMENT: DocumentKind<GridRecord> = {
  name: 'record of a grid',
  schema: GRID_SCHEMA,
  shape: object<GridRecord>({
    schema: exactly(GRID_SCHEMA),
    benchId: textLike(RUN_ID, "a bench's id"),
    state: oneOf(['running', 'done']),
    options: text,
    settings: list(setting),
    done: list(setting),
    startedAtEpochMs: epochMs,
  }),
  hint: 'Its runs are kept: shedbench report --run BENCH shows what was measured',
};

/** A new record with its schema. */
export function gridRecord(content: Omit<GridRecord, 'schema'>): GridRecord {
  return { schema: GRID_SCHEMA, ...content };
}

/** Writes the record as `.shedbench/grids/<bench id>.json`. @throws as `writeWhole` */
export async function writeGrid(cwd: string, grid: GridRecord): Promise<void> {
  await writeWhole(join(folderOf(cwd), `${grid.benchId}.json`), `${JSON.stringify(grid, undefined, 2)}\n`);
}

/** The latest unfinished grid of a folder. Undefined if there is none. */
export async function unfinishedGrid(cwd: string, emit: Emit): Promise<GridRecord | undefined> {
  const found = await readDocuments(folderOf(cwd), GRID_DOCUMENT, emit);
  return found
    .map(({ document }) => document)
    .filter(({ state }) => state === 'running')
    .sort((a, b) => a.startedAtEpochMs - b.startedAtEpochMs)
    .at(-1);
}

const folderOf = (cwd: string): string => join(cwd, '.shedbench', 'grids');
