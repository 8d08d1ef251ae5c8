import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, test } from 'vitest';
import { createLoadPlan } from '../../../src/load/load-plan.ts';
import { expiringKeys, signedRegion, signedService } from '../../../src/load/signing-keys.ts';
import { RequestSigner, type SigningKeys } from '../../../src/load/wire/request-signer.ts';
import { createRequestSource } from '../../../src/load/wire/request-source.ts';
import type { ProgressEvent } from '../../../src/model/events.ts';

/** The hash that the SDK's signer asks for. */
class Sha256 {
  readonly #hash;
  constructor(secret?: unknown) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', Buffer.from(secret as Uint8Array));
  }
  update(data: unknown): void {
    this.#hash.update(typeof data === 'string' ? data : Buffer.from(data as Uint8Array));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

const NOW = Date.UTC(2026, 10, 26, 12, 30, 15, 250);
const keys: SigningKeys = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'a/session+token==',
  region: 'eu-central-1',
  service: 'execute-api',
};

/** The SDK's signer with the same keys. */
function signerOfTheSdk(): SignatureV4 {
  return new SignatureV4({
    credentials: keys,
    region: keys.region,
    service: keys.service,
    sha256: Sha256 as never,
    applyChecksum: false,
  });
}

/** Method, path, query and fields as they stand in a request's bytes. */
function parsed(bytes: Buffer) {
  const [start = '', ...lines] = bytes.toString('latin1').split('\r\n');
  const [method = '', target = ''] = start.split(' ');
  const url = new URL(target, 'http://host');
  const headers = Object.fromEntries(
    lines.filter((line) => line !== '').map((line) => [line.split(': ')[0] ?? '', line.split(': ')[1] ?? '']),
  );
  return { method, path: target.split('?')[0] ?? '', query: Object.fromEntries(url.searchParams), headers };
}

describe("a signature is the one that the SDK's own signer makes", () => {
  test.each([
    ['/a//b/./c/../d/', 'x=1'],
    ['/', 'to=a/b:c,d@e&at=%7e'],
    ['/', 'b=2&a=1&&flag&a=0'],
    ['/', 'say=1+2%2B3&euro=%E2%82%AC'],
    ['/', "q=it's(*)!"],
  ])('the signature of the path %j and the query %j is that of the SDK', async (path, text) => {
    const host = 'api.test';
    const added = new RequestSigner(keys, () => NOW).sign({
      method: 'GET',
      path,
      query: text,
      fields: [['Host', host]],
      body: new Uint8Array(),
    });
    const query: Record<string, string[]> = {};
    for (const parameter of text.split('&').filter((part) => part !== '')) {
      const [name = '', value = ''] = parameter.split('=').map(decodeURIComponent);
      query[name] = [...(query[name] ?? []), value];
    }
    const theirs = await signerOfTheSdk().sign(
      { method: 'GET', protocol: 'https:', hostname: host, path, query, headers: { host } },
      { signingDate: new Date(NOW) },
    );
    expect(Object.fromEntries(added).Authorization).toBe(theirs.headers.authorization);
  });

  test.each([
    ['cat', '/prod', 'api.test'],
    ['dog', '', 'x.execute-api.eu-central-1.amazonaws.com:8443'],
    ['sheep', '/a%20b/c*d', 'api.test'],
    ['wolf', '/prod', 'api.test'],
  ] as const)(
    'the signature of a request to %s below %j is that of the SDK',
    async (route, basePath, authority) => {
      const requests = createRequestSource(createLoadPlan({ route, startAt: '41' }), {
        basePath,
        authority,
        userAgent: 'shedbench/1',
        headers: [['X-Amz-Own', '  two   blanks ']],
        signer: new RequestSigner(keys, () => NOW),
      });
      const connection = requests.forConnection();
      for (const call of [0, 1, 7]) {
        const { method, path, query, headers } = parsed(connection.prepare(call));
        const { Authorization, ...unsigned } = headers;
        const theirs = await signerOfTheSdk().sign(
          { method, protocol: 'https:', hostname: authority, path, query, headers: unsigned },
          {
            signingDate: new Date(NOW),
            unsignableHeaders: new Set(['accept', 'content-length', 'user-agent']),
          },
        );
        const signature = (text: string | undefined) => /Signature=(\w+)/.exec(text ?? '')?.[1];
        const names = (text: string | undefined) => /SignedHeaders=([\w;-]+)/.exec(text ?? '')?.[1];
        expect(names(Authorization)).toBe(names(theirs.headers.authorization));
        expect(signature(Authorization)).toBe(signature(theirs.headers.authorization));
      }
    },
  );
});

test('a request that never changes is signed again after a minute, one with a tattoo for every call', () => {
  let nowMs = NOW;
  const source = (route: 'dog' | 'sheep') =>
    createRequestSource(createLoadPlan({ route }), {
      basePath: '',
      authority: 'api.test',
      userAgent: 'shedbench/1',
      signer: new RequestSigner(keys, () => nowMs),
    }).forConnection();
  const dog = source('dog');
  const first = dog.prepare(0);
  nowMs += 59_000;
  expect(dog.prepare(1)).toBe(first);
  nowMs += 2000;
  expect(dog.prepare(2).toString()).not.toBe(first.toString());
  const sheep = source('sheep');
  expect(sheep.prepare(0).toString()).not.toBe(sheep.prepare(1).toString());
});

test('service and region come from the host where it names them', () => {
  expect(signedService('https://abc.lambda-url.eu-west-1.on.aws/')).toBe('lambda');
  expect(signedService('https://abc.execute-api.eu-west-1.amazonaws.com/prod')).toBe('execute-api');
  expect(signedRegion('https://abc.execute-api.eu-west-1.amazonaws.com/prod')).toBe('eu-west-1');
  expect(signedRegion('https://api.example.com')).toBeUndefined();
});

test('keys that expire before the load ends are told of', async () => {
  const target = {
    region: 'us-east-1',
    credentials: async () => ({ accessKeyId: 'a', secretAccessKey: 'b', expiration: new Date(5) }),
  };
  const warned: string[] = [];
  const deps = {
    now: () => 0,
    emit: (event: ProgressEvent) => warned.push(event.type === 'warning' ? event.code : event.type),
  };
  const keysFor = (durationMs: number) => expiringKeys('execute-api', 'us-east-1', target, durationMs, deps);
  expect(await keysFor(4)).toEqual({
    accessKeyId: 'a',
    secretAccessKey: 'b',
    region: 'us-east-1',
    service: 'execute-api',
  });
  expect(warned).toEqual([]);
  await keysFor(5);
  expect(warned).toEqual(['credentials-expire']);
});
