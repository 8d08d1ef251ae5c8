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
}

/**
 * Loads the fair handlers on a local cloud of its own, on a schedule, and returns the report. @param flags those of
 * `deploy`
 */
export function restedReport(flags: readonly string[], loads: readonly RestedLoad[]): Report {
  return inFolder((shedbench, folder) => {
    shedbench('deploy', '--local', ...flags);
    for (const { route, runtimes, callsPerSecond, calls } of loads) {
      const schedule = ['--rate', String(callsPerSecond), '-c', String(calls), '--warmup', '5'];
      shedbench('load', '--local', '--route', route, '--runtime', runtimes, ...schedule);
    }
    shedbench('report', '--local', '-o', 'report.json');
    return readReport(readFileSync(join(folder, 'report.json'), 'utf8'), 'report.json');
  });
}

/** Deploys handlers on a local cloud of its own, loads them one route after the other, and returns the report. */
export function localReport(handlers: readonly string[], loads: readonly Load[]): Report {
  return inFolder((shedbench, folder) => {
    const own = handlers.flatMap((path) => ['--handlers', path]);
    const runtimes = handlers.length === 0 ? [] : ['--runtime', handlers.map(labelOf).join(',')];
    shedbench('deploy', '--local', '--memory', '128', ...own, ...runtimes);
    for (const { route, calls, parallel } of loads) {
      shedbench('load', '--local', '--route', route, '-c', String(calls), '-p', String(parallel));
    }
    shedbench('report', '--local', '-o', 'report.json');
    return readReport(readFileSync(join(folder, 'report.json'), 'utf8'), 'report.json');
  });
}

/** The label of a runtime's folder. */
function labelOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, 'shedbench.json'), 'utf8')) as {
    readonly label: string;
  };
  return manifest.label;
}

type Shedbench = (...args: readonly string[]) => void;

/** Works in an empty folder, and tears down what stands in its local cloud afterwards. */
function inFolder<T>(work: (shedbench: Shedbench, folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'shedbench-forecast-'));
  const shedbench: Shedbench = (...args) => {
    const { status, stderr } = spawnSync(process.execPath, ['--no-warnings', PROGRAM, ...args], {
      cwd: folder,
      encoding: 'utf8',
      timeout: LIMIT_MS,
    });
    // 1: some answers were not as expected, as those of a wolf that lost a race; the report tells of them.
    if (status !== 0 && status !== 1) throw new Error(`shedbench ${args.join(' ')}: ${stderr.slice(-2000)}`);
  };
  try {
    return work(shedbench, folder);
  } finally {
    shedbench('teardown', '--local');
    rmSync(folder, { recursive: true, force: true });
  }
}
