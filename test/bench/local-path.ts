/**
 * Warm invocations per second through the whole path of the local cloud: HTTP client, door, API Gateway, sandbox,
 * REPORT line; at 1 and 8 in flight, with an empty Node handler. And what one invocation costs over calling that
 * handler in this process.
 *
 * npm run bench:local -- [--seconds 5] [--before DIR [--rounds 10]]
 *
 * With `--before`, the folder of another built checkout, both clouds run at once and get their calls in turns of 4,000. It
 * prints the CPU time per call of each (on Linux), which other work on the machine moves far less than the calls per second.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { availableParallelism, cpus } from 'node:os';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ZipFile } from 'yazl';
import { RawHttpClient } from './raw-http-client.ts';

const WARM_UP_CALLS = 3000;
const IN_PROCESS_CALLS = 1_000_000;
/** In a round of `--before`. */
const ROUND_CALLS = 4000;
const LAST_LINES_MS = 300;
/** Of the clock that Linux tells CPU time by: 100 ticks a second. */
const US_PER_TICK = 10_000;
/** As in `src/targets/spawn-local-cloud.ts`. */
const NODE_OPTIONS = ['--max-semi-space-size=32'];
const FUNCTION = 'bench-empty';

const CODE = `const answer = { statusCode: 200, headers: { 'Content-Type': 'application/json' }, body: '{}' };
exports.handler = async () => answer;`;

const TEMPLATE = `
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: sts:AssumeRole }]
  LogGroup:
    Type: AWS::Logs::LogGroup
    Properties: { LogGroupName: /aws/lambda/${FUNCTION}, RetentionInDays: 1 }
  Function:
    Type: AWS::Lambda::Function
    DependsOn: LogGroup
    Properties:
      FunctionName: ${FUNCTION}
      Runtime: nodejs22.x
      Handler: index.handler
      MemorySize: 128
      Role: !GetAtt Role.Arn
      Code: { S3Bucket: bench-code, S3Key: empty.zip }
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !GetAtt Function.Arn
      Action: lambda:InvokeFunction
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub arn:aws:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${Api}/v1/GET/empty
  Api: { Type: AWS::ApiGateway::RestApi, Properties: { Name: bench } }
  Resource:
    Type: AWS::ApiGateway::Resource
    Properties: { RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: empty }
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Resource
      HttpMethod: GET
      AuthorizationType: NONE
      Integration:
        Type: AWS_PROXY
        IntegrationHttpMethod: POST
        Uri: !Sub arn:aws:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${Function.Arn}/invocations
  Deployment:
    Type: AWS::ApiGateway::Deployment
    DependsOn: Method
    Properties: { RestApiId: !Ref Api }
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
      DeploymentId: !Ref Deployment
      StageName: v1
      MethodSettings:
        - { ResourcePath: /*, HttpMethod: "*", ThrottlingRateLimit: 100000, ThrottlingBurstLimit: 100000 }
Outputs:
  ApiId: { Value: !Ref Api }
`;

interface RunningCloud {
  readonly pid: number;
  readonly endpoint: string;
  readonly port: number;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  end(): void;
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    before: { type: 'string' },
    rounds: { type: 'string', default: '10' },
  },
});
const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new Error('--seconds must be a number above 0');

const clouds = await Promise.all(
  (values.before === undefined ? ['.'] : [values.before, '.']).map((folder) => startCloud(folder)),
);
try {
  const [cloud, now] = clouds;
  if (cloud !== undefined && now !== undefined) await compare([cloud, now], Number(values.rounds));
  else if (cloud !== undefined) await run(cloud);
} finally {
  for (const cloud of clouds) cloud.end();
}

/** Prints the median CPU time per call of each cloud, and of the rounds' ratios the median. */
async function compare(clouds: readonly RunningCloud[], rounds: number): Promise<void> {
  const driven: { cloud: RunningCloud; request: string }[] = [];
  for (const cloud of clouds) driven.push({ cloud, request: requestOf(cloud, await deploy(cloud)) });
  for (const { cloud, request } of driven) await drive(cloud.port, request, 8, { calls: WARM_UP_CALLS });
  for (const inFlight of [1, 8]) {
    const usedUs = new Map<RunningCloud, number[]>(clouds.map((cloud) => [cloud, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const { cloud, request } of round % 2 === 0 ? driven : [...driven].reverse()) {
        const before = processCpuUs(cloud.pid);
        await drive(cloud.port, request, inFlight, { calls: ROUND_CALLS });
        // Lines about the last calls are written later.
        await sleep(LAST_LINES_MS);
        usedUs.get(cloud)?.push((processCpuUs(cloud.pid) - before) / ROUND_CALLS);
      }
    }
    const [before = [], now = []] = clouds.map((cloud) => usedUs.get(cloud) ?? []);
    const ratios = now.map((us, round) => us / (before[round] ?? Number.NaN));
    print(
      `  ${inFlight} in flight, the cloud's CPU per call: ${median(before).toFixed(0)} µs before, ${median(now).toFixed(0)} µs now, ratio ${median(ratios).toFixed(2)}`,
    );
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function requestOf({ port }: RunningCloud, apiId: string): string {
  return `GET /_aws/execute-api/${apiId}/v1/empty HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: bench\r\n\r\n`;
}

async function run(cloud: RunningCloud): Promise<void> {
  const { port } = cloud;
  const request = requestOf(cloud, await deploy(cloud));
  let calls = await drive(port, request, 8, { calls: WARM_UP_CALLS }).then((result) => result.calls);
  const one = await drive(port, request, 1, { seconds });
  const before = cpuUs(cloud.pid);
  const eight = await drive(port, request, 8, { seconds });
  const after = cpuUs(cloud.pid);
  calls += one.calls + eight.calls;
  const reports = await countReports(cloud, calls);
  const inProcessUs = await inProcess();

  const machine = `${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.versions.node}`;
  print(`warm invocations through the whole path, empty Node handler, 128 MB (${machine})`);
  print(`  1 in flight  ${perSecond(one)} /s   ${latency(one)}`);
  print(`  8 in flight  ${perSecond(eight)} /s   ${latency(eight)}`);
  print(`  handler called in-process: ${inProcessUs.toFixed(2)} µs`);
  print(
    `  overhead per invocation, 1 in flight: ${(1e6 / one.ratePerSecond - inProcessUs).toFixed(0)} µs of wall time`,
  );
  if (before !== undefined && after !== undefined) {
    const each = (part: keyof CpuUs): string => ((after[part] - before[part]) / eight.calls).toFixed(0);
    print(
      `  CPU per invocation, 8 in flight: cloud ${each('cloud')} µs, sandboxes ${each('sandboxes')} µs, client ${each('client')} µs`,
    );
  }
  print(`  ${calls} calls, ${reports} REPORT lines`);
  if (reports !== calls) throw new Error(`${calls - reports} REPORT lines are missing`);
}

interface Driven {
  readonly calls: number;
  readonly ratePerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** Keeps `inFlight` calls under way, each on a connection of its own, until the calls or seconds are up. */
async function drive(
  port: number,
  request: string,
  inFlight: number,
  limit: { readonly calls?: number; readonly seconds?: number },
): Promise<Driven> {
  const clients = Array.from({ length: inFlight }, () => new RawHttpClient(port, request));
  const samples: number[] = [];
  const startMs = performance.now();
  const endMs = startMs + (limit.seconds ?? Number.POSITIVE_INFINITY) * 1000;
  let left = limit.calls ?? Number.POSITIVE_INFINITY;
  await Promise.all(
    clients.map(async (client) => {
      for (let nowMs = performance.now(); left > 0 && nowMs < endMs; ) {
        left -= 1;
        const status = await client.call();
        const doneMs = performance.now();
        if (status !== 200) throw new Error(`Status ${status}`);
        samples.push((doneMs - nowMs) * 1000);
        nowMs = doneMs;
      }
    }),
  );
  const elapsedMs = performance.now() - startMs;
  for (const client of clients) client.close();
  samples.sort((a, b) => a - b);
  const at = (share: number): number => samples[Math.floor((samples.length - 1) * share)] ?? Number.NaN;
  return {
    calls: samples.length,
    ratePerSecond: (samples.length / elapsedMs) * 1000,
    p50Us: at(0.5),
    p99Us: at(0.99),
  };
}

interface CpuUs {
  readonly cloud: number;
  readonly sandboxes: number;
  readonly client: number;
}

/** CPU time used so far, in µs, by the cloud's process, by its Node sandboxes, and here; on Linux only. */
function cpuUs(pid: number): CpuUs | undefined {
  if (process.platform !== 'linux') return undefined;
  const used = process.cpuUsage();
  let sandboxes = 0;
  for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')) {
    if (child === '' || !readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('node-bootstrap')) continue;
    sandboxes += processCpuUs(Number(child));
  }
  return { cloud: processCpuUs(pid), sandboxes, client: used.user + used.system };
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function processCpuUs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * US_PER_TICK;
}

/** Microseconds that the same handler takes when it is simply called. */
async function inProcess(): Promise<number> {
  const answer = { statusCode: 200, headers: { 'Content-Type': 'application/json' }, body: '{}' };
  const handler = async (): Promise<typeof answer> => answer;
  const startMs = performance.now();
  for (let i = 0; i < IN_PROCESS_CALLS; i += 1) await handler();
  return ((performance.now() - startMs) * 1000) / IN_PROCESS_CALLS;
}

async function deploy(cloud: RunningCloud): Promise<string> {
  const s3 = new S3Client({ ...clientSettings(cloud), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'bench-code' }));
  await s3.send(new PutObjectCommand({ Bucket: 'bench-code', Key: 'empty.zip', Body: await zipCode() }));
  const client = new CloudFormationClient(clientSettings(cloud));
  const StackName = 'bench';
  await client.send(
    new CreateStackCommand({ StackName, TemplateBody: TEMPLATE, Capabilities: ['CAPABILITY_IAM'] }),
  );
  for (;;) {
    const [stack] = (await client.send(new DescribeStacksCommand({ StackName }))).Stacks ?? [];
    if (stack?.StackStatus === 'CREATE_COMPLETE') {
      const id = stack.Outputs?.find((output) => output.OutputKey === 'ApiId')?.OutputValue;
      if (id === undefined) throw new Error('The stack has no output ApiId');
      return id;
    }
    if (stack?.StackStatus !== 'CREATE_IN_PROGRESS') {
      const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName }));
      const reasons = StackEvents.flatMap((event) => event.ResourceStatusReason ?? []);
      throw new Error(`The stack is ${stack?.StackStatus}: ${reasons.join('; ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function zipCode(): Promise<Buffer> {
  const archive = new ZipFile();
  archive.addBuffer(Buffer.from(CODE), 'index.js', { mode: 0o100644 });
  archive.end();
  return buffer(archive.outputStream);
}

/** REPORT lines of the function, counted by a Logs Insights query. */
async function countReports(cloud: RunningCloud, expected: number): Promise<number> {
  const client = new CloudWatchLogsClient(clientSettings(cloud));
  let count = 0;
  for (let tries = 0; tries < 20 && count !== expected; tries += 1) {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const { queryId } = await client.send(
      new StartQueryCommand({
        logGroupName: `/aws/lambda/${FUNCTION}`,
        startTime: nowSeconds - 3600,
        endTime: nowSeconds + 60,
        queryString: 'filter @type = "REPORT" | stats count(*) as count',
      }),
    );
    for (;;) {
      const { status, results } = await client.send(new GetQueryResultsCommand({ queryId }));
      if (status === 'Complete') {
        count = Number(results?.[0]?.find((field) => field.field === 'count')?.value ?? 0);
        break;
      }
      if (status !== 'Running' && status !== 'Scheduled') throw new Error(`The query is ${status}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return count;
}

function clientSettings(cloud: RunningCloud) {
  const { endpoint, region, accessKeyId, secretAccessKey } = cloud;
  return { endpoint, region, credentials: { accessKeyId, secretAccessKey } };
}

/** The cloud of a checkout as `deploy --local` starts it, in a process of its own. */
async function startCloud(folder: string): Promise<RunningCloud> {
  // Builds before the chunks had one file that ends in `.js`.
  const script = ['local-cloud.cjs', 'local-cloud.js']
    .map((name) => resolve(folder, 'dist', name))
    .find(existsSync);
  if (script === undefined) throw new Error(`${folder}/dist is missing: node build.mjs`);
  const profile = process.env.BENCH_CPU_PROFILE;
  const child = spawn(
    process.execPath,
    [...NODE_OPTIONS, ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]), script],
    { stdio: ['pipe', 'ignore', 'inherit', 'pipe'] },
  );
  const lifeline = child.stdio[3] as Socket;
  child.stdin?.end(JSON.stringify({ stateFile: '', region: 'us-east-1', port: 0 }));
  const line = await new Promise<string>((resolve, reject) => {
    lifeline.once('data', (bytes: Buffer) => resolve(bytes.toString('utf8')));
    lifeline.once('close', () => reject(new Error('The local cloud did not start')));
  });
  const description = JSON.parse(line) as RunningCloud & { ready: boolean };
  if (!description.ready) throw new Error(line);
  // It ends when its lifeline does.
  return { ...description, pid: child.pid ?? 0, end: () => lifeline.destroy() };
}

function perSecond(driven: Driven): string {
  return driven.ratePerSecond.toFixed(0).padStart(6);
}

function latency(driven: Driven): string {
  return `p50 ${driven.p50Us.toFixed(0)} µs, p99 ${driven.p99Us.toFixed(0)} µs`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
