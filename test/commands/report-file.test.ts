import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { history } from '../../src/commands/report/history.ts';
import { reportOfFile } from '../../src/commands/report.ts';
import type { CommandDeps } from '../../src/model/command.ts';

const golden = readFileSync(new URL('../golden/report.json', import.meta.url), 'utf8');

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'shedbench-report-file-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

describe('a report file', () => {
  test('a report file is read as it is, with the exit code of its problems', async () => {
    writeFileSync(join(cwd, 'report.json'), golden);
    const whole = await reportOfFile('report.json', { cwd });
    expect(whole.exitCode).toBe(0);
    expect(whole.data).toEqual(JSON.parse(golden));
    const short = JSON.parse(golden);
    short.problems = [
      { code: 'rows-missing', severity: 'error', exitCode: 1, message: 'rows are missing', runIds: [] },
    ];
    writeFileSync(join(cwd, 'short.json'), JSON.stringify(short));
    expect((await reportOfFile('short.json', { cwd })).exitCode).toBe(1);
  });

  test.each([
    ['missing.json', undefined, 'no-such-report'],
    ['other.json', '{"schema":"shedbench/run@3"}', 'not-a-report'],
    ['cut.json', golden.slice(0, 100), 'not-a-report'],
    ['old.json', golden.replace('shedbench/report@3', 'shedbench/report@1'), 'report-version'],
  ])(
    'a report file is refused with exit 2 if it is missing, cut short, of another schema or of another version: %s',
    async (name, text, code) => {
      if (text !== undefined) writeFileSync(join(cwd, name), text);
      await expect(reportOfFile(name, { cwd })).rejects.toMatchObject({ code, exitCode: 2 });
    },
  );
});

test('a history of a folder without runs is refused with exit 2', async () => {
  const deps = { cwd, emit: () => {}, now: () => 0 } as unknown as CommandDeps;
  await expect(history({ local: false }, deps)).rejects.toMatchObject({ code: 'no-runs', exitCode: 2 });
});
