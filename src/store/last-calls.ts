import { join } from 'node:path';
import type { Emit } from '../model/events.ts';
import { type DocumentKind, readDocument } from './document.ts';
import { writeWhole } from './files.ts';
import { PLACES } from './places.ts';
import { epochMs, map, object, oneOf, optional } from './shapes.ts';

/** `run`: a measured load, whose rows a report counts. `check`: calls of a probe, of `verify` or of `status`. */
export type CallKind = 'run' | 'check';

/** The times at which this folder last called functions, epoch ms of this machine. */
export type LastCalls = Record<string, LastCall>;

export interface LastCall {
  readonly atEpochMs: number;
  readonly kind: CallKind;
  /** The time until which a call without an answer may still run. Absent if every call was answered. */
  readonly runsUntilEpochMs?: number;
}

const LAST_CALLS_DOCUMENT: DocumentKind<LastCalls> = {
  name: 'list of last calls',
  shape: map(
    object<LastCall>({
      atEpochMs: epochMs,
      kind: oneOf(['run', 'check']),
      runsUntilEpochMs: optional(epochMs),
    }),
  ),
  hint: 'The next call writes a new one',
};

const fileOf = (cwd: string): string => join(cwd, PLACES.lastCalls);

/** The last calls of a folder. Empty if the file is missing or damaged. The worst consequence is a warning of foreign traffic. */
export async function readLastCalls(deps: { readonly cwd: string; readonly emit: Emit }): Promise<LastCalls> {
  return (await readDocument(fileOf(deps.cwd), LAST_CALLS_DOCUMENT, deps.emit)) ?? {};
}

/** Writes the last calls. They are useless after a restart of the machine, so they need not survive one. @throws as `writeWhole` */
export async function writeLastCalls(cwd: string, calls: LastCalls): Promise<void> {
  await writeWhole(fileOf(cwd), JSON.stringify(calls), { durable: false });
}
