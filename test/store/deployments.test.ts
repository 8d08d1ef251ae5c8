import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProgressEvent } from '../../src/model/events.ts';
import { readRecords, recordFileName, removeRecord, writeRecord } from '../../src/store/deployments.ts';
import { sampleDeployment } from './sample-deployment.ts';

describe('records on disk', () => {
  let cwd: string;
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'shedbench-test-'));
  });
  afterEach(() => rmSync(cwd, { recursive: true, force: true }));

  test('records on disk have target, account, region and project in their file names', () => {
    expect(recordFileName(sampleDeployment('shed', 'local', 'us-east-1'))).toBe(
      'local-123456789012-us-east-1-shed.json',
    );
  });

  test('records on disk are read as they were written, and a new record replaces the former one as a whole', async () => {
    await writeRecord(cwd, sampleDeployment('shed'));
    await writeRecord(cwd, { ...sampleDeployment('shed'), state: 'failed' });
    expect(await readRecords(cwd, () => {})).toEqual([{ ...sampleDeployment('shed'), state: 'failed' }]);
    expect(readdirSync(join(cwd, '.shedbench', 'deployments'))).toEqual([
      'aws-123456789012-eu-west-3-shed.json',
    ]);
  });

  test('without a folder there are no records, and removing a missing record is not an error', async () => {
    expect(await readRecords(cwd, () => {})).toEqual([]);
    await removeRecord(cwd, sampleDeployment('shed'));
  });

  test.each(['', '{', '[]', '{"schema":"something/else@0"}', 'null', '{"schema":"shedbench/deployment@1"}'])(
    'records on disk that hold %j are renamed, with a warning',
    async (text) => {
      const folder = join(cwd, '.shedbench', 'deployments');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'aws-1-r-p.json'), text);
      const events: ProgressEvent[] = [];
      expect(await readRecords(cwd, (event) => events.push(event))).toEqual([]);
      expect(events).toMatchObject([{ type: 'warning', code: 'document-damaged' }]);
      expect(readdirSync(folder)).toEqual(['aws-1-r-p.json.damaged']);
    },
  );

  test('records on disk of another version stay where they are, with a warning', async () => {
    const folder = join(cwd, '.shedbench', 'deployments');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'aws-1-r-p.json'), '{"schema":"shedbench/deployment@0"}');
    const events: ProgressEvent[] = [];
    expect(await readRecords(cwd, (event) => events.push(event))).toEqual([]);
    expect(events).toMatchObject([{ type: 'warning', code: 'document-version' }]);
    expect(readdirSync(folder)).toEqual(['aws-1-r-p.json']);
  });

  test('records on disk under the name of another deployment are renamed, with a warning', async () => {
    await writeRecord(cwd, sampleDeployment('shed'));
    const folder = join(cwd, '.shedbench', 'deployments');
    renameSync(
      join(folder, 'aws-123456789012-eu-west-3-shed.json'),
      join(folder, 'aws-123456789012-eu-west-3-barn.json'),
    );
    const events: ProgressEvent[] = [];
    expect(await readRecords(cwd, (event) => events.push(event))).toEqual([]);
    expect(events).toMatchObject([
      {
        code: 'document-damaged',
        message: expect.stringContaining('its content is that of aws-123456789012-eu-west-3-shed.json'),
      },
    ]);
    expect(readdirSync(folder)).toEqual(['aws-123456789012-eu-west-3-barn.json.damaged']);
  });

  test('records on disk can not be given a name that leaves the folder', () => {
    expect(() => recordFileName(sampleDeployment('../shed'))).toThrow(
      expect.objectContaining({
        code: 'bad-name',
        exitCode: 2,
        message: expect.stringContaining("'../shed'"),
      }),
    );
  });
});
