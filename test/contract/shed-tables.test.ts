import { expect, test } from 'vitest';
import { createClients } from '../../src/aws/clients.ts';
import { createShedTables } from '../../src/contract/shed-tables.ts';

/** Nothing listens there: the port is that of a service that no machine runs. */
const TARGET = {
  kind: 'local',
  region: 'us-east-1',
  endpoint: 'http://127.0.0.1:9',
  credentials: async () => ({ accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }),
} as const;

test('every method of a table tells a database that is gone as a foreseen error', async () => {
  const never = new AbortController().signal;
  const clients = createClients(TARGET, { env: {}, toolVersion: '0.0.0' });
  try {
    const tables = createShedTables(clients, {
      sleep: async () => undefined,
      interrupt: { first: never, second: never },
    });
    const table = await tables.open('shed');
    const attempts = [
      () => table.put([{ tattoo: '1', weight: '1' }]),
      () => table.read('1'),
      () => table.remove(['1']),
      () => table.scan('consistent'),
      () => table.clear(),
      () => tables.clear('shed'),
      () => tables.count('shed'),
    ];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toMatchObject({ name: 'ShedbenchError', exitCode: 3 });
    }
  } finally {
    clients.destroy();
  }
});
