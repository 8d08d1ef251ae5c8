import { readFile } from 'node:fs/promises';

/**
 * The start time of a process as an opaque text. It is constant for the life of the process, and the next process with
 * the same pid has another one. Undefined if there is no such process. A zombie does not count.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process exists, but belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  return process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid);
}

/** Whether the pid still belongs to the recorded process. */
export async function isSameProcess(recorded: {
  readonly pid: number;
  readonly processStart: string;
}): Promise<boolean> {
  return (await processStart(recorded.pid)) === recorded.processStart;
}

/** Sends a signal to a process if it is still the recorded one. */
export async function signalSameProcess(
  recorded: { readonly pid: number; readonly processStart: string },
  signal: NodeJS.Signals,
): Promise<void> {
  if (!(await isSameProcess(recorded))) return;
  try {
    process.kill(recorded.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Field 22 of /proc/<pid>/stat, in clock ticks since boot. The name in field 2 may contain spaces and brackets. */
async function startFromProc(pid: number): Promise<string | undefined> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return fields[19];
}

async function startFromPs(pid: number): Promise<string | undefined> {
  // These modules are imported only here, because every load imports this file and Linux needs neither.
  const [{ execFile }, { promisify }] = await Promise.all([
    import('node:child_process'),
    import('node:util'),
  ]);
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'state=,lstart=', '-p', String(pid)]);
    const [state, ...start] = stdout.trim().split(/\s+/);
    return state === undefined || state.startsWith('Z') || start.length === 0 ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}
