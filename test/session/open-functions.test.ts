import { describe, expect, test } from 'vitest';
import { type FunctionFacts, parseFunctionReference } from '../../src/aws/function-facts.ts';
import { functionWarnings } from '../../src/session/open-functions.ts';

const OWN = '123456789012';
const FACTS = {} as FunctionFacts;
const arn = (account: string) =>
  parseFunctionReference(`arn:aws:lambda:eu-west-3:${account}:function:orders`);

describe('before functions are loaded', () => {
  test('a function of the same account, described and without provisioned environments, needs no warning', () => {
    expect(functionWarnings(arn(OWN), FACTS, undefined, OWN)).toEqual([]);
    expect(functionWarnings(parseFunctionReference('orders'), FACTS, undefined, OWN)).toEqual([]);
  });

  test('a function of another account is named with both accounts, since its logs cannot be read', () => {
    const [warning, ...others] = functionWarnings(arn('999999999999'), FACTS, undefined, OWN);
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ code: 'other-account', hint: expect.stringContaining('999999999999') });
    expect(warning?.message).toContain(OWN);
  });

  test('provisioned environments and missing rights are each a warning of their own', () => {
    const codes = functionWarnings(arn(OWN), undefined, 3, OWN).map(({ code }) => code);
    expect(codes).toEqual(['function-not-described', 'provisioned-concurrency']);
  });
});
