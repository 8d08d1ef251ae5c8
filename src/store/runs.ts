import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, ShedbenchError, usageError } from '../errors.ts';
import { RUN_SCHEMA, type RunRecord } from '../model/run.ts';

const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/** What lies in a folder of runs: the records, and the files that are none, each with its reason. */
export interface RunListing {
  /** Oldest first. */
  readonly runs: readonly RunRecord[];
  readonly unreadable: readonly ShedbenchError[];
}

/** `<cwd>/.shedbench/runs`: where the records of a folder's runs lie. */
export function runsFolder(cwd: string): string {
  return join(cwd, '.shedbench', 'runs');
}

/**
 * Writes a record as `<folder>/<id>.json` and returns that path. The file appears whole or not at all, also when the
 * process or the machine dies in between.
 */
export async function writeRun(folder: string, record: RunRecord): Promise<string> {
  const path = pathOf(folder, record.id);
  const draft = `${path}.${process.pid}.tmp`;
  await mkdir(folder, { recursive: true });
  try {
    const file = await open(draft, 'w', 0o644);
    try {
      await file.writeFile(`${JSON.stringify(record)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    throw cause;
  }
  return path;
}

/**
 * The record of one run.
 * @throws ShedbenchError `no-such-run` (2), `bad-run-id` (2), `run-cut-short`, `run-schema`, `run-damaged` (1)
 */
export async function readRun(folder: string, id: string): Promise<RunRecord> {
  const path = pathOf(folder, id);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw usageError('no-such-run', `There is no run '${id}' in ${folder}.`, 'shedbench runs');
    }
    throw cause;
  }
  return parseRun(text, path);
}

/** Every record of a folder; one that can't be read is told apart and keeps none of the others back. */
export async function listRuns(folder: string): Promise<RunListing> {
  const runs: RunRecord[] = [];
  const unreadable: ShedbenchError[] = [];
  for (const name of await recordNames(folder)) {
    try {
      runs.push(parseRun(await readFile(join(folder, name), 'utf8'), join(folder, name)));
    } catch (error) {
      if (!(error instanceof ShedbenchError)) throw error;
      unreadable.push(error);
    }
  }
  runs.sort((a, b) => a.startedAtEpochMs - b.startedAtEpochMs || (a.id < b.id ? -1 : 1));
  return { runs, unreadable };
}

/**
 * Reads a record's text; `path` is for the messages.
 * @throws ShedbenchError `run-cut-short`, `run-schema`, `run-damaged` (exit 1)
 */
export function parseRun(text: string, path: string): RunRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadableRun(
      'run-cut-short',
      `The run record ${path} is cut short or not JSON (${Buffer.byteLength(text)} bytes).`,
      `Delete it, or load again.`,
      cause,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unreadableRun('run-damaged', `${path} is no run record.`, 'Delete it, or load again.');
  }
  const { schema } = value as { schema?: unknown };
  if (schema !== RUN_SCHEMA) {
    throw unreadableRun(
      'run-schema',
      `The run record ${path} has the schema ${JSON.stringify(schema) ?? 'undefined'}; this version reads ${RUN_SCHEMA}.`,
      'Read it with the version of shedbench that wrote it, or load again.',
    );
  }
  const missing = firstMissing(value as Record<string, unknown>, SHAPE, '');
  if (missing !== undefined) {
    throw unreadableRun(
      'run-damaged',
      `The run record ${path} lacks ${missing}.`,
      'Delete it, or load again.',
    );
  }
  return value as RunRecord;
}

type Shape = { readonly [field: string]: 'string' | 'number' | 'object' | 'array' | Shape };

const HISTOGRAM: Shape = {
  encoding: 'string',
  count: 'number',
  minMs: 'number',
  maxMs: 'number',
  meanMs: 'number',
  stddevMs: 'number',
  buckets: 'array',
};
/** What readers rely on; a record without it was damaged, or written by something else. */
const SHAPE: Shape = {
  id: 'string',
  benchId: 'string',
  state: 'string',
  toolVersion: 'string',
  target: { kind: 'string' },
  url: 'string',
  runtime: 'string',
  route: 'string',
  plan: { route: 'string', mode: 'string', parallel: 'number' },
  window: { startEpochMs: 'number', endEpochMs: 'number', closedLateMs: 'number' },
  clockOffsetMs: 'number',
  startedAtEpochMs: 'number',
  endedAtEpochMs: 'number',
  elapsedMs: 'number',
  rounds: 'array',
  accounting: {
    calls: 'number',
    successes: 'number',
    unexpected: 'number',
    errors: 'number',
    attempts: 'number',
    retries: 'number',
    notSent: 'number',
    sentLate: 'number',
    attemptsByStatus: 'object',
    attemptsByError: 'object',
    throttled: { apiGateway: 'number', lambda: 'number' },
    reachedLambda: { min: 'number', max: 'number' },
  },
  latency: {
    success: HISTOGRAM,
    unexpected: HISTOGRAM,
    error: HISTOGRAM,
    byStatus: 'object',
    connect: HISTOGRAM,
  },
  timeline: { binMs: 'number', bins: 'array' },
  connections: { opened: 'number', failed: 'number' },
  instrument: { cpuShare: 'number', threads: 'number' },
  unexpectedSamples: 'array',
  warnings: 'array',
};

function firstMissing(value: Record<string, unknown>, shape: Shape, path: string): string | undefined {
  for (const [field, expected] of Object.entries(shape)) {
    const found = value[field];
    const name = `${path}${field}`;
    if (
      expected === 'array' ? !Array.isArray(found) : typeof expected === 'string' && typeof found !== expected
    ) {
      return name;
    }
    if (expected === 'string' || expected === 'number' || expected === 'array') continue;
    if (typeof found !== 'object' || found === null) return name;
    if (expected === 'object') continue;
    const inner = firstMissing(found as Record<string, unknown>, expected, `${name}.`);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

async function recordNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
}

function pathOf(folder: string, id: string): string {
  if (!RUN_ID.test(id)) {
    throw usageError('bad-run-id', `'${id}' is no run's id.`, 'shedbench runs');
  }
  return join(folder, `${id}.json`);
}

function unreadableRun(code: string, message: string, hint: string, cause?: unknown): ShedbenchError {
  return new ShedbenchError({ code, message, hint, exitCode: EXIT.fellShort, cause });
}
