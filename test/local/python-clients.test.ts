import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasProgram } from '../at-hand.ts';
import { PythonClients } from './python-clients.ts';

describe.skipIf(!hasProgram('python3'))('a script of the Python clients', () => {
  let folder: string;
  let python: PythonClients;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'shedbench-clients-'));
  });
  afterEach(async () => {
    await python.close();
    rmSync(folder, { recursive: true });
  });

  function script(text: string): string {
    const path = join(folder, 'script.py');
    writeFileSync(path, text);
    return path;
  }

  test('a script that ends the process fails with what the process wrote, and the next script runs in another process', async () => {
    python = new PythonClients(process.env);
    const ending = script('import os\nos.write(2, b"no more sheep")\nos._exit(7)\n');
    await expect(python.script(ending)).rejects.toThrow(/script\.py ended .*: exit code 7\nno more sheep$/);
    expect(await python.script(script('print("another")'))).toBe('another\n');
  });

  test('a script that takes longer than its limit is killed and fails', async () => {
    python = new PythonClients(process.env, 200);
    await expect(python.script(script('while True: pass'))).rejects.toThrow(
      /script\.py ended .*: SIGKILL\nkilled after 200 ms$/,
    );
  });
});
