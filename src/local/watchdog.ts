import { type ChildProcess, spawn } from 'node:child_process';
import type { ChildRegistry } from './seams.ts';

/**
 * The watchdog is a shell that reads lines: `+pid` and `-pid`, and for process groups `+-pid` and `--pid`. Its input
 * ends when the cloud ends, for whatever reason. Then it kills the processes that are still listed, and removes the
 * data folder. It is a shell because a shell needs 1 MB and another Node process 40 MB.
 *
 * A process that a function started with `setsid` belongs to no listed group. Its environment still names the data
 * folder, because AWS_SESSION_TOKEN of every sandbox does. On Linux the watchdog finds such processes by that name. It
 * searches up to five times, because the processes may start others meanwhile. Other systems have no /proc.
 *
 * The control groups of the sandboxes are removed last, after the processes that remain in them were killed. If the
 * cloud itself moved to a group (`cloud`, version 2), the watchdog undoes the delegation and leaves that group, so that
 * it can be removed too.
 *
 * Children are listed right after their spawn and removed from the list as soon as their exit is seen. So while the
 * cloud lives, a listed pid is always a living child or a zombie, and never another program.
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
shift
for groups; do
  case $groups in */shedbench-cloud-*) ;; *) continue ;; esac
  for round in 1 2 3 4 5 6 7 8 9 10; do
    [ -d "$groups" ] || break
    if [ -d "$groups/cloud" ]; then
      for group in "$groups" "\${groups%/*}"; do echo -cpu >"$group/cgroup.subtree_control"; done
      while read -r pid; do echo "$pid" >"\${groups%/*}/cgroup.procs"; done <"$groups/cloud/cgroup.procs"
    fi
    for group in "$groups"/sandbox-*; do
      while read -r pid; do kill -9 "$pid"; done <"$group/cgroup.procs"
    done
    for group in "$groups"/*/; do rmdir "$group"; done
    rmdir "$groups" || sleep 0.05
  done
done 2>/dev/null
`;

/**
 * More restarts are not tried: something on this machine kills shells. Without a watchdog, children stay behind only if
 * the cloud is killed.
 */
const MAX_RESTARTS = 5;

export interface Watchdog extends ChildRegistry {
  readonly pid: number;
  /** Makes the watchdog kill all listed processes and remove the data folder now. Resolves afterwards. */
  close(): Promise<void>;
}

/**
 * Starts the watchdog of this cloud.
 * @param dataDir the folder to remove when the cloud has ended
 * @param groupsDirs folders of the sandboxes' control groups to remove; they need not exist
 */
export function startWatchdog(
  dataDir: string,
  log: (message: string) => void,
  groupsDirs: readonly string[] = [],
): Watchdog {
  const listed = new Set<string>();
  let isClosing = false;
  let restarts = 0;
  let shell = start();

  function start(): ChildProcess {
    const child = spawn('/bin/sh', ['-c', SCRIPT, 'shedbench-watchdog', dataDir, ...groupsDirs], {
      // The watchdog has its own process group, so neither the terminal's Ctrl-C nor a kill of the cloud's group
      // reaches it.
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
