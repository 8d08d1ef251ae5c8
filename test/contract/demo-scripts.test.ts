import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCloud, type LocalCloud } from '../../src/local/cloud.ts';
import { ROUTES, type Route } from '../../src/model/route.ts';
import { testedRuntimes } from '../handlers/support/shed-runtimes.ts';
import { type DeployedShed, ShedDeployer } from './support/deployed-shed.ts';

const DEPLOY_MS = 120_000;
const CALLS = 12;
/** The options that every script of the demo gives to curl. */
const CURL = 'curl -s --retry 5 --retry-connrefused';

/**
 * What invoke_cat.sh, insert_sheeps.sh, invoke_dog.sh and invoke_wolf.sh do, with the options `-p 4 -c 12`, `-m 2 -n 3` and
 * `-s 5`. The scripts throw the answers away; here they are kept, each from `{` to `}`.
 * @see https://github.com/JeremieRodon/demo-rust-lambda/tree/main/utils
 */
const SCRIPTS: Readonly<Record<Route, string>> = {
  cat: `seq 1 ${CALLS} | xargs -Iunused -P4 ${CURL} "$API_URL/cat?m=2&n=3"`,
  sheep: `seq 5 $((5 + ${CALLS} - 1)) | xargs -Itattoo -P4 ${CURL} -XPOST "$API_URL/sheep/tattoo"`,
  dog: `seq 1 ${CALLS} | xargs -Iunused -P4 ${CURL} "$API_URL/dog"`,
  wolf: `seq 1 ${CALLS} | xargs -Iunused -P4 ${CURL} -w '{%{http_code}}' -o /dev/null -XDELETE "$API_URL/wolf"`,
};

const missing = ['bash', 'seq', 'xargs', 'curl'].filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
);

describe.skipIf(missing.length > 0)("the original demo's scripts against a deployed shed", () => {
  let cloud: LocalCloud;
  let deployer: ShedDeployer;
  let logs: CloudWatchLogsClient;
  let shed: DeployedShed;

  beforeAll(async () => {
    cloud = await createCloud();
    const { endpoint, region, credentials } = cloud;
    logs = new CloudWatchLogsClient({ endpoint, region, credentials });
    deployer = new ShedDeployer(cloud, cloud.cloud.dynamodb.endpoint);
    const node = (await testedRuntimes()).find(({ label }) => label === 'node');
    if (node === undefined) throw new Error('no runtime node');
    shed = await deployer.deploy(node);
  }, DEPLOY_MS);
  afterAll(async () => {
    logs.destroy();
    deployer.close();
    await cloud.close();
  });

  /** Not synchronously: the cloud that answers is in this very process. */
  async function run(route: Route): Promise<string[]> {
    const { stdout } = await promisify(execFile)('bash', ['-c', SCRIPTS[route]], {
      env: { PATH: process.env.PATH, NO_PROXY: '*', API_URL: shed.apiUrl },
      timeout: DEPLOY_MS,
    });
    return stdout.match(/\{[^}]*\}/g) ?? [];
  }

  test(
    'the demo scripts make all four loads: every call reaches its function, and the dog sees every sheep',
    async () => {
      expect(new Set(await run('cat'))).toEqual(new Set(['{"result":9}']));
      const sheep = (await run('sheep')).map((line) => JSON.parse(line));
      expect(sheep.map(({ tattoo }) => tattoo).sort((a, b) => a - b)).toEqual(
        Array.from({ length: CALLS }, (_, index) => 5 + index),
      );
      expect(new Set(await run('dog'))).toEqual(new Set([`{"count":${CALLS}}`]));
      const eaten = (await run('wolf')).filter((status) => status === '{204}').length;
      expect((await shed.table.scan('consistent')).sheep).toHaveLength(CALLS - eaten);
      for (const route of ROUTES) {
        const { events } = await logs.send(
          new FilterLogEventsCommand({ logGroupName: shed.logGroups[route], filterPattern: 'REPORT' }),
        );
        expect(events?.length, route).toBe(CALLS);
      }
    },
    DEPLOY_MS,
  );
});

test.runIf(missing.length > 0)(
  `the demo's scripts are left out: there is no ${missing.join(', ')}`,
  (context) => context.skip(),
);
