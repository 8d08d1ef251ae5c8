import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProgressEvent } from '../../src/model/events.ts';
import { processStart } from '../../src/targets/process-identity.ts';
import { withLoadMark } from '../../src/targets/running-loads.ts';

let cwd: string;
let events: ProgressEvent[];
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'shedbench-running-'));
  events = [];
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const deps = () => ({ cwd, now: () => 0, emit: (event: ProgressEvent) => void events.push(event) });
const marks = () => readdirSync(join(cwd, '.shedbench', 'running'));

function leaveMark(pid: number, start: string): void {
  const folder = join(cwd, '.shedbench', 'running');
  mkdirSync(folder, { recursive: true });
  const mark = { command: 'bench', pid, processStart: start, startedAtEpochMs: 0 };
  writeFileSync(join(folder, `${pid}-left.json`), JSON.stringify(mark));
}

describe('the marks of running loads', () => {
  test('a load that starts while another one runs in its folder warns before it starts, and names the process of the other', async () => {
    await withLoadMark('bench', deps(), () =>
      withLoadMark('load', deps(), async () => {
        expect(events).toMatchObject([
          {
            type: 'warning',
            code: 'another-load',
            message: expect.stringContaining(
              `Another shedbench bench is at work in this folder (process ${process.pid}`,
            ),
          },
        ]);
      }),
    );
    expect(events).toHaveLength(1);
  });

  test('a load does not warn of an earlier load that has ended or failed', async () => {
    await expect(withLoadMark('bench', deps(), () => Promise.reject(new Error('no luck')))).rejects.toThrow(
      'no luck',
    );
    expect(await withLoadMark('load', deps(), async () => marks().length)).toBe(1);
    expect(marks()).toEqual([]);
    expect(events).toEqual([]);
  });

  test('a load removes the mark of a killed load, also if another process has its pid now', async () => {
    leaveMark(999_999_999, '1');
    leaveMark(process.pid, `${await processStart(process.pid)}0`);
    expect(await withLoadMark('load', deps(), async () => marks().length)).toBe(1);
    expect(events).toEqual([]);
  });

  test('a load whose mark can not be written goes on with a warning', async () => {
    mkdirSync(join(cwd, '.shedbench'));
    symlinkSync('nowhere', join(cwd, '.shedbench', 'running'));
    expect(await withLoadMark('load', deps(), async () => 'done')).toBe('done');
    expect(events.map((event) => event.type === 'warning' && event.code)).toContain('load-not-marked');
  });

  test('a load keeps its result and warns if a file is in the place of the folder of marks', async () => {
    mkdirSync(join(cwd, '.shedbench'));
    writeFileSync(join(cwd, '.shedbench', 'running'), '');
    expect(await withLoadMark('load', deps(), async () => 'done')).toBe('done');
    expect(events).toMatchObject([{ code: 'load-not-marked' }]);
  });

  test('a load is refused before it starts if a file is in the place of the folder .shedbench', async () => {
    writeFileSync(join(cwd, '.shedbench'), 'a file in the place of the folder');
    let hasStarted = false;
    const work = async () => {
      hasStarted = true;
    };
    await expect(withLoadMark('load', deps(), work)).rejects.toMatchObject({
      code: 'file-trouble',
      exitCode: 2,
    });
    expect({ hasStarted, events }).toEqual({ hasStarted: false, events: [] });
  });
});
