import { join } from 'node:path';
import { fileError, ShedbenchError } from '../errors.ts';
import type { CommandDeps } from '../model/command.ts';
import type { DeployedRuntime } from '../model/deployment.ts';
import { ROUTES } from '../model/route.ts';
import { withStep } from '../model/with-step.ts';
import { type DocumentKind, readDocument } from './document.ts';
import { writeWhole } from './files.ts';
import { finite, map, object, oneOf, optional } from './shapes.ts';

/**
 * How far apart two uses of one function must be for their REPORT rows to be told apart. A run's window is whole
 * seconds for Insights (1 s), and the Date header that places it in server time says no more than the second either
 * (another, and its cache).
 */
export const APART_MS = 2_500;

/**
 * On the local cloud the clocks are the same, so only the whole seconds of Insights remain, with how long after its call
 * a REPORT line may be written, and a margin for timers that fire early.
 */
const REPORT_LAG_MS = 505;
const MARGIN_MS = 20;
const MS_PER_S = 1000;

/** `run`: a measured load, whose rows a report counts; `check`: a probe, a verification or the like. */
export type CallKind = 'run' | 'check';

/** Functions by when this folder last called them, epoch ms of this machine. */
type LastCalls = Record<string, LastCall>;

interface LastCall {
  readonly atEpochMs: number;
  readonly kind: CallKind;
  /** Until when a call that got no answer may still run; absent where every call was answered. */
  readonly runsUntilEpochMs?: number;
}

/** Lambda ends every function of the shed after 30 s; nothing is waited for longer than this. */
const MAX_WAIT_FOR_CALLS_MS = 40_000;

const LAST_CALLS_DOCUMENT: DocumentKind<LastCalls> = {
  name: 'list of last calls',
  shape: map(
    object<LastCall>({
      atEpochMs: finite,
      kind: oneOf(['run', 'check']),
      runsUntilEpochMs: optional(finite),
    }),
  ),
  hint: 'The next call writes a new one',
};

const fileOf = (cwd: string): string => join(cwd, '.shedbench', 'last-calls.json');

/** The names of all functions of these runtimes. */
export function functionNames(runtimes: readonly DeployedRuntime[]): string[] {
  return runtimes.flatMap(({ functions }) => ROUTES.map((route) => functions[route].functionName));
}

/**
 * Remembers that these functions were called just now. Where the disk does not take it, a warning says so: what was
 * measured goes on to the screen all the same.
 * @param runsUntilEpochMs until when a call that got no answer may still run; undefined where every call was answered
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
      message: `That these functions were called could not be noted: ${trouble.message}`,
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
  // Worth nothing after a restart of the machine, so it need not survive one.
  await writeWhole(fileOf(deps.cwd), JSON.stringify(calls), { durable: false });
}

/**
 * Waits until new calls of these functions can't be mistaken for what this folder called before: a run stands apart
 * from every use, a check from runs alone, since nobody counts the rows of two checks.
 * @param localSinceEpochMs when the local cloud that holds the functions started, ms since the epoch: calls before that
 *   went to a cloud that is gone, and log lines are dated by the clock of this machine. Undefined for AWS.
 */
export async function waitUntilApart(
  functionNames: readonly string[],
  kind: CallKind,
  deps: Pick<CommandDeps, 'cwd' | 'now' | 'sleep' | 'interrupt' | 'emit'>,
  localSinceEpochMs?: number,
): Promise<void> {
  const calls = await readLastCalls(deps);
  const uses = functionNames
    .flatMap((name) => calls[name] ?? [])
    .filter(({ atEpochMs }) => atEpochMs >= (localSinceEpochMs ?? 0));
  if (kind === 'run') await waitForCalls(uses, deps);
  const last = Math.max(
    ...uses.filter((use) => kind === 'run' || use.kind === 'run').map(({ atEpochMs }) => atEpochMs),
    0,
  );
  const apartAt =
    localSinceEpochMs === undefined
      ? last + APART_MS
      : Math.ceil((last + REPORT_LAG_MS) / MS_PER_S) * MS_PER_S + MARGIN_MS;
  const leftMs = Math.min(APART_MS, apartAt - deps.now());
  if (leftMs <= 0) return;
  await withStep(
    { id: 'apart', title: 'Letting a moment pass, so that the log rows of earlier calls stand apart' },
    deps.emit,
    () => deps.sleep(leftMs, deps.interrupt.first),
  );
}

/**
 * Waits until calls that an earlier load gave up can no longer run: they would take the functions' environments, and the
 * time of the machine behind them, from the calls of the next load.
 */
async function waitForCalls(
  uses: readonly LastCall[],
  deps: Pick<CommandDeps, 'now' | 'sleep' | 'interrupt' | 'emit'>,
): Promise<void> {
  const untilMs = Math.max(0, ...uses.map(({ runsUntilEpochMs = 0 }) => runsUntilEpochMs));
  const leftMs = Math.min(MAX_WAIT_FOR_CALLS_MS, untilMs - deps.now());
  if (leftMs <= 0) return;
  deps.emit({
    type: 'note',
    message: `Waiting ${Math.ceil(leftMs / 1000)} s: calls that the last load gave up may still run in these functions.`,
  });
  await deps.sleep(leftMs, deps.interrupt.first);
}

/** Empty where there is no such file or it is damaged: the worst that follows is a warning of foreign traffic. */
async function readLastCalls({ cwd, emit }: Pick<CommandDeps, 'cwd' | 'emit'>): Promise<LastCalls> {
  return (await readDocument(fileOf(cwd), LAST_CALLS_DOCUMENT, emit)) ?? {};
}
