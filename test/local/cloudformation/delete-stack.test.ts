import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  ListStacksCommand,
  UpdateStackCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Harness, harness } from './support/harness.ts';

const TEMPLATE = `
Resources:
  A: { Type: Test::Fake::Thing }
  B: { Type: Test::Fake::Thing, Properties: { Link: !Ref A } }
  K: { Type: Test::Fake::Thing, DeletionPolicy: Retain }
`;

describe('DeleteStack', () => {
  let h: Harness;
  let stackId: string;
  beforeEach(async () => {
    h = harness();
    const { StackId } = await h.client.send(
      new CreateStackCommand({ StackName: 'shed', TemplateBody: TEMPLATE }),
    );
    stackId = StackId ?? '';
    await h.until('shed', 'CREATE_COMPLETE');
    h.world.calls.length = 0;
  });
  afterEach(() => h.close());

  const remove = (RetainResources?: string[]): Promise<unknown> =>
    h.client.send(
      new DeleteStackCommand({ StackName: 'shed', ...(RetainResources ? { RetainResources } : {}) }),
    );

  const events = async (): Promise<string[]> => {
    const all = await h.events(stackId);
    return all.slice(all.indexOf('shed CREATE_COMPLETE') + 1);
  };

  test('DeleteStack deletes what needs another one first, keeps what its policy keeps, and is found by id alone afterwards', async () => {
    await remove();
    const stack = await h.until(stackId, 'DELETE_COMPLETE');
    expect(await events()).toEqual([
      'shed DELETE_IN_PROGRESS User Initiated',
      'K DELETE_SKIPPED',
      'B DELETE_IN_PROGRESS',
      'B DELETE_COMPLETE',
      'A DELETE_IN_PROGRESS',
      'A DELETE_COMPLETE',
      'shed DELETE_COMPLETE',
    ]);
    expect(stack.DeletionTime).toBeInstanceOf(Date);
    await expect(h.stack('shed')).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Stack with id shed does not exist',
    });
    const { StackSummaries } = await h.client.send(
      new ListStacksCommand({ StackStatusFilter: ['DELETE_COMPLETE'] }),
    );
    expect(StackSummaries?.map((summary) => summary.StackId)).toEqual([stackId]);
    expect([...h.world.existing.keys()]).toEqual(['shed-K-xxxxxxxxxxx2']);
  });

  test('DeleteStack is no error for a stack that does not exist, or that is being deleted', async () => {
    await h.client.send(new DeleteStackCommand({ StackName: 'ghost' }));
    const release = h.world.hold('delete B');
    await remove();
    await remove();
    release();
    await h.until(stackId, 'DELETE_COMPLETE');
    await h.client.send(new DeleteStackCommand({ StackName: stackId }));
    expect((await events()).filter((event) => event.startsWith('shed'))).toEqual([
      'shed DELETE_IN_PROGRESS User Initiated',
      'shed DELETE_COMPLETE',
    ]);
  });

  test('DeleteStack ends in DELETE_FAILED, from where it can be tried again, with or without the resource that failed', async () => {
    h.world.fail('delete A', 'not empty');
    await remove();
    const stack = await h.until('shed', 'DELETE_FAILED');
    expect(stack.StackStatusReason).toBe('The following resource(s) failed to delete: [A]. ');
    expect(await events()).toContain(
      'A DELETE_FAILED Resource handler returned message: "not empty" (RequestToken: …, HandlerErrorCode: InvalidRequest)',
    );
    await expect(remove(['Z'])).rejects.toMatchObject({ name: 'ValidationError' });
    await remove(['A']);
    await h.until(stackId, 'DELETE_COMPLETE');
    expect((await events()).slice(-3)).toEqual([
      'shed DELETE_IN_PROGRESS User Initiated',
      'A DELETE_SKIPPED',
      'shed DELETE_COMPLETE',
    ]);
    expect(h.world.calls).toEqual(['delete B', 'delete A']);
  });

  test('DeleteStack retains resources on request in DELETE_FAILED only', async () => {
    await expect(remove(['A'])).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('RetainResources'),
    });
  });

  test('DeleteStack refuses a protected stack', async () => {
    await h.client.send(
      new UpdateTerminationProtectionCommand({ StackName: 'shed', EnableTerminationProtection: true }),
    );
    await expect(remove()).rejects.toMatchObject({
      message: 'Stack [shed] cannot be deleted while TerminationProtection is enabled',
    });
    await h.client.send(
      new UpdateTerminationProtectionCommand({ StackName: 'shed', EnableTerminationProtection: false }),
    );
    await remove();
    await h.until(stackId, 'DELETE_COMPLETE');
  });

  test('DeleteStack refuses a stack that is being updated', async () => {
    const release = h.world.hold('update A');
    await h.client.send(
      new UpdateStackCommand({
        StackName: 'shed',
        TemplateBody: TEMPLATE.replace('A: { Type: Test::Fake::Thing', '$&, Properties: { Color: red }'),
      }),
    );
    await expect(remove()).rejects.toMatchObject({
      message: `Stack [${stackId}] cannot be deleted while in status UPDATE_IN_PROGRESS`,
    });
    release();
    await h.until('shed', 'UPDATE_COMPLETE');
  });

  test('DeleteStack ends a creation under way and deletes what that had made, the half-made included', async () => {
    const release = h.world.hold('stabilize B');
    const { StackId } = await h.client.send(
      new CreateStackCommand({
        StackName: 'young',
        TemplateBody: `${TEMPLATE}  C: { Type: Test::Fake::Thing, DependsOn: B }\n`,
      }),
    );
    while (!h.world.calls.includes('stabilize B')) await new Promise((resolve) => setImmediate(resolve));
    await h.client.send(new DeleteStackCommand({ StackName: 'young' }));
    expect((await h.stack('young')).StackStatus).toBe('DELETE_IN_PROGRESS');
    release();
    await h.until(StackId ?? '', 'DELETE_COMPLETE');
    const all = await h.events(StackId ?? '');
    expect(all).toContain('B CREATE_FAILED Resource creation cancelled');
    expect(all.some((event) => event.startsWith('C '))).toBe(false);
    expect([...h.world.existing.keys()].filter((id) => id.startsWith('young'))).toEqual([
      'young-K-xxxxxxxxxxx5',
    ]);
  });

  test('DeleteStack frees the name for a new stack with another id', async () => {
    await remove();
    await h.until(stackId, 'DELETE_COMPLETE');
    const { StackId } = await h.client.send(
      new CreateStackCommand({ StackName: 'shed', TemplateBody: TEMPLATE }),
    );
    expect(StackId).not.toBe(stackId);
    await h.until('shed', 'CREATE_COMPLETE');
    expect((await h.stack(stackId)).StackStatus).toBe('DELETE_COMPLETE');
  });

  test('a rolled-back stack can only be deleted', async () => {
    h.world.fail('create A');
    await h.client.send(new CreateStackCommand({ StackName: 'bad', TemplateBody: TEMPLATE }));
    const { StackId } = await h.until('bad', 'ROLLBACK_COMPLETE');
    await expect(
      h.client.send(new UpdateStackCommand({ StackName: 'bad', TemplateBody: TEMPLATE })),
    ).rejects.toMatchObject({
      message: `Stack:${StackId} is in ROLLBACK_COMPLETE state and can not be updated.`,
    });
    await h.client.send(new DeleteStackCommand({ StackName: 'bad' }));
    await h.until(StackId ?? '', 'DELETE_COMPLETE');
  });

  test('DeleteStack shows the deleted resources of a deleted stack', async () => {
    await remove();
    await h.until(stackId, 'DELETE_COMPLETE');
    const { StackResources } = await h.client.send(new DescribeStackResourcesCommand({ StackName: stackId }));
    expect(
      StackResources?.map((resource) => [
        resource.LogicalResourceId,
        resource.PhysicalResourceId,
        resource.ResourceStatus,
      ]),
    ).toEqual([
      ['A', 'shed-A-xxxxxxxxxxx1', 'DELETE_COMPLETE'],
      ['K', 'shed-K-xxxxxxxxxxx2', 'DELETE_SKIPPED'],
      ['B', 'shed-B-xxxxxxxxxxx3', 'DELETE_COMPLETE'],
    ]);
  });
});
