import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProgressEvent } from '../../src/model/events.ts';
import { keepCalibration, readCalibration } from '../../src/store/calibration.ts';

let cwd: string;
const events: ProgressEvent[] = [];
const emit = (event: ProgressEvent): void => void events.push(event);
beforeEach(() => {
  events.length = 0;
  cwd = mkdtempSync(join(tmpdir(), 'shedbench-calibration-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

test('the times of the loops are read as they were kept, on the same machine only', async () => {
  await keepCalibration('here', [{ language: 'native', hashNs: 300 }], { cwd });
  expect(await readCalibration('here', { cwd, emit })).toEqual([{ language: 'native', hashNs: 300 }]);
  expect(await readCalibration('elsewhere', { cwd, emit })).toBeUndefined();
});

test.each(['0', '-5', '0.001', '1e9', '1e999', 'null', '"300"'])(
  'a kept time of %s ns, by which no forecast can divide, is renamed with a warning',
  async (hashNs) => {
    const folder = join(cwd, '.shedbench');
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'calibration.json'),
      `{"schema":"shedbench/calibration@1","machine":"here","calibrations":[{"language":"native","hashNs":${hashNs}}]}`,
    );
    expect(await readCalibration('here', { cwd, emit })).toBeUndefined();
    expect(events).toMatchObject([
      {
        type: 'warning',
        code: 'document-damaged',
        message: expect.stringContaining('calibrations[0].hashNs'),
      },
    ]);
    expect(readdirSync(folder)).toEqual(['calibration.json.damaged']);
  },
);
