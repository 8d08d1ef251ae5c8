import { constants } from 'node:fs';
import { access, readFile, statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import type { DoctorCheck } from '../../model/doctor.ts';
import { counted } from '../../model/number-text.ts';
import { runTool, type ToolOutcome } from './run-tool.ts';
import { compareVersions, findVersion, LOCAL_PYTHON_AT_LEAST } from './toolchain.ts';

/** The lowest version of Node that shedbench supports. `engines` in package.json has the same value. */
const NODE_AT_LEAST = '20.18';
const TOOL_TIMEOUT_MS = 10_000;
const BYTES_PER_GIB = 1024 ** 3;
/** The approximate disk space that a build of the Rust functions from their sources takes. */
const ROOM_FOR_A_BUILD_GIB = 2;
/** The free disk space that the records of a long bench need. */
const LEAST_ROOM_GIB = 0.2;

/** Looks at this machine's programs, its disk at `folder`, and its control groups. */
export async function checkMachine(folder: string, signal: AbortSignal): Promise<DoctorCheck[]> {
  const version = (command: string, ...args: string[]): Promise<ToolOutcome> =>
    runTool({ command: [command, ...args], cwd: folder, signal, timeoutMs: TOOL_TIMEOUT_MS });
  const [python, venv, cargo, go, disk, groups] = await Promise.all([
    version('python3', '--version'),
    version('python3', '-c', 'import ensurepip, venv'),
    version('cargo', '--version'),
    version('go', 'version'),
    checkDisk(folder),
    checkControlGroups(process.platform),
  ]);
  return [
    nodeCheck(process.versions.node),
    {
      name: 'machine',
      state: 'ok',
      found: `${counted(availableParallelism(), 'core')}, ${(totalmem() / BYTES_PER_GIB).toFixed(1)} GiB, ${process.platform} ${process.arch}`,
    },
    pythonCheck(python, venv),
    toolCheck('cargo', cargo, {
      lacks: 'building Rust functions; the published package brings them built',
      remedy: 'Install it from https://rustup.rs',
    }),
    toolCheck('Go', go, {
      lacks: 'building Go functions',
      remedy: 'Install it from https://go.dev/dl',
    }),
    disk,
    groups,
  ];
}

/** @param version of the running Node: `20.20.2` */
export function nodeCheck(version: string): DoctorCheck {
  const isNew = compareVersions(version, NODE_AT_LEAST) >= 0;
  return {
    name: 'Node',
    state: isNew ? 'ok' : 'broken',
    found: version,
    ...(isNew
      ? {}
      : {
          lacks: `shedbench: it needs ${NODE_AT_LEAST} or newer`,
          remedy: 'Install it from https://nodejs.org',
        }),
  };
}

export function pythonCheck(python: ToolOutcome, venv: ToolOutcome): DoctorCheck {
  const name = 'Python';
  const version = python.exitCode === 0 ? python.lastLines.map(findVersion).find(isText) : undefined;
  const lacks = 'Python functions on the local cloud; on AWS they work';
  if (version === undefined) {
    return {
      name,
      state: 'limited',
      found: 'no python3',
      lacks,
      remedy: 'Install it from https://www.python.org/downloads',
    };
  }
  if (compareVersions(version, LOCAL_PYTHON_AT_LEAST) < 0) {
    return {
      name,
      state: 'limited',
      found: version,
      lacks,
      remedy: `Install Python ${LOCAL_PYTHON_AT_LEAST} or newer`,
    };
  }
  if (venv.exitCode !== 0) {
    return {
      name,
      state: 'limited',
      found: `${version}, without venv`,
      lacks,
      remedy: 'Install its venv, on Debian and Ubuntu: sudo apt install python3-venv',
    };
  }
  return { name, state: 'ok', found: version };
}

/** The text of a check for a program whose version could not be read, by the outcome of the attempt. */
const NO_VERSION: Readonly<Record<ToolOutcome['kind'], string>> = {
  exited: 'does not say its version',
  'not-found': 'not found',
  interrupted: 'the check was interrupted',
  'timed-out': `no answer within ${TOOL_TIMEOUT_MS / 1000} s`,
};

export function toolCheck(
  name: string,
  outcome: ToolOutcome,
  without: { readonly lacks: string; readonly remedy: string },
): DoctorCheck {
  const version = outcome.exitCode === 0 ? outcome.lastLines.map(findVersion).find(isText) : undefined;
  return version === undefined
    ? { name, state: 'limited', found: NO_VERSION[outcome.kind], ...without }
    : { name, state: 'ok', found: version };
}

async function checkDisk(folder: string): Promise<DoctorCheck> {
  const name = 'disk';
  const remedy = 'Run it in a folder that you may write to';
  try {
    await access(folder, constants.W_OK);
  } catch {
    return {
      name,
      state: 'broken',
      found: `${folder} can't be written to`,
      lacks: 'records of runs',
      remedy,
    };
  }
  const { bavail, bsize } = await statfs(folder);
  const freeGib = (bavail * bsize) / BYTES_PER_GIB;
  const found = `${freeGib.toFixed(1)} GiB free at ${folder}`;
  if (freeGib < LEAST_ROOM_GIB) {
    return { name, state: 'broken', found, lacks: 'room for the records of runs', remedy: 'Make room' };
  }
  if (freeGib < ROOM_FOR_A_BUILD_GIB) {
    return { name, state: 'limited', found, lacks: 'room to build the Rust functions', remedy: 'Make room' };
  }
  return { name, state: 'ok', found };
}

/**
 * Checks whether a control group with a CPU limit can be created, which `--as-lambda` needs. `--as-lambda` checks this
 * in more detail when it starts.
 */
async function checkControlGroups(platform: string): Promise<DoctorCheck> {
  const name = 'control groups';
  const lacks = '--as-lambda; local functions run at full speed';
  if (platform !== 'linux') return { name, state: 'limited', found: `none on ${platform}`, lacks };
  const mounts = cpuGroups(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
  const [mount] = mounts;
  if (mount === undefined) return { name, state: 'limited', found: 'none with a CPU limit', lacks };
  const mayWrite = await access(mount.point, constants.W_OK).then(
    () => true,
    () => false,
  );
  const found = `version ${mount.version} at ${mount.point}`;
  if (mayWrite) return { name, state: 'ok', found: `${found}, writable` };
  return {
    name,
    state: 'limited',
    found: `${found}, not writable for this user`,
    lacks,
    remedy: 'shedbench local start --as-lambda says which line to type here',
  };
}

/**
 * The mounted hierarchies of control groups that can limit CPU. Version 1 comes first: if it has the controller `cpu`,
 * version 2 can't have it.
 *
 * @param mountinfo the text of /proc/self/mountinfo
 * @see https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
 */
export function cpuGroups(mountinfo: string): { readonly version: 1 | 2; readonly point: string }[] {
  const found = mountinfo.split('\n').flatMap((line): { version: 1 | 2; point: string }[] => {
    const [before = '', after = ''] = line.split(' - ');
    const point = before.split(' ')[4];
    const [type, , options = ''] = after.split(' ');
    if (point === undefined) return [];
    if (type === 'cgroup2') return [{ version: 2, point }];
    return type === 'cgroup' && options.split(',').includes('cpu') ? [{ version: 1, point }] : [];
  });
  return found.sort((a, b) => a.version - b.version);
}

const isText = (text: string | undefined): text is string => text !== undefined;
