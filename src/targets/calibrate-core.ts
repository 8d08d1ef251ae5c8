import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { promisify } from 'node:util';
import type { CommandDeps } from '../model/command.ts';
import type { CoreCalibration } from '../model/forecast.ts';
import { isCalibrationNs, keepCalibration, readCalibration } from '../store/calibration.ts';

const execute = promisify(execFile);
/**
 * The time limit of a loop. Loops take a quarter of a second on a fast machine; a machine this slow can't be
 * calibrated.
 */
const LIMIT_MS = 30_000;

/**
 * Forbids OpenSSL to use SHA instructions. Lambda's x86_64 hosts have none, so a loop with them would compare two
 * instructions instead of two cores.
 * @see https://docs.openssl.org/3.0/man3/OPENSSL_ia32cap/ (bit 29 of the second word is SHA)
 */
const WITHOUT_SHA = { OPENSSL_ia32cap: ':~0x20000000', OPENSSL_armcap: '0' };

/**
 * Each loop runs in this many processes, one after the other, and the shortest time counts. Other programs on the same
 * physical core can slow a whole process by a half.
 */
const REPEATS = 4;
const PROCESSES = 4;
const HASHES = 5000;

/** The loop of the published figures: each hash is computed from the previous one. */
const NODE_LOOP = `const { createHash } = require('node:crypto');
const ns = ({ user, system }) => (user + system) * 1000;
function loop() {
  let data = Buffer.from('a text that is shorter than one block of SHA-256');
  const from = process.cpuUsage();
  for (let index = 0; index < ${HASHES}; index++) data = createHash('sha256').update(data).digest();
  return ns(process.cpuUsage(from)) / ${HASHES};
}
const block = Buffer.alloc(64 * 1024, 7);
function blocks() {
  const from = process.cpuUsage();
  const hash = createHash('sha256');
  for (let index = 0; index < 32; index++) hash.update(block);
  hash.digest();
  return ns(process.cpuUsage(from)) / (32 * 1024);
}
const best = (work) => Math.min(...Array.from({ length: ${REPEATS} }, work));
console.log(JSON.stringify({ hashNs: best(loop), blockNs: best(blocks), version: process.versions.node }));`;

const PYTHON_LOOP = `import hashlib, json, sys, time
def loop():
    sha256 = hashlib.sha256
    data = b"a text that is shorter than one block of SHA-256"
    start = time.process_time_ns()
    for _ in range(${HASHES}):
        data = sha256(data).digest()
    return (time.process_time_ns() - start) / ${HASHES}
best = min(loop() for _ in range(${REPEATS}))
print(json.dumps({"hashNs": best, "version": "%d.%d.%d" % sys.version_info[:3]}))`;

/**
 * The time of one hash of the loop in native code, divided by the time of one block of OpenSSL's code without SHA
 * instructions: 296 ns by 157 ns, measured together by `test/bench/forecast/sha256-loop.rs`. So a machine without a
 * Rust compiler can be calibrated for Rust. `npm run bench:forecast` measures the factor if rustc is installed.
 */
export const NATIVE_HASH_PER_BLOCK = 1.85;

/**
 * The times of the calibration loops on this machine: those in `.shedbench/calibration.json`, otherwise measured now
 * and stored there.
 * @param lambdaRuntimes the runtimes of the functions, such as `python3.13`; they determine which Python is used
 */
export async function calibrationOf(
  lambdaRuntimes: readonly string[],
  deps: Pick<CommandDeps, 'cwd' | 'emit' | 'interrupt'>,
  calibrate: typeof calibrateCore = calibrateCore,
): Promise<readonly CoreCalibration[]> {
  const pythons = pythonsOf(lambdaRuntimes);
  const machine = machineOf(pythons);
  const kept = await readCalibration(machine, deps);
  if (kept !== undefined) return kept;
  const measured = await calibrate(pythons, deps.interrupt.first);
  await keepCalibration(machine, measured, deps);
  return measured;
}

/** Whether `calibrationOf` would have to measure this machine for functions of these runtimes. */
export async function isCalibrationDue(
  functions: readonly { readonly lambdaRuntime?: string }[],
  deps: Pick<CommandDeps, 'cwd' | 'emit'>,
): Promise<boolean> {
  const lambdaRuntimes = functions.flatMap(({ lambdaRuntime }) => lambdaRuntime ?? []);
  return (await readCalibration(machineOf(pythonsOf(lambdaRuntimes)), deps)) === undefined;
}

function pythonsOf(lambdaRuntimes: readonly string[]): string[] {
  const named = [...new Set(lambdaRuntimes)].filter((name) => /^python3\.\d+$/.test(name)).sort();
  return [...named, 'python3'];
}

function machineOf(pythons: readonly string[]): string {
  return [cpus()[0]?.model ?? '', process.arch, process.version, ...pythons].join(' ');
}

/**
 * Runs the calibration loops on this machine, one after the other, in about a second. Languages without an interpreter
 * on this machine are left out.
 * @param pythons the names of Python interpreters to try, the best first: `python3.13`, `python3`
 */
export async function calibrateCore(
  pythons: readonly string[],
  signal: AbortSignal,
): Promise<CoreCalibration[]> {
  const shortest = new Map<string, CoreCalibration>();
  const keep = (calibration: CoreCalibration) => {
    if (!isCalibrationNs(calibration.hashNs)) return;
    const known = shortest.get(calibration.language);
    if (known === undefined || calibration.hashNs < known.hashNs) {
      shortest.set(calibration.language, calibration);
    }
  };
  for (let run = 0; run < PROCESSES; run++) {
    for (const calibration of await loopsOnce(pythons, signal)) keep(calibration);
  }
  return [...shortest.values()];
}

/** Runs each loop in one process. */
async function loopsOnce(pythons: readonly string[], signal: AbortSignal): Promise<CoreCalibration[]> {
  const found: CoreCalibration[] = [];
  const node = await outputOf(process.execPath, ['-e', NODE_LOOP], signal);
  if (node !== undefined) {
    const { hashNs, blockNs, version } = node;
    found.push({ language: 'node', hashNs, version });
    if (blockNs !== undefined) {
      found.push({ language: 'native', hashNs: blockNs * NATIVE_HASH_PER_BLOCK });
    }
  }
  for (const name of pythons) {
    const python = await outputOf(name, ['-c', PYTHON_LOOP], signal);
    // A program that is not the interpreter that its name says may write anything.
    if (python === undefined || !isCalibrationNs(python.hashNs)) continue;
    found.push({ language: 'python', hashNs: python.hashNs, version: python.version });
    break;
  }
  return found;
}

interface LoopOutput {
  readonly hashNs: number;
  readonly blockNs?: number;
  readonly version: string;
}

/** The output of a program. Undefined if the program is missing or fails. @throws the abort's reason when aborted */
async function outputOf(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<LoopOutput | undefined> {
  try {
    const { stdout } = await execute(program, [...args], {
      env: { ...process.env, ...WITHOUT_SHA },
      timeout: LIMIT_MS,
      signal,
    });
    const output: unknown = JSON.parse(stdout);
    return isLoopOutput(output) ? output : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function isLoopOutput(value: unknown): value is LoopOutput {
  if (typeof value !== 'object' || value === null) return false;
  const { hashNs, version } = value as Readonly<Record<string, unknown>>;
  return typeof hashNs === 'number' && typeof version === 'string';
}
