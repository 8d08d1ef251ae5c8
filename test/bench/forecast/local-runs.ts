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

/** Deploys handlers on a local cloud of its own, loads them one route after the other, and returns the report. */
export function localReport(handlers: readonly string[], loads: readonly Load[]): Report {
  const folder = mkdtempSync(join(tmpdir(), 'shedbench-forecast-'));
  const shedbench = (...args: readonly string[]) => {
    const { status, stderr } = spawnSync(process.execPath, ['--no-warnings', PROGRAM, ...args], {
      cwd: folder,
      encoding: 'utf8',
      timeout: LIMIT_MS,
    });
    // 1: some answers were not as expected, as those of a wolf that lost a race; the report tells of them.
    if (status !== 0 && status !== 1) throw new Error(`shedbench ${args.join(' ')}: ${stderr.slice(-2000)}`);
  };
  try {
    shedbench('deploy', '--local', '--memory', '128', ...handlers.flatMap((path) => ['--handlers', path]));
    for (const { route, calls, parallel } of loads) {
      shedbench('load', '--local', '--route', route, '-c', String(calls), '-p', String(parallel));
    }
    shedbench('report', '--local', '-o', 'report.json');
    return readReport(readFileSync(join(folder, 'report.json'), 'utf8'), 'report.json');
  } finally {
    shedbench('teardown', '--local');
    rmSync(folder, { recursive: true, force: true });
  }
}
