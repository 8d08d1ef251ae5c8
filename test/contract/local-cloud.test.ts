import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probeApi } from '../../src/contract/probe.ts';
import { RULES, verifyContract } from '../../src/contract/verify.ts';
import { LARGEST_PRIME, LIGHTEST } from '../../src/contract/weights.ts';
import { createCloud, type LocalCloud } from '../../src/local/cloud.ts';
import { testedRuntimes } from '../handlers/support/shed-runtimes.ts';
import { messagesOf } from '../local/log-messages.ts';
import { DatabaseProxy } from './support/database-proxy.ts';
import { type DeployedShed, ShedDeployer } from './support/deployed-shed.ts';

/** A runtime builds, starts cold four times and answers some 150 calls, on a machine that does other things too. */
const RUNTIME_MS = 180_000;

/** Just more than the 1 MB of a scan page. */
const TWO_PAGES = { sheep: 17, bytesEach: 65_536 };

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const deps = { emit: () => {}, monotonicMs: () => performance.now(), sleep };

const log: string[] = [];
let cloud: LocalCloud;
let proxy: DatabaseProxy;
let deployer: ShedDeployer;

beforeAll(async () => {
  cloud = await createCloud({ log: (line) => log.push(line) });
  proxy = new DatabaseProxy(cloud.cloud.dynamodb.endpoint);
  deployer = new ShedDeployer(cloud, await proxy.start());
});

afterAll(async () => {
  deployer.close();
  await proxy.stop();
  await cloud.close();
});

describe.each(await testedRuntimes())('$label on the local cloud', (runtime) => {
  let shed: DeployedShed;

  test.runIf(runtime.skip !== undefined)(`the runtime is left out: ${runtime.skip}`, (context) =>
    context.skip(runtime.skip),
  );

  describe.skipIf(runtime.skip !== undefined)('keeps the contract', () => {
    beforeAll(async () => {
      shed = await deployer.deploy(runtime);
    }, RUNTIME_MS);

    test(
      'the probe calls every function and leaves no trace',
      async () => {
        const result = await probeApi(
          { runtime: runtime.label, apiUrl: shed.apiUrl },
          { ...deps, table: shed.table },
        );
        expect(result).toMatchObject({ sheep: 0, wolfCalled: true, attempts: 4 });
        expect((await shed.table.scan('consistent')).sheep).toEqual([]);
      },
      RUNTIME_MS,
    );

    test(
      'every rule holds',
      async () => {
        const result = await verifyContract(
          { runtime: runtime.label, apiUrl: shed.apiUrl, allowOrigin: '*' },
          { clearShed: false, bigShed: TWO_PAGES },
          { ...deps, table: shed.table },
        );
        expect(result.rules.filter(({ status }) => status === 'broken')).toEqual([]);
        // Whether a race ends in a conflict is chance; all else must have been tried.
        expect(
          result.rules.filter(({ id, status }) => status === 'skipped' && id !== 'wolf-conflict'),
        ).toEqual([]);
        expect(result.rules.length).toBe(RULES.length);
        expect((await shed.table.scan('consistent')).sheep).toEqual([]);
      },
      RUNTIME_MS,
    );

    // An SDK writes its warnings to the log of the function, as Go's does for an answer without a checksum.
    test(
      'the SDK warns of nothing in the functions, called by every rule of the contract',
      async () => {
        for (const group of Object.values(shed.logGroups)) {
          const messages = await messagesOf(cloud, group);
          expect(messages.filter((message) => message.startsWith('REPORT '))).not.toEqual([]);
          expect(messages.filter((message) => !/^(INIT_START|START|END|REPORT) /.test(message))).toEqual([]);
        }
        expect(log).toEqual([]);
      },
      RUNTIME_MS,
    );

    test('a wolf whose sheep is gone between its scan and its bite answers 409', async () => {
      await shed.table.put([
        { tattoo: '18446744073709551615', weight: LARGEST_PRIME },
        { tattoo: '2', weight: LIGHTEST },
      ]);
      proxy.before = async (operation) => {
        if (operation === 'DeleteItem') await shed.table.remove(['18446744073709551615']);
      };
      try {
        const answer = await fetch(`${shed.apiUrl}/wolf`, { method: 'DELETE' });
        expect([answer.status, await answer.text()].map((part) => String(part).replace(/\s/g, ''))).toEqual([
          '409',
          '{"message":"Sheepisnotintheshed:18446744073709551615"}',
        ]);
        expect(answer.headers.get('content-type')).toBe('application/json');
        expect(answer.headers.get('access-control-allow-origin')).toBe('*');
        expect((await shed.table.scan('consistent')).sheep.map(({ tattoo }) => tattoo)).toEqual(['2']);
      } finally {
        proxy.before = async () => {};
        await shed.table.clear();
      }
    }, 30_000);
  });
});
