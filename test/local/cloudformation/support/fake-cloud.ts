import type { Cloud } from '../../../../src/local/seams.ts';

/** A cloud whose services must not be asked: for tests of the engine with types of their own. */
export function fakeCloud(): Cloud & { readonly lines: string[] } {
  let nowMs = Date.UTC(2026, 10, 23);
  const lines: string[] = [];
  const unused = new Proxy(
    {},
    {
      get: (_target, name) => () => {
        throw new Error(`the test's cloud has no ${String(name)}`);
      },
    },
  );
  return {
    lines,
    accountId: '123456789012',
    region: 'eu-west-3',
    endpoint: 'http://127.0.0.1:4566',
    dataDir: '/nonexistent',
    now: () => {
      nowMs += 1;
      return nowMs;
    },
    log: (message) => lines.push(message),
    s3: unused as Cloud['s3'],
    logs: unused as Cloud['logs'],
    lambda: unused as Cloud['lambda'],
    apigateway: unused as Cloud['apigateway'],
    dynamodb: unused as Cloud['dynamodb'],
    iam: unused as Cloud['iam'],
    children: unused as Cloud['children'],
  };
}
