import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OutsideClients, openOutsideClients } from '../outside-clients.ts';
import { WITHOUT_BOTO3 } from '../python-clients.ts';

const LIMIT_MS = 90_000;
const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

describe.skipIf(WITHOUT_BOTO3 !== '')(`an independent client${WITHOUT_BOTO3}`, () => {
  let clients: OutsideClients;
  beforeAll(async () => {
    clients = await openOutsideClients();
  });
  // Both tests use one cloud, so each asserts what it made itself.
  afterAll(async () => {
    await clients.close();
    expect(clients.log).toEqual([]);
  });

  test(
    'an independent client creates, calls, queries and deletes the API stack',
    async () => {
      const template = pathOf('../../../templates/api.yaml');
      const seen = JSON.parse(await clients.python.script(pathOf('./independent_client.py'), template));
      expect(seen).toMatchObject({
        account: '000000000000',
        created: 'CREATE_COMPLETE',
        answers: [200, 200, 200],
        sheep: [{ tattoo: { N: '18446744073709551615' }, weight: { N: '80000000000' } }],
        leavesTable: false,
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
    },
    LIMIT_MS,
  );

  test(
    "an independent client finds what AWS's models promise: parts and copies, errors, ids, pages",
    async () => {
      const seen = JSON.parse(await clients.python.script(pathOf('./model_client.py')));
      expect(seen).toEqual({
        transfers: { same: true, parts: expect.stringMatching(/^"[0-9a-f]{32}-2"$/), left: [] },
        buckets: ['large', 'other'],
        onePerPage: true,
        lambda: { Type: 'User', Message: expect.stringMatching(/^Function not found: .*nobody/) },
        table: { isUuid: true, same: true, twice: ['ResourceInUseException', 'Table already exists: shed'] },
      });
    },
    LIMIT_MS,
  );
});
