import {
  CreateStackCommand,
  type CreateStackCommandInput,
  DescribeStackResourcesCommand,
  RollbackStackCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Harness, harness } from './support/harness.ts';

const CHAIN = `
Resources:
  A: { Type: Test::Fake::Thing, Properties: { Color: red } }
  B: { Type: Test::Fake::Thing, Properties: { Link: !Ref A } }
  C: { Type: Test::Fake::Thing, Properties: { Link: !GetAtt B.Arn } }
  D: { Type: Test::Fake::Thing }
Outputs:
  Link: { Value: !GetAtt C.Arn, Description: the last }
  Color: { Value: !GetAtt A.Color }
`;

describe('CreateStack', () => {
  let h: Harness;
  beforeEach(() => {
    h = harness();
  });
  afterEach(() => h.close());

  const create = (input: Partial<CreateStackCommandInput>): Promise<unknown> =>
    h.client.send(new CreateStackCommand({ StackName: 'shed', TemplateBody: CHAIN, ...input }));

  test('CreateStack makes resources in the order of their references and writes the events that AWS writes', async () => {
    await create({});
    const stack = await h.until('shed', 'CREATE_COMPLETE');
    expect(h.world.calls.filter((call) => call.startsWith('create'))).toEqual([
      'create A',
      'create D',
      'create B',
      'create C',
    ]);
    expect(await h.events('shed')).toEqual([
      'shed CREATE_IN_PROGRESS User Initiated',
      'A CREATE_IN_PROGRESS',
      'D CREATE_IN_PROGRESS',
      'A CREATE_IN_PROGRESS Resource creation Initiated',
      'D CREATE_IN_PROGRESS Resource creation Initiated',
      'A CREATE_COMPLETE',
      'D CREATE_COMPLETE',
      'B CREATE_IN_PROGRESS',
      'B CREATE_IN_PROGRESS Resource creation Initiated',
      'B CREATE_COMPLETE',
      'C CREATE_IN_PROGRESS',
      'C CREATE_IN_PROGRESS Resource creation Initiated',
      'C CREATE_COMPLETE',
      'shed CREATE_COMPLETE',
    ]);
    expect(stack.Outputs).toEqual([
      { OutputKey: 'Link', OutputValue: 'arn:test:::shed-C-xxxxxxxxxxx4', Description: 'the last' },
      { OutputKey: 'Color', OutputValue: 'red' },
    ]);
  });

  test('CreateStack starts independent resources together', async () => {
    const release = h.world.hold('create A');
    await create({});
    await h.until('shed', 'CREATE_IN_PROGRESS');
    while (!h.world.calls.includes('stabilize D')) await new Promise((resolve) => setImmediate(resolve));
    expect(h.world.calls).not.toContain('create B');
    release();
    await h.until('shed', 'CREATE_COMPLETE');
  });

  test('CreateStack cancels siblings, rolls back in reverse order and names every failed resource', async () => {
    const release = h.world.hold('stabilize D');
    h.world.fail('create B', 'out of sheep');
    await create({});
    while (!(await h.events('shed')).some((event) => event.includes('CREATE_FAILED Resource'))) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await h.stack('shed')).StackStatus).toBe('CREATE_IN_PROGRESS');
    release();
    const stack = await h.until('shed', 'ROLLBACK_COMPLETE');
    expect(await h.events('shed')).toEqual([
      'shed CREATE_IN_PROGRESS User Initiated',
      'A CREATE_IN_PROGRESS',
      'D CREATE_IN_PROGRESS',
      'A CREATE_IN_PROGRESS Resource creation Initiated',
      'D CREATE_IN_PROGRESS Resource creation Initiated',
      'A CREATE_COMPLETE',
      'B CREATE_IN_PROGRESS',
      'B CREATE_FAILED Resource handler returned message: "out of sheep" (RequestToken: …, HandlerErrorCode: InvalidRequest)',
      'D CREATE_FAILED Resource creation cancelled',
      'shed ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [B, D]. Rollback requested by user.',
      'B DELETE_COMPLETE',
      'A DELETE_IN_PROGRESS',
      'D DELETE_IN_PROGRESS',
      'A DELETE_COMPLETE',
      'D DELETE_COMPLETE',
      'shed ROLLBACK_COMPLETE',
    ]);
    expect(stack.Outputs).toBeUndefined();
    expect(h.world.existing.size).toBe(0);
  });

  test('CreateStack leaves what was made with OnFailure DO_NOTHING and deletes the stack with DELETE', async () => {
    h.world.fail('create C');
    await create({ OnFailure: 'DO_NOTHING' });
    const stack = await h.until('shed', 'CREATE_FAILED');
    expect(stack.StackStatusReason).toBe('The following resource(s) failed to create: [C]. ');
    expect(stack.DisableRollback).toBe(true);
    expect(h.world.existing.size).toBe(3);

    const { StackId } = await h.client.send(
      new CreateStackCommand({ StackName: 'other', TemplateBody: CHAIN, OnFailure: 'DELETE' }),
    );
    await h.until(StackId ?? '', 'DELETE_COMPLETE');
    expect((await h.events(StackId ?? '')).filter((event) => event.startsWith('other'))).toEqual([
      'other CREATE_IN_PROGRESS User Initiated',
      'other DELETE_IN_PROGRESS The following resource(s) failed to create: [C]. Delete requested by user.',
      'other DELETE_COMPLETE',
    ]);
    expect(h.world.existing.size).toBe(3);
  });

  test('CreateStack ends in ROLLBACK_FAILED where a resource can not be deleted again', async () => {
    h.world.fail('create C');
    h.world.fail('delete A', 'stuck');
    await create({});
    const stack = await h.until('shed', 'ROLLBACK_FAILED');
    expect(stack.StackStatusReason).toBe('The following resource(s) failed to delete: [A]. ');
    expect(h.world.existing.size).toBe(1);
  });

  test('CreateStack reports a bug in a resource type as Internal Failure, rolls back and logs its stack', async () => {
    h.world.on('create A', () => {
      throw new TypeError('undefined is not a sheep');
    });
    await create({});
    await h.until('shed', 'ROLLBACK_COMPLETE');
    expect(await h.events('shed')).toContain('A CREATE_FAILED Internal Failure: undefined is not a sheep');
    expect(h.cloudLog.join('\n')).toContain('TypeError: undefined is not a sheep');
  });

  test('CreateStack gives resources the stack tags, their own over them, and the system tags', async () => {
    await create({
      TemplateBody:
        'Resources: {A: {Type: Test::Fake::Thing, Properties: {Tags: [{Key: own, Value: 1}, {Key: both, Value: own}]}}}',
      Tags: [
        { Key: 'both', Value: 'stack' },
        { Key: 'all', Value: 'stack' },
      ],
    });
    const stack = await h.until('shed', 'CREATE_COMPLETE');
    expect(h.world.tags.get('A')).toEqual({
      all: 'stack',
      both: 'own',
      own: '1',
      'aws:cloudformation:logical-id': 'A',
      'aws:cloudformation:stack-id': stack.StackId,
      'aws:cloudformation:stack-name': 'shed',
    });
    expect(stack.Tags).toEqual([
      { Key: 'both', Value: 'stack' },
      { Key: 'all', Value: 'stack' },
    ]);
  });

  test('CreateStack refuses a name that is taken, and answers the same token again', async () => {
    await create({ ClientRequestToken: 'token-1' });
    await expect(create({})).rejects.toMatchObject({
      name: 'AlreadyExistsException',
      message: 'Stack [shed] already exists',
    });
    const first = await h.until('shed', 'CREATE_COMPLETE');
    await expect(create({ ClientRequestToken: 'token-1' })).resolves.toMatchObject({
      StackId: first.StackId,
    });
  });

  test.each([
    [
      { StackName: 'no spaces please' },
      "1 validation error detected: Value 'no spaces please' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*",
    ],
    [{ TemplateBody: undefined }, 'Either Template URL or Template Body must be specified.'],
    [
      { TemplateBody: 'Resources: {A: {Type: Test::Fake::Thing, Properties: {Foo: 1}}}' },
      'Properties validation failed for resource A with message:\nEncountered unsupported property Foo',
    ],
    [
      { TemplateBody: 'Resources: {A: {Type: Test::Fake::Thing, Properties: {Exotic: 1}}}' },
      'Properties validation failed for resource A with message:\n#/Exotic: this property of Test::Fake::Thing is not emulated by the local cloud',
    ],
    [
      { TemplateBody: 'Resources: {A: {Type: AWS::SQS::Queue}, B: {Type: AWS::SNS::Topic}}' },
      'Template format error: Unrecognized resource types: [AWS::SQS::Queue, AWS::SNS::Topic]',
    ],
    [{ NotificationARNs: ['arn:aws:sns:x'] }, 'NotificationARNs is not emulated by the local cloud'],
    [
      { OnFailure: 'DELETE' as const, DisableRollback: true },
      'You can specify only one of DisableRollback or OnFailure.',
    ],
    [
      { Tags: [{ Key: 'aws:x', Value: '1' }] },
      'aws: prefixed tag key names are not allowed for external use.',
    ],
  ])('CreateStack refuses %j before anything is made', async (input, message) => {
    await expect(create(input)).rejects.toMatchObject({ name: 'ValidationError', message });
    expect(h.world.calls).toEqual([]);
    await expect(h.stack('shed')).rejects.toMatchObject({ message: 'Stack with id shed does not exist' });
  });

  test('CreateStack wants CAPABILITY_IAM for roles, CAPABILITY_NAMED_IAM for named ones', async () => {
    const TemplateBody = 'Resources: {R: {Type: Test::Fake::Role}}';
    await expect(create({ TemplateBody })).rejects.toMatchObject({
      name: 'InsufficientCapabilitiesException',
      message: 'Requires capabilities : [CAPABILITY_IAM]',
    });
    await expect(
      create({
        TemplateBody: 'Resources: {R: {Type: Test::Fake::Role, Properties: {Name: r}}}',
        Capabilities: ['CAPABILITY_IAM'],
      }),
    ).rejects.toMatchObject({ message: 'Requires capabilities : [CAPABILITY_NAMED_IAM]' });
    await create({ TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] });
    expect((await h.until('shed', 'CREATE_COMPLETE')).Capabilities).toEqual(['CAPABILITY_NAMED_IAM']);
  });

  test('CreateStack refuses a token that went with another operation', async () => {
    await create({ ClientRequestToken: 'token-1' });
    await h.until('shed', 'CREATE_COMPLETE');
    await expect(
      h.client.send(
        new UpdateStackCommand({
          StackName: 'shed',
          TemplateBody: CHAIN.replace('red', 'blue'),
          ClientRequestToken: 'token-1',
        }),
      ),
    ).rejects.toMatchObject({ name: 'TokenAlreadyExistsException' });
  });

  test('CreateStack gives up after TimeoutInMinutes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const release = h.world.hold('stabilize A');
      await create({ TimeoutInMinutes: 2 });
      while (!h.world.calls.includes('stabilize A')) await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(119_999);
      expect((await h.events('shed')).some((event) => event.includes('cancelled'))).toBe(false);
      vi.advanceTimersByTime(1);
      release();
      await h.until('shed', 'ROLLBACK_COMPLETE');
      expect(await h.events('shed')).toContain(
        'shed ROLLBACK_IN_PROGRESS Stack creation time exceeded the specified timeout. Rollback requested by user.',
      );
      expect(h.world.existing.size).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a creation that failed without rollback is completed by an update, or undone by RollbackStack', async () => {
    h.world.fail('stabilize B');
    await create({ DisableRollback: true });
    await h.until('shed', 'CREATE_FAILED');
    h.world.heal('stabilize B');
    await h.client.send(new UpdateStackCommand({ StackName: 'shed', TemplateBody: CHAIN }));
    await h.until('shed', 'UPDATE_COMPLETE');
    // The half-made B made way for a new one.
    expect([...h.world.existing.keys()].sort()).toEqual([
      'shed-A-xxxxxxxxxxx1',
      'shed-B-xxxxxxxxxxx4',
      'shed-C-xxxxxxxxxxx5',
      'shed-D-xxxxxxxxxxx2',
    ]);
    h.world.fail('create B');
    await create({ StackName: 'other', DisableRollback: true });
    await h.until('other', 'CREATE_FAILED');
    await h.client.send(new RollbackStackCommand({ StackName: 'other' }));
    await h.until('other', 'ROLLBACK_COMPLETE');
    expect([...h.world.existing.keys()].some((id) => id.startsWith('other'))).toBe(false);
  });

  test('CreateStack retains by policy on rollback, unless only newly made: RetainExceptOnCreate', async () => {
    const kept = (policy: string): string => `
Resources:
  K: { Type: Test::Fake::Thing, DeletionPolicy: ${policy} }
  Z: { Type: Test::Fake::Thing, DependsOn: K }
`;
    h.world.fail('create Z');
    await create({ StackName: 'retain', TemplateBody: kept('Retain') });
    await h.until('retain', 'ROLLBACK_COMPLETE');
    await create({ StackName: 'except', TemplateBody: kept('RetainExceptOnCreate') });
    await h.until('except', 'ROLLBACK_COMPLETE');
    await create({ StackName: 'asked', TemplateBody: kept('Retain'), RetainExceptOnCreate: true });
    await h.until('asked', 'ROLLBACK_COMPLETE');
    expect([...h.world.existing.keys()].map((id) => id.split('-')[0])).toEqual(['retain']);
  });

  test('CreateStack shows a resource with its physical id from its creation on', async () => {
    const release = h.world.hold('stabilize A');
    await create({});
    while (!h.world.calls.includes('stabilize A')) await new Promise((resolve) => setImmediate(resolve));
    const { StackResources } = await h.client.send(
      new DescribeStackResourcesCommand({ StackName: 'shed', LogicalResourceId: 'A' }),
    );
    expect(StackResources).toMatchObject([
      {
        LogicalResourceId: 'A',
        PhysicalResourceId: 'shed-A-xxxxxxxxxxx1',
        ResourceStatus: 'CREATE_IN_PROGRESS',
        ResourceType: 'Test::Fake::Thing',
      },
    ]);
    release();
    await h.until('shed', 'CREATE_COMPLETE');
  });
});
