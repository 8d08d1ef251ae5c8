import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { forecast } from '../../src/commands/forecast.ts';
import { ShedbenchError } from '../../src/errors.ts';
import type { CommandDeps } from '../../src/model/command.ts';
import { runRecord } from '../report/fixtures.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shedbench-forecast-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const signal = new AbortController().signal;
const deps = () =>
  ({
    cwd: folder,
    emit: () => undefined,
    now: () => Date.UTC(2026, 10, 26),
    sleep: async () => undefined,
    interrupt: { first: signal, second: signal },
    toolVersion: '0.1.0',
  }) as unknown as CommandDeps;

async function refusal(): Promise<ShedbenchError> {
  try {
    await forecast({ local: false, runIds: [] }, deps());
  } catch (error) {
    if (error instanceof ShedbenchError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('the forecast command', () => {
  test('the forecast command is refused where nothing was run', async () => {
    expect(await refusal()).toMatchObject({ code: 'no-runs', exitCode: 2 });
  });

  test('the forecast command calls no service of AWS, because runs there need no forecast', async () => {
    const run = runRecord('rust', 'cat');
    await mkdir(join(folder, '.shedbench', 'runs'), { recursive: true });
    await writeFile(join(folder, '.shedbench', 'runs', `${run.id}.json`), JSON.stringify(run));
    expect(run.target.kind).toBe('aws');
    expect(await refusal()).toMatchObject({ code: 'no-runs', exitCode: 2 });
  });
});
