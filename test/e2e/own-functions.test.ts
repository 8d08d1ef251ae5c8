import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { hasPythonModule } from '../at-hand.ts';
import { type Installed, installPacked, type Outcome } from './installed.ts';
import { knowMachine } from './known-machine.ts';

const run = promisify(execFile);
const SLOW_MS = 180_000;
const hasBoto = hasPythonModule('boto3');

let installed: Installed;
beforeAll(async () => {
  installed = await installPacked();
  await knowMachine(installed.folder);
});
afterAll(async () => {
  await installed.run(['local', 'stop']);
  installed.remove();
});

interface CloudState {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

function cloudState(): CloudState {
  return JSON.parse(readFileSync(join(installed.folder, '.shedbench', 'local.json'), 'utf8')) as CloudState;
}

/** The memory size that the local cloud has for a function, MB. */
async function memoryOf(functionName: string): Promise<number | undefined> {
  const { endpoint, region, accessKeyId, secretAccessKey } = cloudState();
  const lambda = new LambdaClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  try {
    const command = new GetFunctionConfigurationCommand({ FunctionName: functionName });
    return (await lambda.send(command)).MemorySize;
  } finally {
    lambda.destroy();
  }
}

async function deployByBoto(): Promise<string[]> {
  const state = cloudState();
  const script = fileURLToPath(new URL('own_functions.py', import.meta.url));
  const { stdout } = await run('python3', [script], {
    cwd: installed.folder,
    env: {
      PATH: process.env.PATH,
      HOME: installed.folder,
      AWS_ENDPOINT_URL: state.endpoint,
      AWS_DEFAULT_REGION: state.region,
      AWS_ACCESS_KEY_ID: state.accessKeyId,
      AWS_SECRET_ACCESS_KEY: state.secretAccessKey,
    },
  });
  return JSON.parse(stdout) as string[];
}

describe.skipIf(!hasBoto)(
  'functions that are no part of the shed, deployed to the local cloud by boto3',
  () => {
    beforeAll(async () => {
      expect((await installed.run(['local', 'start'])).exitCode).toBe(0);
      expect(await deployByBoto()).toEqual(['own-broken', 'own-fast', 'own-slow']);
      writeFileSync(join(installed.folder, 'event.json'), '{"sku":1}');
    }, SLOW_MS);

    test(
      'bench measures own functions in rounds, reports ratios and Lambda’s cost, and shows them as HTML',
      async () => {
        const page = join(installed.folder, 'own.html');
        const bench = await installed.run([
          ...['bench', '--local', '--function', 'own-fast,own-slow', '--payload', 'event.json'],
          ...['-p', '1', '-c', '48', '--rounds', '6', '--memory', '512', '-o', 'own.html', '--json'],
          ...['--name', 'own-bench', '--baseline', 'own-fast'],
        ]);
        expect(bench.stderr).not.toMatch(/^\s+at /m);
        expect(bench.exitCode).toBe(0);
        const listed = JSON.parse((await installed.run(['runs', '--json'])).stdout);
        expect(listed.runs.map(({ name }: { name?: string }) => name)).toEqual(['own-bench', 'own-bench']);
        const report = JSON.parse(bench.stdout) as Report;
        expect(report.runs.map(({ label, route, memorySizeMB }) => [label, route, memorySizeMB])).toEqual([
          ['own-fast', 'invoke', 512],
          ['own-slow', 'invoke', 512],
        ]);
        for (const { server, client } of report.runs) {
          expect(server).toMatchObject({
            state: 'measured',
            completeness: { verdict: 'complete' },
            crossCheck: { state: 'agrees' },
          });
          expect(client).toMatchObject({ calls: 48, successes: 48, attemptsByStatus: { 200: 48 } });
        }
        expect(report.ratios).toMatchObject([
          { runtime: 'own-slow', baseline: 'own-fast', temperature: 'warm', verdict: 'slower', rounds: 6 },
        ]);
        expect(report.ratios[0]?.interval?.high).toBeLessThan(1);
        if (report.cost.state !== 'priced') throw new Error('not priced');
        expect(report.cost.rows.map(({ apiGatewayUsd, dynamodb }) => [apiGatewayUsd, dynamodb])).toEqual([
          [undefined, undefined],
          [undefined, undefined],
        ]);
        const html = readFileSync(page, 'utf8');
        expect(html).toContain('<h2>invoke');
        expect(html).toContain('own-fast');
        // What the bench changed stands as it was.
        expect(readdirSync(join(installed.folder, '.shedbench', 'changed-functions'))).toEqual([]);
        expect(await memoryOf('own-fast')).toBe(256);
      },
      SLOW_MS,
    );

    test(
      'load --from lambda sends own functions the same payload from the region',
      async () => {
        const load = await installed.run([
          ...['load', '--local', '--function', 'own-fast', '--payload', 'event.json', '--from', 'lambda=2'],
          ...['-p', '4', '-c', '12', '--json'],
        ]);
        expect(load.exitCode).toBe(0);
        expect(JSON.parse(load.stdout).runs[0].accounting).toMatchObject({ successes: 12, notSent: 0 });
      },
      SLOW_MS,
    );

    test(
      'report shows own functions over a window without recorded calls, and distinguishes the functions of a shared log group',
      async () => {
        const load = await installed.run([
          ...['load', '--local', '--function', 'own-broken', '-p', '2', '-c', '6'],
          ...['--name', 'broken-one', '--json'],
        ]);
        expect(load.exitCode).toBe(1);
        const [broken] = JSON.parse(load.stdout).runs;
        expect(broken.name).toBe('broken-one');
        expect(broken.accounting).toMatchObject({
          unexpected: 6,
          attemptsByStatus: { 'function-error': 6 },
          reachedLambda: { min: 6, max: 6 },
        });
        expect(broken.warnings).toMatchObject([
          { code: 'function-errors', message: expect.stringContaining('TypeError: no such table') },
        ]);
        const ofFunctions = [
          ...['report', '--local', '--function', 'own-fast,own-slow,own-broken', '--since', '10m', '--json'],
        ];
        const ofSharedGroup = ['report', '--local', '--log-group', '/own/shared', '--format', 'insights'];
        const reports = await installed.runInTurn([ofFunctions, ofSharedGroup]);
        const window = reports.get(ofFunctions);
        expect(window?.exitCode).toBe(0);
        const report = JSON.parse(window?.stdout ?? '') as Report;
        const found = report.runs.map(
          ({ server }) => server.state === 'measured' && server.completeness.found,
        );
        // The warm-up of a bench is 3 % of its calls, here 2; the loaders made 12 calls of the first.
        expect(found).toEqual([62, 50, 6]);
        expect(report.runs.every(({ client }) => client === undefined)).toBe(true);
        expect(report.runs[2]?.server).toMatchObject({ cold: { errors: expect.any(Number) } });

        const [head, warm] = reports.get(ofSharedGroup)?.stdout.split('\r\n') ?? [];
        expect(head).toBe(
          'Lambda,coldStart,count,avgDuration,minDuration,maxDuration,StdDevDuration,avgBilled,minBilled,maxBilled,StdDevBilled,avgRam,minRam,maxRam,StdDevRam',
        );
        expect(warm).toMatch(/^shared,0,\d+,/);
      },
      SLOW_MS,
    );

    test(
      'an interrupted bench restores their settings and reports the rows that it has',
      async () => {
        const bench = installed.start([
          ...['bench', '--local', '--function', 'own-slow', '--payload', 'event.json', '--json'],
          ...['--memory', '512', '--cold', '2', '-p', '1', '-c', '4000', '--warmup', '2'],
        ]);
        await bench.stderrHas(/"successes":[1-9].*"phase":"measure"/);
        expect(readdirSync(join(installed.folder, '.shedbench', 'changed-functions'))).toHaveLength(1);
        bench.signal('SIGINT');
        const ended = await bench.finished;
        expect(ended.exitCode).toBe(130);
        const [, id = ''] = /shedbench report --run ([\w-]+)/.exec(ended.stderr) ?? [];
        const told = await installed.run(['report', '--local', '--run', id, '--json']);
        expect((JSON.parse(told.stdout) as Report).runs[0]?.server).toMatchObject({
          state: 'measured',
          completeness: { verdict: 'complete' },
        });
        expect(readdirSync(join(installed.folder, '.shedbench', 'changed-functions'))).toEqual([]);
        expect(await memoryOf('own-slow')).toBe(256);
      },
      SLOW_MS,
    );

    const refused: readonly (readonly [args: readonly string[], exitCode: number, message: RegExp])[] = [
      [['load', '--local', '--function', 'none'], 3, /^There is no function none in /m],
      [
        ['load', '--local', '--function', 'own-fast', '--payload', '{no'],
        2,
        /^The payload of --payload is not JSON: /m,
      ],
      [
        ['load', '--local', '--function', 'a b'],
        2,
        /^'a b' is neither the name nor the ARN of a function\./m,
      ],
      [
        ['load', '--local', '--function', 'own-fast', '--route', 'cat'],
        2,
        /^--route and --function both select what is called\./m,
      ],
      [
        ['load', '--local', '--payload', '{}', '--route', 'cat'],
        2,
        /^--payload has an effect only with --function\./m,
      ],
      [
        ['bench', '--local', '--function', 'own-fast', '--arch', 'arm64'],
        2,
        /^--arch can't be combined with --function/m,
      ],
      [
        ['bench', '--local', '--function', 'own-fast', '--handlers', '.'],
        2,
        /^--handlers applies to the shed/m,
      ],
      [
        ['load', '--function', 'arn:aws:lambda:eu-west-3:123456789012:function:f', '--region', 'us-east-1'],
        2,
        /^The function's ARN names eu-west-3, and --region us-east-1\./m,
      ],
      [['report', '--local', '--function', 'own-fast:7'], 2, /^'own-fast:7' names the version 7/m],
    ];
    let outcomes: ReadonlyMap<readonly string[], Outcome>;

    describe('a command that makes no sense', () => {
      beforeAll(async () => {
        outcomes = await installed.runInTurn(refused.map(([args]) => args));
      }, SLOW_MS);

      test.each(refused)('%j exits %d with one line that says why', (args, exitCode, message) => {
        const done = outcomes.get(args);
        expect(done?.stderr.replace(/^shedbench: /m, '')).toMatch(message);
        expect(done?.exitCode).toBe(exitCode);
        expect(done?.stderr).not.toMatch(/^\s+at /m);
      });
    });
  },
);

describe('a mix of requests to a URL', () => {
  let server: Server;
  const paths: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      paths.push(`${request.method} ${request.url}`);
      request.resume();
      response.writeHead(request.method === 'POST' ? 201 : 200).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test('a mix of requests to a URL is loaded as its file says, and shown request by request', async () => {
    writeFileSync(
      join(installed.folder, 'shop.yaml'),
      'requests:\n  - name: list\n    path: /items?page={n}\n    weight: 3\n  - name: buy\n    method: POST\n    path: /buy/{uuid}\n    expect: 201\n',
    );
    const { port } = server.address() as AddressInfo;
    const load = await installed.run([
      ...['load', '--url', `http://127.0.0.1:${port}/v1`, '--requests', 'shop.yaml', '-p', '4', '-c', '40'],
    ]);
    expect(load.exitCode).toBe(0);
    expect(load.stdout).toContain('40 as expected, 0 unexpected, 0 without an answer');
    expect(load.stdout).toMatch(/^ {2}list {7}30 calls; min /m);
    expect(load.stdout).toMatch(/^ {2}buy {8}10 calls; min /m);
    expect(paths.filter((path) => path.startsWith('POST /v1/buy/'))).toHaveLength(10);
    expect(new Set(paths.filter((path) => path.startsWith('GET /v1/items?page='))).size).toBe(30);
  });

  test('a mix of requests to a URL with a mistake is refused by file, line and path', async () => {
    const mistakes = [
      ['requests:\n  - name: a\n    pth: /\n', 'bad-0.yaml:2: requests[0].path is missing'],
      [
        'requests:\n  - name: a\n    path: /\n    wieght: 2\n',
        'bad-1.yaml:4: requests[0].wieght is not known',
      ],
    ] as const;
    const commandLines = mistakes.map(([text], index) => {
      writeFileSync(join(installed.folder, `bad-${index}.yaml`), text);
      return ['load', '--url', 'http://127.0.0.1:9', '--requests', `bad-${index}.yaml`];
    });
    const outcomes = [...(await installed.runInTurn(commandLines)).values()];
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([2, 2]);
    for (const [index, [, message]] of mistakes.entries()) expect(outcomes[index]?.stderr).toContain(message);
  });
});
