import { describe, expect, test } from 'vitest';
import { readProxyAnswer } from '../../../src/local/services/apigateway/proxy-answer.ts';

function read(answer: unknown) {
  return readProxyAnswer(Buffer.from(typeof answer === 'string' ? answer : JSON.stringify(answer)));
}

describe("a function's answer", () => {
  test.each<[string, unknown, { status: number; headers: string[]; body: string }]>([
    ['status and body', { statusCode: 201, body: '{"a":1}' }, { status: 201, headers: [], body: '{"a":1}' }],
    ['nothing but a status', { statusCode: 404 }, { status: 404, headers: [], body: '' }],
    ['a status as text', { statusCode: '201' }, { status: 201, headers: [], body: '' }],
    ['an empty object', {}, { status: 200, headers: [], body: '' }],
    [
      'nulls',
      { statusCode: 200, headers: null, multiValueHeaders: null, body: null, isBase64Encoded: null },
      { status: 200, headers: [], body: '' },
    ],
    [
      'headers of text and booleans',
      { headers: { 'X-A': 'b', 'X-C': true } },
      { status: 200, headers: ['X-A', 'b', 'X-C', 'true'], body: '' },
    ],
    [
      'headers with several values',
      { multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] } },
      { status: 200, headers: ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'], body: '' },
    ],
    [
      'both forms, of which the one with several values counts',
      { headers: { 'x-multi': 'solo', 'x-other': '1' }, multiValueHeaders: { 'X-Multi': ['multi'] } },
      { status: 200, headers: ['X-Multi', 'multi', 'x-other', '1'], body: '' },
    ],
    [
      'headers of the connection, which go by another name',
      {
        headers: {
          Date: 'yesterday',
          'Content-Length': '7',
          Connection: 'close',
          Server: 'mine',
          'Transfer-Encoding': 'chunked',
        },
      },
      {
        status: 200,
        headers: [
          'x-amzn-Remapped-Date',
          'yesterday',
          'x-amzn-Remapped-Content-Length',
          '7',
          'x-amzn-Remapped-Connection',
          'close',
          'x-amzn-Remapped-Server',
          'mine',
        ],
        body: '',
      },
    ],
    [
      'Base64, which stays as it is',
      { body: 'dGVzdA==', isBase64Encoded: true },
      { status: 200, headers: [], body: 'dGVzdA==' },
    ],
    [
      '204 with a body, which is dropped',
      { statusCode: 204, body: 'x' },
      { status: 204, headers: [], body: '' },
    ],
  ])("a function's answer may be %s", (_name, answer, expected) => {
    expect(read(answer)).toEqual(expected);
  });

  test.each<[string, unknown]>([
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['null', null],
    ['a text', '"hello"'],
    ['a list', [{ statusCode: 200 }]],
    ['a member too many', { statusCode: 200, result: 7 }],
    ['an error', { errorMessage: 'boom' }],
    ['a body that is an object', { statusCode: 200, body: { a: 1 } }],
    ['a body that is a number', { statusCode: 200, body: 7 }],
    ['a status that is no number', { statusCode: 'test' }],
    ['a status that is not whole', { statusCode: 200.5 }],
    ['a status that HTTP does not know', { statusCode: 99 }],
    ['a status of information', { statusCode: 100 }],
    ['headers that are a list', { headers: ['a'] }],
    ['a header that is a number', { headers: { 'X-A': 7 } }],
    ['a header that is null', { headers: { 'X-A': null } }],
    ['a header with a line break', { headers: { 'X-A': 'a\r\nSet-Cookie: b' } }],
    ['a header name that is none', { headers: { 'X A': 'b' } }],
    ['a value where a list must be', { multiValueHeaders: { 'X-A': 'b' } }],
    ['a Base64 flag that is a text', { isBase64Encoded: 'true' }],
  ])("a function's answer is malformed as %s", (_name, answer) => {
    expect(read(answer)).toBeUndefined();
  });
});
