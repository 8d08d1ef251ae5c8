import { fileError, ShedbenchError } from '../errors.ts';
import type { CommandDeps } from '../model/command.ts';
import { withStep } from '../model/with-step.ts';
import {
  type CallKind,
  type LastCall,
  type LastCalls,
  readLastCalls,
  writeLastCalls,
} from '../store/last-calls.ts';

/**
 * The least time between two uses of a function after which their REPORT rows can be distinguished. Insights takes a
 * run's window in whole seconds (1 s), and the Date header that determines it in server time also has a resolution of
 * a second (another second, and its cache).
 */
export const APART_MS = 2_500;

/**
 * The same time on the local cloud. Its clock is this machine's, so it consists of the whole seconds of Insights, the
 * delay with which a REPORT line may be written, and a margin for timers that fire early.
 */
const REPORT_LAG_MS = 505;
const MARGIN_MS = 20;
const MS_PER_S = 1000;

/** The longest wait for calls that may still run. Lambda ends every function of the shed after 30 s. */
const MAX_WAIT_FOR_CALLS_MS = 40_000;

/**
 * Records that these functions, or servers by their origin, were just called. If the record can't be written, a warning
 * says so, and the results are still shown.
 * @param runsUntilEpochMs the time until which a call without an answer may still run; undefined if every call was
 * answered
 */
export async function noteCalls(
  functionNames: readonly string[],
  kind: CallKind,
  deps: Pick<CommandDeps, 'cwd' | 'now' | 'emit'>,
  runsUntilEpochMs?: number,
): Promise<void> {
  if (functionNames.length === 0) return;
  try {
    await writeCalls(functionNames, kind, deps, runsUntilEpochMs);
  } catch (error) {
    const trouble = error instanceof ShedbenchError ? error : fileError(error);
    if (trouble === undefined) throw error;
    deps.emit({
      type: 'warning',
      code: 'calls-not-noted',
      message: `The time of these calls could not be recorded: ${trouble.message}`,
      hint: 'Leave some seconds between this and the next load, so that their rows can be told apart',
    });
  }
}

async function writeCalls(
  functionNames: readonly string[],
  kind: CallKind,
  deps: Pick<CommandDeps, 'cwd' | 'now' | 'emit'>,
  runsUntilEpochMs: number | undefined,
): Promise<void> {
  const now = deps.now();
  const before = Object.entries(await readLastCalls(deps)).filter(
    ([, use]) => now - use.atEpochMs < APART_MS || (use.runsUntilEpochMs ?? 0) > now,
  );
  const use = { atEpochMs: now, kind, ...(runsUntilEpochMs === undefined ? {} : { runsUntilEpochMs }) };
  const calls: LastCalls = Object.fromEntries([
    ...before,
    ...functionNames.map((name) => [name, use] as const),
  ]);
  await writeLastCalls(deps.cwd, calls);
}

/**
 * Waits until the rows of new calls of these functions can be distinguished from those of this folder's earlier
 * calls. A run waits after every use. A check waits only after runs, because nobody counts the rows of checks.
 * @param localSinceEpochMs when the local cloud with the functions started, epoch ms. Earlier calls went to a cloud
 * that has ended. Undefined for AWS.
 */
export async function waitUntilApart(
  functionNames: readonly string[],
  kind: CallKind,
  deps: Pick<CommandDeps, 'cwd' | 'now' | 'sleep' | 'interrupt' | 'emit'>,
  localSinceEpochMs?: number,
): Promise<void> {
  const uses = await usesOf(functionNames, deps, localSinceEpochMs);
  if (kind === 'run') await waitForCalls(uses, deps);
  const leftMs = leftApartMs(uses, kind, deps.now(), localSinceEpochMs !== undefined);
  if (leftMs <= 0) return;
  await withStep(
    { id: 'apart', title: 'Waiting until the log rows of earlier calls can be distinguished' },
    deps.emit,
    () => deps.sleep(leftMs, deps.interrupt.first),
  );
}

/**
 * Says that calls which an earlier load of these servers gave up may still run there. It does not wait for them, because
 * nobody knows how long they take on a server that is not Lambda.
 * @param servers origins, such as `https://api.example.com`, under which `noteCalls` recorded them
 */
export async function tellOfCalls(
  servers: readonly string[],
  deps: Pick<CommandDeps, 'cwd' | 'now' | 'emit'>,
): Promise<void> {
  if (leftForCallsMs(await usesOf(servers, deps, undefined), deps.now()) <= 0) return;
  deps.emit({
    type: 'note',
    message:
      'Calls that an earlier load of this server gave up may still run there, beside those of this load.',
  });
}

/** How long a run of these functions would wait now, ms. @param localSinceEpochMs as for `waitUntilApart` */
export async function leftUntilApartMs(
  functionNames: readonly string[],
  deps: Pick<CommandDeps, 'cwd' | 'now' | 'emit'>,
  localSinceEpochMs?: number,
): Promise<number> {
  const uses = await usesOf(functionNames, deps, localSinceEpochMs);
  const callsMs = leftForCallsMs(uses, deps.now());
  return callsMs + leftApartMs(uses, 'run', deps.now() + callsMs, localSinceEpochMs !== undefined);
}

async function usesOf(
  functionNames: readonly string[],
  deps: Pick<CommandDeps, 'cwd' | 'emit'>,
  localSinceEpochMs: number | undefined,
): Promise<LastCall[]> {
  const calls = await readLastCalls(deps);
  return functionNames
    .flatMap((name) => calls[name] ?? [])
    .filter(({ atEpochMs }) => atEpochMs >= (localSinceEpochMs ?? 0));
}

/** How long new calls have to wait for the rows of earlier ones, ms; 0 or less if they need not. */
function leftApartMs(
  uses: readonly LastCall[],
  kind: CallKind,
  nowEpochMs: number,
  isLocal: boolean,
): number {
  const last = Math.max(
    ...uses.filter((use) => kind === 'run' || use.kind === 'run').map(({ atEpochMs }) => atEpochMs),
    0,
  );
  const apartAt = isLocal
    ? Math.ceil((last + REPORT_LAG_MS) / MS_PER_S) * MS_PER_S + MARGIN_MS
    : last + APART_MS;
  return Math.max(0, Math.min(APART_MS, apartAt - nowEpochMs));
}

/**
 * Waits until calls that an earlier load gave up can no longer run. They would occupy the functions' environments and
 * the machine during the next load.
 */
async function waitForCalls(
  uses: readonly LastCall[],
  deps: Pick<CommandDeps, 'now' | 'sleep' | 'interrupt' | 'emit'>,
): Promise<void> {
  const leftMs = leftForCallsMs(uses, deps.now());
  if (leftMs <= 0) return;
  deps.emit({
    type: 'note',
    message: `Waiting ${Math.ceil(leftMs / 1000)} s: calls that the last load gave up may still run in these functions.`,
  });
  await deps.sleep(leftMs, deps.interrupt.first);
}

function leftForCallsMs(uses: readonly LastCall[], nowEpochMs: number): number {
  const untilMs = Math.max(0, ...uses.map(({ runsUntilEpochMs = 0 }) => runsUntilEpochMs));
  return Math.max(0, Math.min(MAX_WAIT_FOR_CALLS_MS, untilMs - nowEpochMs));
}
