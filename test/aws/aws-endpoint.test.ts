import { describe, expect, test } from 'vitest';
import { apiBaseUrl, hasForeignEndpoint, isAwsHost, isLoopbackEndpoint } from '../../src/aws/aws-endpoint.ts';

describe("AWS's own hosts", () => {
  test.each([
    'cloudformation.eu-west-3.amazonaws.com',
    's3.amazonaws.com',
    'cloudformation.cn-north-1.amazonaws.com.cn',
    'lambda.eu-west-3.api.aws',
    'AMAZONAWS.COM',
    's3.eu-west-3.amazonaws.com.',
  ])('%s is a host of AWS', (host) => expect(isAwsHost(host)).toBe(true));

  test.each(['localhost', '127.0.0.1', 'amazonaws.com.example.org', 'notamazonaws.com', 'moto', 'aws'])(
    '%s is not a host of AWS',
    (host) => expect(isAwsHost(host)).toBe(false),
  );
});

describe("the API's base URL", () => {
  const output = 'https://abc.execute-api.eu-west-3.amazonaws.com/v1/';

  test("the API's base URL is the stack's output on AWS, without a trailing slash", () => {
    expect(apiBaseUrl({}, 'abc', 'v1', output)).toBe('https://abc.execute-api.eu-west-3.amazonaws.com/v1');
  });

  test("the API's base URL is the stack's output if the endpoint is AWS's own", () => {
    const target = { endpoint: 'https://cloudformation.eu-west-3.amazonaws.com' };
    expect(hasForeignEndpoint(target)).toBe(false);
    expect(apiBaseUrl(target, 'abc', 'v1', output)).toBe(output.slice(0, -1));
  });

  test("the API's base URL has the path form of emulators everywhere else", () => {
    expect(apiBaseUrl({ endpoint: 'http://127.0.0.1:4566/' }, 'abc', 'v1', output)).toBe(
      'http://127.0.0.1:4566/_aws/execute-api/abc/v1',
    );
  });
});

test.each([
  [undefined, false],
  ['http://127.0.0.1:5000', true],
  ['http://127.9.0.1:5000', true],
  ['http://localhost', true],
  ['http://[::1]:80', true],
  ['http://10.0.0.1', false],
  ['http://127.example.org', false],
])('an endpoint at %s is of this machine: %s', (endpoint, expected) => {
  expect(isLoopbackEndpoint(endpoint)).toBe(expected);
});
