import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProgressEvent } from '../../src/model/events.ts';
import type { Report } from '../../src/model/report.ts';
import type { RunRecord } from '../../src/model/run.ts';
import { readReport } from '../../src/store/report-document.ts';
import { isWhole, keepReport, keptReports, reportsFolder } from '../../src/store/reports.ts';

const golden = readFileSync(new URL('../golden/report.json', import.meta.url), 'utf8');

let cwd: string;
const events: ProgressEvent[] = [];
const emit = (event: ProgressEvent): void => void events.push(event);
beforeEach(() => {
  events.length = 0;
  cwd = mkdtempSync(join(tmpdir(), 'shedbench-store-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const report = readReport(golden, 'golden');
const measured = report.runs.filter(({ server }) => server.state === 'measured');
const recordsOf = (of: Report): RunRecord[] => of.runs.map(({ runId }) => ({ id: runId }) as RunRecord);

/** The same report with `found` rows in its first measured run, and no other. */
function withRows(found: number): Report {
  const [run] = measured;
  if (run?.server.state !== 'measured') throw new Error('the golden report has a measured run');
  const completeness = { ...run.server.completeness, found };
  return { ...report, runs: [{ ...run, server: { ...run.server, completeness } }] };
}

describe('what reports keep of runs', () => {
  test('the kept rows are one file for each measured run, and read back equal', async () => {
    await keepReport(report, { cwd, emit });
    expect(readdirSync(reportsFolder(cwd)).sort()).toEqual(
      measured.map(({ runId }) => `${runId}.json`).sort(),
    );
    const kept = await keptReports(recordsOf(report), { cwd, emit });
    expect(kept.flatMap(({ runs }) => runs)).toEqual(measured);
  });

  test('the kept rows are never replaced by fewer rows, and always by more', async () => {
    const rowsKept = async () => {
      const [only] = await keptReports(recordsOf(withRows(1)), { cwd, emit });
      const server = only?.runs[0]?.server;
      return server?.state === 'measured' ? server.completeness.found : undefined;
    };
    await keepReport(withRows(10), { cwd, emit });
    await keepReport(withRows(7), { cwd, emit });
    expect(await rowsKept()).toBe(10);
    await keepReport(withRows(11), { cwd, emit });
    expect(await rowsKept()).toBe(11);
  });

  test('a damaged file of kept rows is renamed with a warning', async () => {
    await keepReport(withRows(10), { cwd, emit });
    const [file = ''] = readdirSync(reportsFolder(cwd));
    writeFileSync(join(reportsFolder(cwd), file), '{"cut');
    expect(await keptReports(recordsOf(report), { cwd, emit })).toEqual([]);
    expect(events).toMatchObject([{ type: 'warning', code: 'document-damaged' }]);
    expect(readdirSync(reportsFolder(cwd))).toEqual([`${file}.damaged`]);
  });

  test('a link in the place of the folder of kept rows is refused, and no file behind it is renamed', async () => {
    const outside = join(cwd, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'r1.json'), '{"cut');
    mkdirSync(join(cwd, '.shedbench'));
    symlinkSync(outside, reportsFolder(cwd));
    await expect(keptReports([{ id: 'r1' }], { cwd, emit })).rejects.toMatchObject({
      code: 'odd-file',
      exitCode: 2,
      message: `${reportsFolder(cwd)} is a symbolic link, not a folder.`,
    });
    expect(readdirSync(outside)).toEqual(['r1.json']);
  });

  test('the kept rows of another run, or of several, are renamed with a warning', async () => {
    await keepReport(withRows(10), { cwd, emit });
    const [file = ''] = readdirSync(reportsFolder(cwd));
    renameSync(join(reportsFolder(cwd), file), join(reportsFolder(cwd), 'r1.json'));
    writeFileSync(join(reportsFolder(cwd), 'r2.json'), golden);
    expect(await keptReports([{ id: 'r1' }, { id: 'r2' }], { cwd, emit })).toEqual([]);
    const own = file.replace(/\.json$/, '');
    expect(events.map((event) => event.type === 'warning' && event.message).sort()).toEqual([
      expect.stringContaining(`r1.json is damaged: its runs are [${own}], not r1 alone; it is now`),
      expect.stringContaining('not r2 alone'),
    ]);
    expect(readdirSync(reportsFolder(cwd)).sort()).toEqual(['r1.json.damaged', 'r2.json.damaged']);
  });

  test('the kept rows count as complete only without missing rows', () => {
    const [run] = withRows(10).runs;
    if (run?.server.state !== 'measured') throw new Error('measured');
    expect(isWhole(run)).toBe(run.server.completeness.missing === 0);
    const short = {
      ...run,
      server: { ...run.server, completeness: { ...run.server.completeness, missing: 3 } },
    };
    expect(isWhole(short)).toBe(false);
    expect(isWhole(undefined)).toBe(false);
  });
});
