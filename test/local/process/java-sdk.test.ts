import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasCurrentBuild } from '../../../src/deploy/artifacts/build-stamp.ts';
import { loadManifest } from '../../../src/deploy/artifacts/manifest.ts';
import { runsOnThisMachine } from '../../../src/deploy/artifacts/runs-on.ts';
import { messagesOf } from '../log-messages.ts';
import { type OutsideClients, openOutsideClients } from '../outside-clients.ts';

const run = promisify(execFile);
const LIMIT_MS = 180_000;
const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const JAVA = pathOf('../../../examples/java');
const ROUTES = ['get-cat-ackermann', 'post-sheep-random', 'get-dog-count', 'delete-wolf-ocd'];
/** With less memory the JVM does not start. */
const MEMORY_MIB = '512';
/** The oldest Java that runs the shed. */
const JAVA_VERSION = 25;

let clients: OutsideClients;

beforeAll(async () => {
  clients = await openOutsideClients();
});
afterAll(() => clients.close());

function java(): string {
  const javaHome = process.env.JAVA_HOME;
  return javaHome === undefined ? 'java' : join(javaHome, 'bin', 'java');
}

/** Why Java is not tried here, as an end of a test's title. Empty if it is. */
async function reasonToSkip(): Promise<string> {
  const runsOn = runsOnThisMachine(process.platform, process.arch);
  const manifest = loadManifest(join(JAVA, 'shedbench.json'));
  if (runsOn === undefined || !(await hasCurrentBuild(manifest, runsOn))) {
    return ' (examples/java is not built: npm run build:java)';
  }
  const missing = ` (JAVA_HOME or PATH has no Java ${JAVA_VERSION})`;
  try {
    const { stdout } = await run(java(), ['--version']);
    return Number(/\d+/.exec(stdout)?.[0] ?? 0) >= JAVA_VERSION ? '' : missing;
  } catch {
    return missing;
  }
}

describe("Java's SDK", async () => {
  const skipped = await reasonToSkip();

  test.skipIf(skipped !== '')(
    `Java's SDK warns of nothing in the functions in Java, called by every rule of the contract${skipped}`,
    async () => {
      const shedbench = pathOf('../../../bin/shedbench.js');
      const project = ['--project', 'clients', '--runtime', 'java'];
      const architecture = ['--arch', process.arch === 'arm64' ? 'arm64' : 'x86_64'];
      const own = ['--handlers', JAVA, '--memory', MEMORY_MIB];
      await clients.run(process.execPath, [shedbench, 'deploy', ...project, ...architecture, ...own]);
      await clients.run(process.execPath, [shedbench, 'verify', ...project, '--yes']);
      for (const route of ROUTES) {
        const messages = await messagesOf(clients.cloud, `/aws/lambda/clients-java-${route}`);
        expect(messages.filter((message) => message.startsWith('REPORT '))).not.toEqual([]);
        expect(messages.filter((message) => !/^(INIT_START|START|END|REPORT) /.test(message))).toEqual([]);
      }
      expect(clients.log).toEqual([]);
    },
    LIMIT_MS,
  );

  test.skipIf(skipped !== '')(
    `Java's SDK uses every operation of the database that a function may use, and warns of nothing${skipped}`,
    async () => {
      const libraries = join(JAVA, 'target', 'lib', '*');
      const { stdout, stderr } = await clients.run(java(), [
        '-Dstdout.encoding=UTF-8',
        '-cp',
        libraries,
        pathOf('./JavaClient.java'),
      ]);
      expect(stderr).toBe('');
      expect(Object.fromEntries(stdout.trimEnd().split('\n').map(firstWordAndRest))).toEqual({
        batchGet: '2',
        batchUnprocessed: '0',
        delete: '107.5',
        deleteAgain: 'ConditionalCheckFailedException',
        get: '18446744073709551615,Ænne',
        getMissing: 'false',
        isListed: 'true',
        left: '19',
        missingTable: 'ResourceNotFoundException',
        put: 'once',
        putAgain: 'ConditionalCheckFailedException',
        query: '10 on 3 pages',
        scan: '21',
        scanCount: '21',
        status: 'ACTIVE',
        update: '107.5,Zoë',
      });
      expect(clients.log).toEqual([]);
    },
    LIMIT_MS,
  );
});

function firstWordAndRest(line: string): [string, string] {
  const space = line.indexOf(' ');
  return [line.slice(0, space), line.slice(space + 1)];
}
