import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** A method by which this user can create a mount namespace. */
export interface NamespaceWay {
  /** The command that runs another command in a new mount namespace. */
  readonly enterNew: readonly string[];
  /** The namespaces that it creates, in the order in which another process enters them. */
  readonly namespaces: readonly ('user' | 'mnt')[];
}

/** The methods: that of root, and that of a user where the system allows users to create namespaces. */
export const NAMESPACE_WAYS: readonly NamespaceWay[] = [
  { enterNew: ['/usr/bin/unshare', '--mount'], namespaces: ['mnt'] },
  {
    enterNew: ['/usr/bin/unshare', '--user', '--map-current-user', '--keep-caps', '--mount'],
    namespaces: ['user', 'mnt'],
  },
];

const TMP = '/tmp';
/**
 * The folders at which the sandbox can see the files of the host's `/tmp`. The first folder is used that contains
 * nothing that the sandbox needs.
 */
const VIEW_FOLDERS = ['/var/tmp', '/srv'] as const;
const PROBE_TIMEOUT_MS = 5_000;

/**
 * Mounts an empty `/tmp`. Arguments: its size in MB, the folder for the view or nothing, pairs of source and target,
 * `--`.
 */
const MOUNT_SCRIPT = `set -e
size=$1 view=$2
shift 2
[ -z "$view" ] || command -p mount -t tmpfs -o size=1m,mode=755 tmpfs "$view"
while [ "$1" != -- ]; do
  command -p mkdir "$2"
  command -p mount --rbind "$1" "$2"
  shift 2
done
shift
command -p mount -t tmpfs -o "size=\${size}m,mode=1777" tmpfs ${TMP}
`;

/**
 * Reports over file descriptor 3 that everything is mounted, waits there for a line, and becomes the program.
 * Arguments: its working folder, the program, its arguments.
 */
const START_SCRIPT = `set -e
cd "$1"
unset PWD OLDPWD SHLVL
shift
echo ready >&3
read -r line <&3
exec "$@" 3>&-
`;

/** The file descriptor over which the two scripts communicate. */
export const START_FD = 3;

/**
 * Returns the command that runs a program with the host's `/tmp`. The program starts when file descriptor 3 gets a
 * line.
 */
export function heldCommand(cwd: string, program: readonly string[]): NamespaceCommand {
  return { command: '/bin/sh', args: ['-c', START_SCRIPT, 'sh', cwd, ...program], inherited: [] };
}

/** A folder of the host that has another path in the sandbox. */
interface Bind {
  readonly source: string;
  readonly target: string;
}

/** A command, and the file descriptors that it inherits, from 4 on. */
export interface NamespaceCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly inherited: readonly number[];
}

/** The paths of the host that a sandbox reads. */
export interface NeededPaths {
  readonly taskRoot: string;
  /** Undefined if the function has no layers. */
  readonly optDir: string | undefined;
  readonly bootstrapDir: string;
  /** Empty if the function contains its own program. */
  readonly interpreterPath: string;
  /** The folder with the certificates that the function trusts. Undefined if there is none. */
  readonly trustDir: string | undefined;
}

/** Creates the `/tmp` of each environment of one cloud. */
export class PrivateTmps {
  readonly #ways: readonly NamespaceWay[];
  readonly #log: (message: string) => void;
  #way: NamespaceWay | undefined;
  /**
   * Whether this cloud has looked for a method. So a system that offers none is asked once for each cloud, and the log says
   * so once. `working` holds successes only.
   */
  #isProbed = false;

  /** @param log called once if no `/tmp` can be created */
  constructor(ways: readonly NamespaceWay[], log: (message: string) => void) {
    this.#ways = ways;
    this.#log = log;
  }

  /**
   * Creates an empty `/tmp` that holds at most `sizeMB`. Undefined if this system does not let this user create one.
   */
  create(sizeMB: number, needed: NeededPaths): PrivateTmp | undefined {
    const { taskRoot, optDir, bootstrapDir, interpreterPath, trustDir } = needed;
    const folders = [taskRoot, optDir, bootstrapDir, prefixOf(interpreterPath), trustDir];
    const view = viewOf(folders.flatMap((folder) => folder || []));
    const way = this.#findWay();
    return way === undefined || view === undefined ? undefined : new PrivateTmp(way, sizeMB, view);
  }

  #findWay(): NamespaceWay | undefined {
    if (this.#isProbed) return this.#way;
    this.#isProbed = true;
    this.#way = this.#ways.find(isPossible);
    if (this.#way === undefined) {
      this.#log(
        'this system does not let this user create mount namespaces: sandboxes share /tmp; only TMPDIR and HOME are separate folders',
      );
    }
    return this.#way;
  }
}

/** The `/tmp` of one environment. It outlives the environment's processes, as on Lambda. */
export class PrivateTmp {
  readonly #way: NamespaceWay;
  readonly #sizeMB: number;
  readonly #view: View;
  /** Open descriptors of the namespaces, which keep them alive between two processes. */
  #open: readonly number[] = [];

  constructor(way: NamespaceWay, sizeMB: number, view: View) {
    this.#way = way;
    this.#sizeMB = sizeMB;
    this.#view = view;
  }

  /** Converts a path of the host to the path in the sandbox. */
  sandboxPath(hostPath: string): string {
    return moved(hostPath, this.#view.binds, 'source', 'target');
  }

  /** Converts a path in the sandbox to the path of the host. */
  hostPath(sandboxPath: string): string {
    return moved(sandboxPath, this.#view.binds, 'target', 'source');
  }

  /** Returns the command that runs a program in this `/tmp`. The program starts when file descriptor 3 gets a line. */
  wrap(cwd: string, program: readonly string[]): NamespaceCommand {
    if (this.#open.length > 0) {
      const options = this.#way.namespaces.flatMap((name, index) => {
        const option = `--${name === 'mnt' ? 'mount' : name}=/proc/self/fd/${index + START_FD + 1}`;
        return name === 'user' ? ['--preserve-credentials', option] : [option];
      });
      const script = `exec ${this.#open.map((_, index) => `${index + START_FD + 1}>&-`).join(' ')}\n${START_SCRIPT}`;
      return {
        command: '/usr/bin/nsenter',
        args: [...options, '/bin/sh', '-c', script, 'sh', cwd, ...program],
        inherited: this.#open,
      };
    }
    const [command = '', ...args] = this.#way.enterNew;
    const script = [...args, '/bin/sh', '-c', `${MOUNT_SCRIPT}${START_SCRIPT}`, 'sh'];
    return {
      command,
      args: [...script, ...mountArgs(this.#sizeMB, this.#view), cwd, ...program],
      inherited: [],
    };
  }

  /** Keeps the `/tmp` of a running process for the next one. @throws the system's error if the process has ended */
  keep(pid: number): void {
    if (this.#open.length > 0) return;
    this.#open = this.#way.namespaces.map((name) => openSync(`/proc/${pid}/ns/${name}`, 'r'));
  }

  /** Closes the descriptors. The `/tmp` is removed with the last process in it. */
  close(): void {
    for (const fd of this.#open) closeSync(fd);
    this.#open = [];
  }
}

export interface View {
  /** The folder of the binds. Empty if there are none. */
  readonly folder: string;
  readonly binds: readonly Bind[];
}

/**
 * Decides where a sandbox sees the folders that it needs and that its own `/tmp` hides. Undefined if no place is free.
 */
export function viewOf(folders: readonly string[]): View | undefined {
  const hidden = [...new Set(folders.filter((folder) => isBelow(folder, TMP)))];
  if (hidden.length === 0) return { folder: '', binds: [] };
  const folder = VIEW_FOLDERS.find((candidate) => !folders.some((needed) => isBelow(needed, candidate)));
  if (folder === undefined) return undefined;
  return { folder, binds: hidden.map((source, index) => ({ source, target: `${folder}/${index + 1}` })) };
}

function mountArgs(sizeMB: number, { folder, binds }: View): string[] {
  return [String(sizeMB), folder, ...binds.flatMap(({ source, target }) => [source, target]), '--'];
}

/**
 * The methods that worked, for all clouds of this process. A trial starts a process and blocks this one until it ends. A method
 * that failed is tried again by the next cloud, because a trial also fails if it takes too long on a busy machine.
 */
const working = new WeakSet<NamespaceWay>();

/** Whether a method can create all that a sandbox's `/tmp` needs. */
function isPossible(way: NamespaceWay): boolean {
  if (!working.has(way) && tryWay(way)) working.add(way);
  return working.has(way);
}

function tryWay({ enterNew }: NamespaceWay): boolean {
  const [command = '', ...args] = enterNew;
  const script = [
    '/bin/sh',
    '-c',
    MOUNT_SCRIPT,
    'sh',
    ...mountArgs(1, { folder: VIEW_FOLDERS[0], binds: [] }),
  ];
  return (
    spawnSync(command, [...args, ...script], { stdio: 'ignore', timeout: PROBE_TIMEOUT_MS }).status === 0
  );
}

/** The folder that an interpreter with its libraries is installed in: two levels above the program. */
function prefixOf(interpreterPath: string): string {
  return interpreterPath === '' ? '' : dirname(dirname(interpreterPath));
}

function moved(path: string, binds: readonly Bind[], from: keyof Bind, to: keyof Bind): string {
  const bind = binds.find((candidate) => isBelow(path, candidate[from]));
  return bind === undefined ? path : `${bind[to]}${path.slice(bind[from].length)}`;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
