import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startCallFile } from '../../../src/load/engine/call-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-call-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the file of calls', () => {
  test('the file of calls is refused in a folder that does not exist, before the load', () => {
    const path = join(folder, 'none', 'calls.csv');
    expect(() => startCallFile(path)).toThrow(
      expect.objectContaining({
        code: 'calls-out',
        message: `The folder ${join(folder, 'none')} for the file of calls is not there.`,
        exitCode: 2,
      }),
    );
  });

  test.skipIf(process.platform === 'win32')(
    'the file of calls is refused where it is a pipe, which would wait for a reader',
    () => {
      const path = join(folder, 'pipe');
      execFileSync('mkfifo', [path]);
      expect(() => startCallFile(path)).toThrow(
        expect.objectContaining({ code: 'calls-out', message: `${path} is a pipe, not a file.` }),
      );
    },
  );
});
