import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ShedbenchError } from '../../src/errors.ts';
import { DEPLOYMENT_SCHEMA, type Deployment } from '../../src/model/deployment.ts';
import type { ProgressEvent } from '../../src/model/events.ts';
import {
  parseRecord,
  readRecords,
  recordFileName,
  removeRecord,
  selectRecord,
  writeRecord,
} from '../../src/store/deployments.ts';

function deployment(
  project: string,
  kind: Deployment['target']['kind'] = 'aws',
  region = 'eu-west-3',
  profile?: string,
): Deployment {
  return {
    schema: DEPLOYMENT_SCHEMA,
    state: 'deployed',
    project,
    target: { kind, region, accountId: '123456789012', ...(profile === undefined ? {} : { profile }) },
    architecture: 'arm64',
    memorySizeMB: 128,
    templateSha256: '',
    toolVersion: '0.1.0',
    createdAtEpochMs: 1,
    updatedAtEpochMs: 2,
    runtimes: [],
  };
}

function selectionError(records: readonly Deployment[], filter: Parameters<typeof selectRecord>[1]) {
  try {
    selectRecord(records, filter);
  } catch (error) {
    if (error instanceof ShedbenchError) return error;
  }
  throw new Error('expected a ShedbenchError');
}

describe('records on disk', () => {
  let cwd: string;
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'shedbench-test-'));
  });
  afterEach(() => rmSync(cwd, { recursive: true, force: true }));

  test('bear target, account, region and project in their name', () => {
    expect(recordFileName(deployment('shed', 'local', 'us-east-1'))).toBe(
      'local-123456789012-us-east-1-shed.json',
    );
  });

  test('are read as they were written, and replaced whole', async () => {
    await writeRecord(cwd, deployment('shed'));
    await writeRecord(cwd, { ...deployment('shed'), state: 'failed' });
    expect(await readRecords(cwd, () => {})).toEqual([{ ...deployment('shed'), state: 'failed' }]);
    expect(readdirSync(join(cwd, '.shedbench', 'deployments'))).toEqual([
      'aws-123456789012-eu-west-3-shed.json',
    ]);
  });

  test('are none where there is no folder, and removing none is no error', async () => {
    expect(await readRecords(cwd, () => {})).toEqual([]);
    await removeRecord(cwd, deployment('shed'));
  });

  test.each(['', '{', '[]', '{"schema":"shedbench/deployment@0"}', 'null'])(
    'that hold %j are left aside with a warning',
    async (text) => {
      mkdirSync(join(cwd, '.shedbench', 'deployments'), { recursive: true });
      writeFileSync(join(cwd, '.shedbench', 'deployments', 'aws-1-r-p.json'), text);
      const events: ProgressEvent[] = [];
      expect(await readRecords(cwd, (event) => events.push(event))).toEqual([]);
      expect(events).toMatchObject([{ type: 'warning', code: 'bad-record' }]);
      expect(parseRecord(text)).toBeUndefined();
    },
  );
});

describe('the record that fits', () => {
  test('is the only one, whatever it is', () => {
    const local = deployment('shed', 'local');
    expect(selectRecord([local], {})).toBe(local);
  });

  test('is none where none fits', () => {
    expect(selectRecord([deployment('shed')], { project: 'farm' })).toBeUndefined();
    expect(selectRecord([deployment('shed')], { local: true })).toBeUndefined();
  });

  test('is picked by project, region, profile or --local', () => {
    const records = [
      deployment('shed', 'local', 'us-east-1'),
      deployment('shed', 'aws', 'eu-west-3', 'farm'),
      deployment('shed', 'aws', 'us-east-2', 'home'),
      deployment('other', 'aws', 'eu-west-1'),
    ];
    expect(selectRecord(records, { local: true })).toBe(records[0]);
    expect(selectRecord(records, { region: 'us-east-2' })).toBe(records[2]);
    expect(selectRecord(records, { profile: 'farm' })).toBe(records[1]);
    expect(selectRecord(records, { project: 'other' })).toBe(records[3]);
  });

  test('is a question (exit 2) where several fit, with the flag that picks each', () => {
    const records = [
      deployment('shed', 'local', 'us-east-1'),
      deployment('shed', 'aws', 'eu-west-3'),
      deployment('farm', 'aws', 'eu-west-3'),
    ];
    const error = selectionError(records, {});
    expect(error.exitCode).toBe(2);
    expect(error.code).toBe('several-deployments');
    expect(error.message).toBe(
      [
        'Several deployments fit:',
        '  shed in the local cloud: --local',
        '  shed in account 123456789012, eu-west-3: --project shed --region eu-west-3',
        '  farm in account 123456789012, eu-west-3: --project farm',
      ].join('\n'),
    );
  });
});
