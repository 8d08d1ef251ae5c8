import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetObjectCommand, HeadBucketCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AwsClients, createClients } from '../../src/aws/clients.ts';
import { failedCallOf } from '../../src/aws/errors.ts';
import { otherRegionOf } from '../../src/aws/failure-kind.ts';
import type { AwsCall } from '../../src/aws/iam-actions.ts';
import { identify } from '../../src/aws/identity.ts';
import type { Target } from '../../src/model/target.ts';

const IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/jo</Arn><UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;

describe('the clients of a target', () => {
  let server: Server;
  let endpoint: string;
  let requests: IncomingMessage[];
  let answers: {
    readonly status: number;
    readonly body: string;
    readonly headers?: Readonly<Record<string, string>>;
  }[];
  let clients: AwsClients;
  let calls: AwsCall[];

  beforeEach(async () => {
    requests = [];
    answers = [];
    calls = [];
    server = createServer((request, response) => {
      requests.push(request);
      const { status, body, headers } = answers.shift() ?? { status: 200, body: IDENTITY };
      response.writeHead(status, { 'content-type': 'text/xml', ...headers }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    clients = open();
  });
  afterEach(async () => {
    clients.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  function open(env: Record<string, string> = {}, overrides: Partial<Target> = {}): AwsClients {
    return createClients(
      {
        kind: 'endpoint',
        region: 'eu-west-3',
        endpoint,
        credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' }),
        ...overrides,
      },
      { env, toolVersion: '1.2.3', observe: (call) => calls.push(call) },
    );
  }

  test('the clients of a target sign for the region and name the tool and its user', async () => {
    expect(await identify(clients)).toEqual({
      accountId: '123456789012',
      arn: 'arn:aws:iam::123456789012:user/jo',
    });
    const headers = requests[0]?.headers;
    expect(headers?.authorization).toContain('Credential=AKID/');
    expect(headers?.authorization).toContain('/eu-west-3/sts/aws4_request');
    expect(headers?.['user-agent']).toContain('shedbench/1.2.3');
  });

  test('no client copies its answers for a log that nobody reads', async () => {
    for (const client of [await clients.sts(), await clients.logs(), await clients.s3()]) {
      const names = client.middlewareStack.identify().join();
      expect(names).toContain('shedbenchObserver');
      expect(names).not.toContain('loggerMiddleware');
    }
  });

  test('the clients of a target are created once and report every call once, with or without retries', async () => {
    expect(await clients.sts()).toBe(await clients.sts());
    answers.push({
      status: 500,
      body: '<ErrorResponse><Error><Code>InternalFailure</Code></Error></ErrorResponse>',
    });
    await (await clients.sts()).send(new GetCallerIdentityCommand({}));
    expect(requests).toHaveLength(2);
    expect(calls).toEqual([{ service: 'sts', operation: 'GetCallerIdentity' }]);
  });

  test('the clients of a target do not retry calls to the local cloud, where failures do not pass', async () => {
    const local = open({}, { kind: 'local' });
    answers.push({
      status: 500,
      body: '<ErrorResponse><Error><Code>InternalFailure</Code><Message>no</Message></Error></ErrorResponse>',
    });
    await expect((await local.sts()).send(new GetCallerIdentityCommand({}))).rejects.toThrow('no');
    expect(requests).toHaveLength(1);
    local.destroy();
  });

  test('the clients of a target record in a failure which call it was', async () => {
    answers.push({
      status: 403,
      body: '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
    });
    const error: unknown = await (await clients.sts())
      .send(new GetCallerIdentityCommand({}))
      .catch((reason: unknown) => reason);
    expect(failedCallOf(error)).toEqual({ service: 'sts', operation: 'GetCallerIdentity' });
  });

  test('the clients of a target use S3 by path for endpoints other than AWS', async () => {
    answers.push({ status: 200, body: '' });
    await (await clients.s3()).send(new HeadBucketCommand({ Bucket: 'my-bucket' }));
    expect(requests[0]?.url).toBe('/my-bucket/');
    expect(requests[0]?.headers.host).toBe(new URL(endpoint).host);
  });

  test.each([
    ['HeadBucket', new HeadBucketCommand({ Bucket: 'my-bucket' }), ''],
    [
      'ListObjectVersions',
      new ListObjectVersionsCommand({ Bucket: 'my-bucket' }),
      '<Error><Code>PermanentRedirect</Code><Message>another endpoint</Message></Error>',
    ],
  ])(
    'the clients of a target read the region of a bucket from the answer to %s',
    async (_, command, body) => {
      answers.push({ status: 301, body, headers: { 'x-amz-bucket-region': 'us-west-2' } });
      const s3 = await clients.s3();
      const error: unknown = await s3.send(command as HeadBucketCommand).catch((reason: unknown) => reason);
      expect(otherRegionOf(error)).toBe('us-west-2');
    },
  );

  test('the clients of a target use S3 by host on AWS itself', async () => {
    const aws = createClients(
      {
        kind: 'aws',
        region: 'eu-west-3',
        credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' }),
      },
      { env: {}, toolVersion: '1.2.3' },
    );
    const s3 = await aws.s3();
    let host = '';
    s3.middlewareStack.add(
      () => async (args) => {
        host = (args.request as { readonly hostname: string }).hostname;
        throw new Error('not sent');
      },
      { step: 'finalizeRequest', priority: 'low', name: 'noNetwork' },
    );
    await expect(s3.send(new GetObjectCommand({ Bucket: 'my-bucket', Key: 'k' }))).rejects.toThrow(
      'not sent',
    );
    expect(host).toBe('my-bucket.s3.eu-west-3.amazonaws.com');
    aws.destroy();
  });

  test('the clients of a target prefer the endpoint of one service to that of all', async () => {
    const elsewhere = open({ AWS_ENDPOINT_URL_STS: endpoint }, { endpoint: 'http://127.0.0.1:9' });
    expect((await identify(elsewhere)).accountId).toBe('123456789012');
    elsewhere.destroy();
  });

  test('the clients of the local cloud use no endpoint but its own', async () => {
    const local = open({ AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:9' }, { kind: 'local' });
    expect((await identify(local)).accountId).toBe('123456789012');
    local.destroy();
  });

  test('the clients of a target print no warning of their own', async () => {
    const emitted = vi.spyOn(process, 'emitWarning');
    const printed = vi.spyOn(console, 'warn');
    await Promise.all([clients.sts(), clients.cloudFormation(), clients.logs(), clients.lambda()]);
    await identify(clients);
    expect(emitted).not.toHaveBeenCalled();
    expect(printed).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  test('the clients of a target report a refused connection as an endpoint that is not there', async () => {
    const nobody = open({}, { endpoint: 'http://127.0.0.1:9' });
    await expect(identify(nobody)).rejects.toMatchObject({ code: 'endpoint-unreachable', exitCode: 3 });
    nobody.destroy();
  });
});
