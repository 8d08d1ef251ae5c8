import { type ChildProcess, spawn } from 'node:child_process';
import type { ChildRegistry } from './seams.ts';

/**
 * The watchdog is a shell that reads `+pid`, `-pid` and, for process groups, `+-pid`, `--pid` lines. Its input ends
 * when the cloud ends, however that ends. Then it kills the processes that are still listed, and removes the data
 * folder. It is a shell because a shell needs one megabyte, and another Node process forty.
 *
 * A process that a function started with `setsid` is in no listed group. Its environment still names the data folder:
 * AWS_SESSION_TOKEN of every sandbox does. On Linux the watchdog finds such processes by that, in up to five rounds,
 * since they may start others meanwhile. Other systems have no /proc.
 *
 * Children are listed right after their spawn and struck off as soon as their exit is seen, so a listed pid is a living
 * child's, or a zombie's, and never another program's while the cloud lives.
 */
const SCRIPT = `
trap '' HUP INT TERM QUIT
list=' '
while read -r line; do
  pid=\${line#?}
  case $line in
    +*) list="$list$pid " ;;
    -*) case $list in *" $pid "*) list="\${list%%" $pid "*} \${list#*" $pid "}" ;; esac ;;
  esac
done
for pid in $list; do kill -9 "$pid" 2>/dev/null; done
case $1 in
  */shedbench-cloud-*)
    for round in 1 2 3 4 5; do
      found=$(grep -lsF -- "/\${1##*/}/" /proc/[0-9]*/environ)
      [ -n "$found" ] || break
      for file in $found; do pid=\${file#/proc/}; kill -9 "\${pid%/environ}" 2>/dev/null; done
    done
    rm -rf -- "$1" ;;
esac
`;

/** Something on this machine kills shells, then; without a watchdog only a cloud that is killed leaves children. */
const MAX_RESTARTS = 5;

export interface Watchdog extends ChildRegistry {
  readonly pid: number;
  /** Lets it do its work now: whoever is still listed is killed, the data folder removed. Resolves after that. */
  close(): Promise<void>;
}

/**
 * Starts the watchdog of this cloud.
 * @param dataDir removed when the cloud is gone
 */
export function startWatchdog(dataDir: string, log: (message: string) => void): Watchdog {
  const listed = new Set<string>();
  let isClosing = false;
  let restarts = 0;
  let shell = start();

  function start(): ChildProcess {
    const child = spawn('/bin/sh', ['-c', SCRIPT, 'shedbench-watchdog', dataDir], {
      // A process group of its own: the terminal's Ctrl-C and a kill of the cloud's group pass it by.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    });
    child.stdin?.on('error', () => undefined);
    child.on('error', (error) => log(`The watchdog could not be started: ${error.message}`));
    child.on('exit', (code, signal) => {
      if (isClosing) return;
      log(`The watchdog ended (${signal ?? `exit code ${code}`})`);
      restarts += 1;
      if (restarts > MAX_RESTARTS) return;
      shell = start();
      for (const entry of listed) write(`+${entry}`);
    });
    return child;
  }

  function write(line: string): void {
    shell.stdin?.write(`${line}\n`);
  }

  return {
    get pid() {
      return shell.pid ?? 0;
    },
    register(pid, options) {
      if (!Number.isSafeInteger(pid) || pid <= 1) return;
      const entry = options?.group === true ? `-${pid}` : String(pid);
      listed.add(entry);
      write(`+${entry}`);
    },
    forget(pid) {
      for (const entry of [String(pid), `-${pid}`]) {
        if (listed.delete(entry)) write(`-${entry}`);
      }
    },
    async close() {
      isClosing = true;
      if (shell.exitCode !== null || shell.signalCode !== null || shell.pid === undefined) return;
      const ended = new Promise((resolve) => shell.once('exit', resolve));
      shell.stdin?.end();
      await ended;
    },
  };
}
