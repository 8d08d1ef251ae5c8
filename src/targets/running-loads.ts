import { randomBytes } from 'node:crypto';
import { fileError, ShedbenchError } from '../errors.ts';
import type { CommandDeps } from '../model/command.ts';
import {
  type RunningLoad,
  readRunningLoads,
  removeRunningLoad,
  writeRunningLoad,
} from '../store/running-loads.ts';
import { isSameProcess, processStart } from './process-identity.ts';

type Deps = Pick<CommandDeps, 'cwd' | 'now' | 'emit'>;

/**
 * Runs `work`, which sends load. Before that, it warns if another load or bench of this folder is running. A file
 * marks each running load. The marks of ended processes are removed.
 * @throws what `work` throws
 */
export async function withLoadMark<T>(
  command: RunningLoad['command'],
  deps: Deps,
  work: () => Promise<T>,
): Promise<T> {
  let name: string | undefined;
  await tellTrouble(deps, async () => {
    const start = await processStart(process.pid);
    if (start === undefined) return;
    const mark: RunningLoad = {
      command,
      pid: process.pid,
      processStart: start,
      startedAtEpochMs: deps.now(),
    };
    // The mark is written before the others are read. So of two loads that start at the same moment, at least one sees
    // the other.
    name = await writeRunningLoad(deps.cwd, mark, randomBytes(4).toString('hex'));
    await warnOfOthers(name, deps);
  });
  try {
    return await work();
  } finally {
    const own = name;
    if (own !== undefined) await tellTrouble(deps, () => removeRunningLoad(deps.cwd, own));
  }
}

async function warnOfOthers(own: string, deps: Deps): Promise<void> {
  for (const { name, document } of await readRunningLoads(deps.cwd, deps.emit)) {
    if (name === own) continue;
    if (!(await isSameProcess(document))) {
      await removeRunningLoad(deps.cwd, name);
      continue;
    }
    const { command, pid, startedAtEpochMs } = document;
    deps.emit({
      type: 'warning',
      code: 'another-load',
      message: `Another shedbench ${command} is at work in this folder (process ${pid}, since ${new Date(startedAtEpochMs).toISOString()}). Both take time from each other, and calls of both to one function are in the figures of both.`,
      hint: 'For reliable figures, interrupt this one and start it again after the other has ended',
    });
  }
}

/**
 * If the mark can't be written, there is only a warning, because no measurement depends on it. If `.shedbench` is not a
 * folder, the command fails, because no record could be written either.
 */
async function tellTrouble(deps: Deps, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    const trouble = error instanceof ShedbenchError ? error : fileError(error);
    if (trouble === undefined) throw error;
    if (isErrorCode(trouble.cause, 'ENOTDIR')) throw trouble;
    deps.emit({
      type: 'warning',
      code: 'load-not-marked',
      message: `Another load of this folder can't see this one: ${trouble.message}`,
    });
  }
}

function isErrorCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
