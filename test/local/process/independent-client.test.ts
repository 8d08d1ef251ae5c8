import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createCloud } from '../../../src/local/cloud.ts';
import { hasPythonModule } from '../../at-hand.ts';

const run = promisify(execFile);
const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

describe('an independent client', () => {
  test('an independent client creates, calls, queries and deletes the API stack', async ({ skip }) => {
    if (!hasPythonModule('boto3')) skip('python3 with boto3 is not on this machine: pip install boto3');
    const log: string[] = [];
    const cloud = await createCloud({ log: (line) => log.push(line) });
    try {
      const { accessKeyId, secretAccessKey } = cloud.credentials;
      const { stdout } = await run(
        'python3',
        [
          pathOf('./independent_client.py'),
          cloud.endpoint,
          cloud.region,
          accessKeyId,
          secretAccessKey,
          pathOf('../../../templates/api.yaml'),
        ],
        { timeout: 60_000 },
      );
      const seen = JSON.parse(stdout);
      expect(seen).toMatchObject({
        account: '000000000000',
        created: 'CREATE_COMPLETE',
        answers: [200, 200, 200],
        sheep: [{ tattoo: { N: '18446744073709551615' }, weight: { N: '80000000000' } }],
        tables: [],
      });
      expect(seen.resources).toBeGreaterThan(20);
      const { published, older } = seen.queries;
      expect(published.status).toBe('Complete');
      expect(published.rows).toHaveLength(2);
      expect(
        published.rows.map((row: Record<string, string>) => [row.Lambda, row.coldStart, row.count]).sort(),
      ).toEqual([
        ['rust-get-dog-count', '0', '2'],
        ['rust-get-dog-count', '1', '1'],
      ]);
      expect(older.rows).toMatchObject([{ Lambda: 'rust-get-dog-count', count: '3' }]);
      expect(log).toEqual([]);
    } finally {
      await cloud.close();
    }
  }, 90_000);

  test("an independent client finds what AWS's models promise: parts and copies, errors, ids, pages", async ({
    skip,
  }) => {
    if (!hasPythonModule('boto3')) skip('python3 with boto3 is not on this machine: pip install boto3');
    const log: string[] = [];
    const cloud = await createCloud({ log: (line) => log.push(line) });
    try {
      const { accessKeyId, secretAccessKey } = cloud.credentials;
      const { stdout } = await run(
        'python3',
        [pathOf('./model_client.py'), cloud.endpoint, cloud.region, accessKeyId, secretAccessKey],
        { timeout: 60_000 },
      );
      expect(JSON.parse(stdout)).toEqual({
        transfers: { same: true, parts: expect.stringMatching(/^"[0-9a-f]{32}-2"$/), left: [] },
        buckets: ['large', 'other'],
        lambda: { Type: 'User', Message: expect.stringMatching(/^Function not found: .*nobody/) },
        table: { isUuid: true, same: true, twice: ['ResourceInUseException', 'Table already exists: shed'] },
      });
      expect(log).toEqual([]);
    } finally {
      await cloud.close();
    }
  }, 90_000);
});
