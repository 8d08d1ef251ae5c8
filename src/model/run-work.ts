import { counted, groupThousands } from './number-text.ts';
import type { ClientSide, ReportedRun } from './report.ts';

/** The fewest values for which a median is used. */
export const FEWEST_FOR_MEDIAN = 3;

/**
 * Whether a run has calls and every call was answered as expected. For calls that nobody counted, the status in their
 * rows decides.
 */
export function didItsWork({ client, state }: Pick<ReportedRun, 'client' | 'state'>): boolean {
  if (client === undefined) return true;
  return state !== 'failed' && client.calls > 0 && client.unexpected + client.errors === 0;
}

/** The value of `Samples.status` for a REPORT line with a `Status` other than a timeout. */
const STATUS_ERROR = 2;

/**
 * Whether a function failed because its memory was used up: a REPORT line with an error whose Max Memory Used is the memory
 * size (or a MB less, which is how it is rounded).
 */
export function ranOutOfMemory({
  server,
  memorySizeMB,
}: Pick<ReportedRun, 'server' | 'memorySizeMB'>): boolean {
  if (server.state !== 'measured' || memorySizeMB === undefined) return false;
  const { status = [], memoryMB = [] } = server.samples ?? {};
  return status.some((value, row) => value === STATUS_ERROR && (memoryMB[row] ?? 0) >= memorySizeMB - 1);
}

/** `12 of 1,000 calls got an unexpected answer and 3 got none`; undefined if all were answered as expected. */
export function shortfallText({
  calls,
  unexpected,
  errors,
}: Pick<ClientSide, 'calls' | 'unexpected' | 'errors'>): string | undefined {
  const of = `of ${counted(calls, 'call')}`;
  if (unexpected > 0 && errors > 0) {
    return `${groupThousands(unexpected)} ${of} got an unexpected answer and ${groupThousands(errors)} got none`;
  }
  if (unexpected > 0) return `${groupThousands(unexpected)} ${of} got an unexpected answer`;
  if (errors > 0) return `${groupThousands(errors)} ${of} got no answer`;
  return undefined;
}
