import { execFile } from 'node:child_process';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ServiceError } from '../seams.ts';
import { type Interpreter, needsSameInterpreter } from './runtimes.ts';

/**
 * The boto3 release in Lambda's Python 3.12 to 3.14.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
 */
export const BOTO3_VERSION = '1.40.4';
/**
 * boto3 and its dependencies, each in one version with the SHA-256 of its wheel. All are pure Python, so one wheel fits
 * every machine. To update them: `pip download --only-binary :all: boto3==VERSION`, then `pip hash *.whl`.
 */
const BOTO3_REQUIREMENTS = `boto3==${BOTO3_VERSION} --hash=sha256:95cdc86454e9ff43e0693c5d807a54ce6813b6711d3543a0052ead5216b93367
botocore==1.40.76 --hash=sha256:fe425d386e48ac64c81cbb4a7181688d813df2e2b4c78b95ebe833c9e868c6f4
jmespath==1.1.0 --hash=sha256:a5663118de4908c91729bea0acadca56526eb2698e83de10cd116ae0f4e97c64
python-dateutil==2.9.0.post0 --hash=sha256:a8b2bc7bffae282281c8140a97d3aa9c14da0b136dfe83f850eea9a5f7470427
s3transfer==0.13.1 --hash=sha256:a981aa7429be23fe6dfc13e80e4020057cbab622b08c0315288758d67cabc724
six==1.17.0 --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274
urllib3==1.26.20 ; python_version < "3.10" --hash=sha256:0ed14ccfbf1c30a9072c7ca157e4319b70d65f623e91e7b32fadb2853431016e
urllib3==2.8.0 ; python_version >= "3.10" --hash=sha256:0cf3cae568d36aa9576b28dfb35f11328f1cb974ca7647d9475ebb86c75ac6e3
`;
/**
 * pip refuses a wheel with other content, and a source package, which would run its own code during the installation.
 */
const PIP_OPTIONS = ['--disable-pip-version-check', '--no-input', '--require-hashes', '--only-binary=:all:'];
const OLDEST_PYTHON = [3, 9] as const;

const PROBE_LIMIT_MS = 60_000;
const INSTALL_LIMIT_MS = 600_000;
const LOCK_POLL_MS = 250;
const LOCK_WRITE_MS = 10_000;
const LOCK_LIMIT_MS = 2 * INSTALL_LIMIT_MS;

export interface PythonHost {
  /** The user's environment, for PATH and for pip's settings. */
  readonly env: NodeJS.ProcessEnv;
  /** This program's folder in the user's cache folder. */
  readonly cacheDir: string;
  /** Runs a program until it exits. Never rejects. */
  readonly run: (command: string, args: readonly string[], options: RunOptions) => Promise<RunResult>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly isAlive: (pid: number) => boolean;
  readonly pid: number;
}

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
}

export interface RunResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** The last line of its output, for the error message. */
  readonly lastLine: string;
}

/** What a Python interpreter reports about itself. */
interface Probe {
  readonly path: string;
  readonly version: string;
  readonly boto3: string | undefined;
}

/** The program imports boto3 as the bootstrap lets a function import it: without the `.pth` files of installed packages. */
const PROBE = `import json, site, sys
site.addpackage = lambda *_: None
site.main()
try:
    import boto3
    found = boto3.__version__
except Exception:
    found = None
print(json.dumps({"path": sys.executable, "version": "%d.%d.%d" % sys.version_info[:3], "boto3": found}))`;

/**
 * Finds a Python with boto3 for `python3.x`: the one of that version, or any `python3`, if it can import boto3.
 * Otherwise it creates a virtual environment with boto3 in the user's cache folder, only once.
 * @throws ServiceError `InvalidParameterValueException` that says what to install
 */
export async function preparePython(
  lambdaRuntime: string,
  host: PythonHost,
  onProgress: (detail: string) => void,
): Promise<Interpreter> {
  const probes: Probe[] = [];
  const isPreview = needsSameInterpreter(lambdaRuntime);
  for (const name of isPreview ? [lambdaRuntime] : [lambdaRuntime, 'python3']) {
    const probe = await probePython(name, host);
    if (probe?.boto3 !== undefined) {
      const { version, path, boto3 } = probe;
      return { lambdaRuntime, version, path, sdk: `boto3 ${boto3}` };
    }
    if (probe !== undefined) probes.push(probe);
  }
  const [base] = probes;
  if (base === undefined && isPreview) {
    throw unusable(lambdaRuntime, `it is in preview and needs ${lambdaRuntime} in PATH`);
  }
  if (base === undefined) {
    throw unusable(
      lambdaRuntime,
      `no python3 from ${OLDEST_PYTHON.join('.')} on is in PATH; install Python, or deploy without this runtime`,
    );
  }
  const path = await ensureVirtualEnvironment(lambdaRuntime, base, host, onProgress);
  return { lambdaRuntime, version: base.version, path, sdk: `boto3 ${BOTO3_VERSION}` };
}

async function probePython(command: string, host: PythonHost): Promise<Probe | undefined> {
  const result = await host.run(command, ['-sS', '-c', PROBE], {
    env: withoutPythonSettings(host.env),
    timeoutMs: PROBE_LIMIT_MS,
  });
  if (!result.ok) return undefined;
  const probe = parseProbe(result.stdout);
  if (probe === undefined) return undefined;
  const [major = 0, minor = 0] = probe.version.split('.').map(Number);
  const isRecent = major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1];
  return isRecent ? probe : undefined;
}

function parseProbe(stdout: string): Probe | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(stdout);
  } catch {
    // A program named python3 that prints something else is not Python.
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { path, version, boto3 } = parsed as Record<string, unknown>;
  if (typeof path !== 'string' || typeof version !== 'string') return undefined;
  return { path, version, boto3: typeof boto3 === 'string' ? boto3 : undefined };
}

/** Removes Python's own variables. Sandboxes do not have them, so an interpreter must be found without them. */
function withoutPythonSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('PYTHON')));
}

async function ensureVirtualEnvironment(
  lambdaRuntime: string,
  base: Probe,
  host: PythonHost,
  onProgress: (detail: string) => void,
): Promise<string> {
  const folder = join(host.cacheDir, `python-${base.version}-boto3-${BOTO3_VERSION}`);
  const python = join(folder, 'bin', 'python3');
  const marker = join(folder, '.complete');
  if (await exists(marker)) return python;
  await mkdir(dirname(folder), { recursive: true });
  return withLock(`${folder}.lock`, host, onProgress, async () => {
    if (await exists(marker)) return python;
    await rm(folder, { recursive: true, force: true });
    onProgress(`making a Python ${base.version} environment in ${folder}`);
    await step(lambdaRuntime, base.path, ['-m', 'venv', folder], host, 'python3 -m venv');
    onProgress(`installing boto3 ${BOTO3_VERSION} into it`);
    const requirements = join(folder, 'requirements.txt');
    await writeFile(requirements, BOTO3_REQUIREMENTS);
    await step(
      lambdaRuntime,
      python,
      ['-m', 'pip', 'install', ...PIP_OPTIONS, '--requirement', requirements],
      host,
      'pip install boto3',
    );
    // The marker is written last and moved into place. A folder without it is not used.
    await writeFile(`${marker}.tmp`, `${BOTO3_VERSION}\n`);
    await rename(`${marker}.tmp`, marker);
    return python;
  });
}

async function step(
  lambdaRuntime: string,
  command: string,
  args: readonly string[],
  host: PythonHost,
  what: string,
): Promise<void> {
  const env = withoutPythonSettings(host.env);
  const result = await host.run(command, args, { env, timeoutMs: INSTALL_LIMIT_MS });
  if (result.ok) return;
  throw unusable(lambdaRuntime, `${what} failed: ${result.lastLine}`);
}

/**
 * Runs `work` while holding a lock file that names this process. It waits for a living holder, and replaces the lock of
 * a process that has ended.
 */
async function withLock<T>(
  path: string,
  host: PythonHost,
  onProgress: (detail: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  let hasTold = false;
  for (;;) {
    try {
      const file = await open(path, 'wx', 0o600);
      await file.writeFile(String(host.pid));
      await file.close();
      break;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    if (await isAbandoned(path, host)) {
      await rm(path, { force: true });
      continue;
    }
    if (!hasTold) onProgress('waiting for another shedbench that is creating the Python environment');
    hasTold = true;
    await host.sleep(LOCK_POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** Whether the holder of a lock has ended, or has taken longer than any step may. */
async function isAbandoned(path: string, host: PythonHost): Promise<boolean> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const ageMs = Date.now() - mtimeMs;
    const pid = Number.parseInt(text, 10);
    // An empty lock: its holder is about to write its id, or ended before it did.
    if (Number.isNaN(pid)) return ageMs > LOCK_WRITE_MS;
    return !host.isAlive(pid) || ageMs > LOCK_LIMIT_MS;
  } catch {
    // The lock was removed meanwhile.
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

/** The error for an interpreter that this machine lacks. Its message says what to do. */
export function unusable(lambdaRuntime: string, reason: string): ServiceError {
  return new ServiceError(
    'InvalidParameterValueException',
    `The local cloud can't run ${lambdaRuntime}: ${reason}`,
  );
}

/** Runs a program until it exits and collects its output. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { env: options.env, timeout: options.timeoutMs, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const said = `${stdout}\n${stderr}`.trim().split('\n').at(-1)?.trim() ?? '';
        resolve({ ok: error === null, stdout, lastLine: said === '' ? (error?.message ?? '') : said });
      },
    );
  });
}

/** Whether a process of this id exists. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The folder for files that can be created again: `$XDG_CACHE_HOME` or `~/.cache`, on macOS `~/Library/Caches`. */
export function userCacheDir(
  platform: string,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  const xdg = env.XDG_CACHE_HOME;
  if (xdg?.startsWith('/')) return join(xdg, 'shedbench');
  return platform === 'darwin'
    ? join(home, 'Library', 'Caches', 'shedbench')
    : join(home, '.cache', 'shedbench');
}
