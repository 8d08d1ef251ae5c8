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
  test('measure Node and native code, and leave out a Python that is not there', async () => {
    const found = await calibrateCore(['no-such-python'], never);
    expect(found.map(({ language }) => language)).toEqual(['node', 'native']);
    expect(found[0]?.version).toBe(process.versions.node);
    // A hash takes between 10 ns and 100 µs on any machine that Node runs on.
    for (const { hashNs } of found) {
      expect(hashNs).toBeGreaterThan(10);
      expect(hashNs).toBeLessThan(100_000);
    }
  });

  test('the calibration loops end with the abort, not with an empty result', async () => {
    const reason = new Error('interrupted');
    await expect(calibrateCore([], AbortSignal.abort(reason))).rejects.toThrow('interrupted');
  });

  test('the calibration loops run once for a machine: later reports read what is kept', async () => {
    const first = await calibrationOf(['nodejs24.x'], deps());
    const text = await readFile(keptFile(), 'utf8');
    // Other figures in the file show that they are read, not measured again.
    const changed = text.replaceAll(/"hashNs":[\d.]+/g, '"hashNs":4242');
    expect(changed).not.toBe(text);
    await writeFile(keptFile(), changed);
    const second = await calibrationOf(['nodejs24.x'], deps());
    expect(second.map(({ hashNs }) => hashNs)).toEqual(first.map(() => 4242));
  });

  test('the calibration loops run again on another machine, for another interpreter, and where the file is damaged', async () => {
    await calibrationOf(['nodejs24.x'], deps());
    const kept = await readFile(keptFile(), 'utf8');
    const events: ProgressEvent[] = [];
    for (const text of [
      kept.replace('"machine":"', '"machine":"other ').replaceAll(/"hashNs":[\d.]+/g, '"hashNs":4242'),
      '{"schema":"shedbench/calibration@1"}',
    ]) {
      await writeFile(keptFile(), text);
      const again = await calibrationOf(['nodejs24.x'], deps(events));
      expect(again.every(({ hashNs }) => hashNs !== 4242)).toBe(true);
    }
    expect(events.map((event) => ('code' in event ? event.code : ''))).toEqual(['document-damaged']);
  });
});
