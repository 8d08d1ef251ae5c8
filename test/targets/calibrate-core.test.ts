import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CommandDeps } from '../../src/model/command.ts';
import type { ProgressEvent } from '../../src/model/events.ts';
import { calibrateCore, calibrationOf } from '../../src/targets/calibrate-core.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shedbench-calibration-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const never = new AbortController().signal;

function deps(events: ProgressEvent[] = []): Pick<CommandDeps, 'cwd' | 'emit' | 'interrupt'> {
  return {
    cwd: folder,
    emit: (event: ProgressEvent) => events.push(event),
    interrupt: { first: never, second: never },
  } as unknown as CommandDeps;
}

const keptFile = () => join(folder, '.shedbench', 'calibration.json');

describe('the calibration loops', () => {
  test('the calibration loops measure Node and native code, and leave out a Python that is not installed and one that reports a time that no loop takes', async () => {
    const program = join(folder, 'python');
    await writeFile(program, `#!/bin/sh\necho '{"hashNs":0,"version":"3.13.0"}'\n`, { mode: 0o755 });
    const found = await calibrateCore(['no-such-python', program], never);
    expect(found.map(({ language }) => language)).toEqual(['node', 'native']);
    expect(found[0]?.version).toBe(process.versions.node);
    // A hash takes between 10 ns and 100 µs on any machine that Node runs on.
    for (const { hashNs } of found) {
      expect(hashNs).toBeGreaterThan(10);
      expect(hashNs).toBeLessThan(100_000);
    }
  });

  test('the calibration loops reject after an abort, instead of returning an empty result', async () => {
    const reason = new Error('interrupted');
    await expect(calibrateCore([], AbortSignal.abort(reason))).rejects.toThrow('interrupted');
  });

  /** Loops of a machine, each run of which takes longer than the one before. */
  function machine() {
    let runs = 0;
    const asked: (readonly string[])[] = [];
    const loops = async (pythons: readonly string[]) => {
      asked.push(pythons);
      runs += 1;
      return [{ language: 'node', hashNs: 1000 * runs, version: '20.1.0' }];
    };
    return { loops, asked };
  }

  test('the calibration loops run once for a machine: later reports read what is kept', async () => {
    const { loops, asked } = machine();
    const first = await calibrationOf(['nodejs24.x', 'python3.13'], deps(), loops);
    expect(await calibrationOf(['nodejs24.x', 'python3.13'], deps(), loops)).toEqual(first);
    expect(asked).toEqual([['python3.13', 'python3']]);
  });

  test('the calibration loops run again on another machine, for another interpreter, and where the file is damaged', async () => {
    const { loops, asked } = machine();
    const events: ProgressEvent[] = [];
    await calibrationOf(['nodejs24.x'], deps(), loops);
    await calibrationOf(['python3.13'], deps(), loops);
    expect(asked).toHaveLength(2);
    const kept = await readFile(keptFile(), 'utf8');
    for (const text of [
      kept.replace('"machine":"', '"machine":"other '),
      '{"schema":"shedbench/calibration@1"}',
    ]) {
      await writeFile(keptFile(), text);
      await calibrationOf(['python3.13'], deps(events), loops);
    }
    expect(asked).toHaveLength(4);
    expect(events.map((event) => ('code' in event ? event.code : ''))).toEqual(['document-damaged']);
  });
});
