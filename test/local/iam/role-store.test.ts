import { describe, expect, test } from 'vitest';
import { Roles } from '../../../src/local/services/iam/role-store.ts';
import { createIam } from '../../../src/local/services/iam/service.ts';

const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const POLICY = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'logs:PutLogEvents', Resource: '*' },
};

function roles(): Roles {
  return new Roles({ accountId: '123456789012', now: () => 1 }, () => 'ABCDEFGHIJKLMNOPQ');
}

function role(overrides: object = {}) {
  return {
    roleName: 'wolf',
    assumeRolePolicy: TRUST,
    policies: [{ name: 'shed', document: POLICY }],
    tags: {},
    ...overrides,
  };
}

describe('roles', () => {
  test('roles have an ARN and an id, and a name without regard to case', () => {
    const store = roles();
    expect(store.createRole(role())).toEqual({
      arn: 'arn:aws:iam::123456789012:role/wolf',
      roleId: 'AROAABCDEFGHIJKLMNOPQ',
    });
    expect(store.roleExists('WOLF')).toBe(true);
    expect(() => store.createRole(role({ roleName: 'Wolf' }))).toThrow(
      expect.objectContaining({
        code: 'EntityAlreadyExists',
        status: 409,
        message: 'Role with name Wolf already exists.',
      }),
    );
  });

  test('roles change their policies and tags, keep their id, and do not exist after their deletion', () => {
    const store = roles();
    store.createRole(role());
    store.updateRole('wolf', { assumeRolePolicy: TRUST, policies: [], tags: { k: 'v' } });
    expect(store.role('wolf')).toMatchObject({
      roleId: 'AROAABCDEFGHIJKLMNOPQ',
      policies: [],
      tags: { k: 'v' },
    });
    store.deleteRole('wolf');
    expect(store.roleExists('wolf')).toBe(false);
    for (const act of [
      () => store.deleteRole('wolf'),
      () => store.updateRole('wolf', { assumeRolePolicy: TRUST, policies: [], tags: {} }),
    ]) {
      expect(act).toThrow(
        expect.objectContaining({
          code: 'NoSuchEntity',
          status: 404,
          message: 'The role with name wolf cannot be found.',
        }),
      );
    }
  });

  test('roles are assumed by whom their trust policy names', () => {
    const store = roles();
    store.createRole(role());
    store.createRole(
      role({
        roleName: 'denied',
        assumeRolePolicy: { ...TRUST, Statement: [{ ...TRUST.Statement[0], Effect: 'Deny' }] },
      }),
    );
    store.createRole(
      role({
        roleName: 'both',
        assumeRolePolicy: {
          ...TRUST,
          Statement: {
            Effect: 'Allow',
            Principal: { Service: ['ec2.amazonaws.com', 'lambda.amazonaws.com'] },
            Action: ['sts:TagSession', 'sts:AssumeRole'],
          },
        },
      }),
    );
    const assumable = (name: string, service = 'lambda.amazonaws.com') => store.isAssumableBy(name, service);
    expect([assumable('wolf'), assumable('both'), assumable('denied'), assumable('ghost')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(assumable('wolf', 'ec2.amazonaws.com')).toBe(false);
  });

  const statement = (changes: object): object => ({
    policies: [{ name: 'shed', document: { ...POLICY, Statement: [{ ...POLICY.Statement, ...changes }] } }],
  });

  test.each<[object, string, string]>([
    [{ roleName: 'bad name' }, 'ValidationError', "Value 'bad name' at 'roleName' failed"],
    [{ policies: [{ name: 'a b', document: POLICY }] }, 'ValidationError', 'policyName is invalid'],
    [
      {
        policies: [
          { name: 'a', document: POLICY },
          { name: 'a', document: POLICY },
        ],
      },
      'MalformedPolicyDocument',
      'Duplicate policy name a',
    ],
    [
      { policies: [{ name: 'a', document: { Version: '2012-10-17' } }] },
      'MalformedPolicyDocument',
      'must contain actions',
    ],
    [{ policies: [{ name: 'a', document: 'text' }] }, 'MalformedPolicyDocument', 'Syntax errors in policy.'],
    [
      { policies: [{ name: 'a', document: { ...POLICY, Version: '2020' } }] },
      'MalformedPolicyDocument',
      'Version',
    ],
    [statement({ Effect: 'Maybe' }), 'MalformedPolicyDocument', 'Invalid effect: Maybe'],
    [statement({ Action: [] }), 'MalformedPolicyDocument', 'Policy statement must contain actions.'],
    [statement({ Action: 'PutItem' }), 'MalformedPolicyDocument', 'must be prefaced by a vendor'],
    [
      statement({ Resource: undefined }),
      'MalformedPolicyDocument',
      'Policy statement must contain resources.',
    ],
    [
      statement({ Resource: 'table' }),
      'MalformedPolicyDocument',
      'Resource table must be in ARN format or "*".',
    ],
    [statement({ Principal: '*' }), 'MalformedPolicyDocument', 'should not specify a principal'],
    [statement({ Actions: 'x' }), 'MalformedPolicyDocument', 'unknown element Actions'],
    [
      { assumeRolePolicy: { ...TRUST, Statement: [{ ...TRUST.Statement[0], Resource: '*' }] } },
      'MalformedPolicyDocument',
      'Has prohibited field Resource',
    ],
    [
      { assumeRolePolicy: { ...TRUST, Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole' }] } },
      'MalformedPolicyDocument',
      'Missing required field Principal',
    ],
    [
      { policies: [{ name: 'a', document: { ...POLICY, Id: 'x'.repeat(10_241) } }] },
      'LimitExceeded',
      'Maximum policy size of 10240 bytes exceeded for role',
    ],
  ])('roles refuse %j with %s', (overrides, code, message) => {
    expect(() => roles().createRole(role(overrides))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  test('roles take ids of the form that IAM gives', () => {
    const { control } = createIam({ accountId: '123456789012', now: () => 1 });
    expect(control.createRole(role()).roleId).toMatch(/^AROA[A-Z2-7]{17}$/);
  });
});
