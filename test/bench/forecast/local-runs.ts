import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
 * Deploys the fair handlers on one local cloud for each set of flags, loads all clouds in turns, and returns a report for
 * each. Each load runs on one cloud after the other within some seconds, since the speed of a machine changes over minutes.
 * @param flags those of `deploy`, one set for each cloud
 */
export function restedReports(flags: readonly (readonly string[])[], loads: readonly RestedLoad[]): Report[] {
  return inFolders(flags.length, (clouds) => {
    for (const [index, { shedbench }] of clouds.entries()) {
      shedbench('deploy', '--local', ...(flags[index] ?? []));
    }
    for (const { route, runtimes, callsPerSecond, calls, warmup } of loads) {
      const schedule = ['--rate', String(callsPerSecond), '-c', String(calls), '--warmup', String(warmup)];
      for (const { shedbench } of clouds) {
        shedbench('load', '--local', '--route', route, '--runtime', runtimes, ...schedule);
      }
    }
    return clouds.map(reportOf);
  });
}

/** Deploys handlers on a local cloud of its own, loads them one route after the other, and returns the report. */
export function localReport(handlers: readonly string[], loads: readonly Load[]): Report {
  return inFolders(1, (clouds) => {
    const own = handlers.flatMap((path) => ['--handlers', path]);
    const runtimes = handlers.length === 0 ? [] : ['--runtime', handlers.map(labelOf).join(',')];
    const reports = clouds.map((cloud) => {
      cloud.shedbench('deploy', '--local', '--memory', '128', ...own, ...runtimes);
      for (const { route, calls, parallel, runtime, cold } of loads) {
        const only = runtime === undefined ? [] : ['--runtime', runtime];
        const size = ['-c', String(calls), '-p', String(parallel)];
        const forced = cold === undefined ? [] : ['--cold', String(cold)];
        cloud.shedbench('load', '--local', '--route', route, ...only, ...size, ...forced);
      }
      return reportOf(cloud);
    });
    const [report] = reports;
    if (report === undefined) throw new Error('no cloud was started');
    return report;
  });
}

function reportOf({ shedbench, folder }: Cloud): Report {
  shedbench('report', '--local', '-o', 'report.json');
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
  readonly shedbench: (...args: readonly string[]) => void;
  readonly folder: string;
}

/** Works in empty folders, and tears down what stands in their local clouds afterwards. */
function inFolders<T>(count: number, work: (clouds: readonly Cloud[]) => T): T {
  const clouds = Array.from({ length: count }, (): Cloud => {
    const folder = mkdtempSync(join(tmpdir(), 'shedbench-forecast-'));
    return { folder, shedbench: (...args) => runIn(folder, args) };
  });
  try {
    return work(clouds);
  } finally {
    for (const { shedbench, folder } of clouds) {
      shedbench('teardown', '--local');
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** @throws Error if the program fails */
function runIn(folder: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, ['--no-warnings', PROGRAM, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  // 1: some answers were not as expected, such as those of a wolf that lost a race. The report states them.
  if (status !== 0 && status !== 1) throw new Error(`shedbench ${args.join(' ')}: ${stderr.slice(-2000)}`);
}
