import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CommandDeps } from '../../src/model/command.ts';
import type { ProgressEvent } from '../../src/model/events.ts';
import type { CoreCalibration } from '../../src/model/forecast.ts';
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
  describe('of Node, native code and Python', () => {
    let found: readonly CoreCalibration[] = [];
    beforeAll(async () => {
      const programs = await mkdtemp(join(tmpdir(), 'shedbench-calibration-'));
      const python = async (name: string, hashNs: number, version: string) => {
        const text = `#!/bin/sh\necho '${JSON.stringify({ hashNs, version })}'\n`;
        await writeFile(join(programs, name), text, { mode: 0o755 });
        return join(programs, name);
      };
      const impossible = await python('impossible', 0, '3.13.0');
      const possible = await python('possible', 700, '3.12.0');
      found = await calibrateCore([impossible, 'no-such-python', possible], never);
      await rm(programs, { recursive: true });
    });

    test('the calibration loops measure Node and native code', () => {
      const [node, native] = found;
      expect(node).toMatchObject({ language: 'node', version: process.versions.node });
      expect(native).toMatchObject({ language: 'native' });
      // A hash takes between 10 ns and 100 µs on any machine that Node runs on.
      for (const hashNs of [node?.hashNs, native?.hashNs]) {
        expect(hashNs).toBeGreaterThan(10);
        expect(hashNs).toBeLessThan(100_000);
      }
    });

    test('the calibration loops pass over a Python that is not installed, and one that reports a time that no loop takes', () => {
      expect(found.slice(2)).toEqual([{ language: 'python', hashNs: 700, version: '3.12.0' }]);
    });
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
