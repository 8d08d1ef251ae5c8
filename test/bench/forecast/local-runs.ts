import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Report } from '../../../src/model/report.ts';
import { readReport } from '../../../src/store/report-document.ts';

/** A load of one route: how many calls, how many in flight. */
interface Load {
  readonly route: string;
  readonly calls: number;
  readonly parallel: number;
  /** The label of the runtime; every runtime by default. */
  readonly runtime?: string;
  /** How many cold starts of each function are forced. */
  readonly cold?: number;
}

const PROGRAM = join(process.cwd(), 'bin', 'shedbench.js');
const LIMIT_MS = 900_000;
/** Each cloud gets its calls at a slightly different rate, so that the calls of two clouds rarely run at the same moment. */
const RATE_STEP = 0.03;

/** A load whose calls leave the environment at rest in between. */
export interface RestedLoad {
  readonly route: string;
  /** Separated by commas. */
  readonly runtimes: string;
  readonly callsPerSecond: number;
  readonly calls: number;
  /** Calls before them that do not count. */
  readonly warmup: number;
}

/**
 * Deploys the fair handlers on one local cloud for each set of flags, loads all clouds at the same time, and returns a
 * report for each. The speed of a machine changes within seconds, and so each change affects all clouds.
 * @param flags those of `deploy`, one set for each cloud
 */
export async function restedReports(
  flags: readonly (readonly string[])[],
  loads: readonly RestedLoad[],
): Promise<Report[]> {
  return inFolders(flags.length, async (clouds) => {
    for (const [index, { shedbench }] of clouds.entries()) {
      await shedbench('deploy', '--local', ...(flags[index] ?? []));
    }
    for (const { route, runtimes, callsPerSecond, calls, warmup } of loads) {
      await Promise.all(
        clouds.map(({ shedbench }, index) => {
          const rate = callsPerSecond * (1 + index * RATE_STEP);
          const schedule = ['--rate', rate.toFixed(3), '-c', String(calls), '--warmup', String(warmup)];
          return shedbench('load', '--local', '--route', route, '--runtime', runtimes, ...schedule);
        }),
      );
    }
    return Promise.all(clouds.map(reportOf));
  });
}

/** Deploys handlers on a local cloud of its own, loads them one route after the other, and returns the report. */
export async function localReport(handlers: readonly string[], loads: readonly Load[]): Promise<Report> {
  return inFolders(1, async ([cloud]) => {
    if (cloud === undefined) throw new Error('no cloud was started');
    const own = handlers.flatMap((path) => ['--handlers', path]);
    const runtimes = handlers.length === 0 ? [] : ['--runtime', handlers.map(labelOf).join(',')];
    await cloud.shedbench('deploy', '--local', '--memory', '128', ...own, ...runtimes);
    for (const { route, calls, parallel, runtime, cold } of loads) {
      const only = runtime === undefined ? [] : ['--runtime', runtime];
      const size = ['-c', String(calls), '-p', String(parallel)];
      const forced = cold === undefined ? [] : ['--cold', String(cold)];
      await cloud.shedbench('load', '--local', '--route', route, ...only, ...size, ...forced);
    }
    return reportOf(cloud);
  });
}

async function reportOf({ shedbench, folder }: Cloud): Promise<Report> {
  await shedbench('report', '--local', '-o', 'report.json');
  return readReport(readFileSync(join(folder, 'report.json'), 'utf8'), 'report.json');
}

/** The label of a runtime's folder. */
function labelOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, 'shedbench.json'), 'utf8')) as {
    readonly label: string;
  };
  return manifest.label;
}

/** A folder with a local cloud of its own, and the program that runs in it. */
interface Cloud {
  readonly shedbench: (...args: readonly string[]) => Promise<void>;
  readonly folder: string;
}

/** Works in empty folders, and tears down what stands in their local clouds afterwards. */
async function inFolders<T>(count: number, work: (clouds: readonly Cloud[]) => Promise<T>): Promise<T> {
  const clouds = Array.from({ length: count }, (): Cloud => {
    const folder = mkdtempSync(join(tmpdir(), 'shedbench-forecast-'));
    return { folder, shedbench: (...args) => runIn(folder, args) };
  });
  try {
    return await work(clouds);
  } finally {
    for (const { shedbench, folder } of clouds) {
      await shedbench('teardown', '--local');
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** @throws Error if the program fails */
async function runIn(folder: string, args: readonly string[]): Promise<void> {
  const run = promisify(execFile)(process.execPath, ['--no-warnings', PROGRAM, ...args], {
    cwd: folder,
    timeout: LIMIT_MS,
  });
  await run.catch((error: { readonly code?: unknown; readonly stderr?: string }) => {
    // 1: some answers were not as expected, such as those of a wolf that lost a race. The report states them.
    if (error.code !== 1) throw new Error(`shedbench ${args.join(' ')}: ${error.stderr?.slice(-2000)}`);
  });
}
