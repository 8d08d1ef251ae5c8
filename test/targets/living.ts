import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** One letter: `Z` is a zombie, which ended and only waits to be reaped. */
  readonly state: string;
}

/** Whether a process lives; one that ended and only waits to be reaped does not. */
export function lives(pid: number): boolean {
  const found = process.platform === 'linux' ? processFromProc(pid) : processesFromPs('-p', String(pid))[0];
  return found !== undefined && found.state !== 'Z';
}

/** Pids of living processes whose parent, or parent's parent and so on, is `pid`. */
export function descendants(pid: number): number[] {
  const all = process.platform === 'linux' ? processesFromProc() : processesFromPs('-A');
  const living = all.filter(({ state }) => state !== 'Z');
  const found: number[] = [];
  const search = (parent: number) => {
    for (const child of living.filter((one) => one.parent === parent)) {
      found.push(child.pid);
      search(child.pid);
    }
  };
  search(pid);
  return found;
}

/** Linux only. Starting `ps` takes some 15 ms of processor time. */
function processesFromProc(): Process[] {
  return readdirSync('/proc').flatMap((name) =>
    /^\d+$/.test(name) ? (processFromProc(Number(name)) ?? []) : [],
  );
}

/** State and parent are the fields 3 and 4 of /proc/<pid>/stat. The name in field 2 may contain spaces and brackets. */
function processFromProc(pid: number): Process | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // The process ended.
    return undefined;
  }
  const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid, parent: Number(parent), state: state.replace('X', 'Z') };
}

function processesFromPs(...which: readonly string[]): Process[] {
  let table: string;
  try {
    table = execFileSync('ps', [...which, '-o', 'pid=,ppid=,state='], { encoding: 'utf8' });
  } catch {
    // There is no such process.
    return [];
  }
  return table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, state]) => ({
      pid: Number(pid),
      parent: Number(parent),
      state: state?.slice(0, 1) ?? 'Z',
    }));
}
