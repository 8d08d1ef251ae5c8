import {
  CancelUpdateStackCommand,
  ContinueUpdateRollbackCommand,
  CreateStackCommand,
  DescribeStackResourcesCommand,
  RollbackStackCommand,
  UpdateStackCommand,
  type UpdateStackCommandInput,
} from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Harness, harness } from './support/harness.ts';

const template = (a: string, rest = ''): string => `
Resources:
  A: { Type: Test::Fake::Thing, Properties: { ${a} } }
  B: { Type: Test::Fake::Thing, Properties: { Link: !GetAtt A.Arn } }
${rest}`;

const RED = template('Color: red');

describe('UpdateStack', () => {
  let h: Harness;
  beforeEach(async () => {
    h = harness();
    await h.client.send(new CreateStackCommand({ StackName: 'shed', TemplateBody: RED }));
    await h.until('shed', 'CREATE_COMPLETE');
    h.world.calls.length = 0;
  });
  afterEach(() => h.close());

  const update = (TemplateBody: string, input: Partial<UpdateStackCommandInput> = {}): Promise<unknown> =>
    h.client.send(new UpdateStackCommand({ StackName: 'shed', TemplateBody, ...input }));

  /** The events since the stack was made. */
  const events = async (): Promise<string[]> => {
    const all = await h.events('shed');
    return all.slice(all.indexOf('shed CREATE_COMPLETE') + 1);
  };

  test('UpdateStack changes in place what can change in place, and nothing else', async () => {
    await update(template('Color: blue'));
    const stack = await h.until('shed', 'UPDATE_COMPLETE');
    expect(h.world.calls).toEqual(['update A']);
    expect(await events()).toEqual([
      'shed UPDATE_IN_PROGRESS User Initiated',
      'A UPDATE_IN_PROGRESS',
      'A UPDATE_COMPLETE',
      'shed UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'shed UPDATE_COMPLETE',
    ]);
    expect(stack.LastUpdatedTime).toBeInstanceOf(Date);
  });

  test('UpdateStack replaces by a new physical resource, moves what refers to it, and deletes the old one last', async () => {
    await update(template('Name: fixed'));
    await h.until('shed', 'UPDATE_COMPLETE');
    expect(h.world.calls).toEqual(['create A', 'stabilize A', 'update B', 'delete A']);
    expect(await events()).toEqual([
      'shed UPDATE_IN_PROGRESS User Initiated',
      'A UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.',
      'A UPDATE_IN_PROGRESS Resource creation Initiated',
      'A UPDATE_COMPLETE',
      'B UPDATE_IN_PROGRESS',
      'B UPDATE_COMPLETE',
      'shed UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'A DELETE_IN_PROGRESS',
      'A DELETE_COMPLETE',
      'shed UPDATE_COMPLETE',
    ]);
    expect(h.world.existing.get('shed-B-xxxxxxxxxxx2')).toEqual({ Link: 'arn:test:::fixed' });
    const { StackResources } = await h.client.send(new DescribeStackResourcesCommand({ StackName: 'shed' }));
    expect(StackResources?.map((resource) => [resource.PhysicalResourceId, resource.ResourceStatus])).toEqual(
      [
        ['fixed', 'UPDATE_COMPLETE'],
        ['shed-B-xxxxxxxxxxx2', 'UPDATE_COMPLETE'],
      ],
    );
  });

  test('UpdateStack replaces by values where the property says so', async () => {
    await update(template('Color: red, Kind: one'));
    await h.until('shed', 'UPDATE_COMPLETE');
    await update(template('Color: red, Kind: other'));
    await h.until('shed', 'UPDATE_COMPLETE');
    expect(h.world.calls).toEqual(['update A', 'create A', 'stabilize A', 'update B', 'delete A']);
  });

  test('UpdateStack keeps the old one of a replacement with UpdateReplacePolicy Retain, and a removed one with DeletionPolicy Retain', async () => {
    const kept = (a: string): string => `
Resources:
  A: { Type: Test::Fake::Thing, UpdateReplacePolicy: Retain, Properties: { ${a} } }
  R: { Type: Test::Fake::Thing, DeletionPolicy: Retain }
`;
    await update(kept('Name: one'));
    await h.until('shed', 'UPDATE_COMPLETE');
    await update(
      'Resources: {A: {Type: Test::Fake::Thing, UpdateReplacePolicy: Retain, Properties: {Name: two}}}',
    );
    await h.until('shed', 'UPDATE_COMPLETE');
    expect((await events()).filter((event) => event.includes('DELETE'))).toEqual([
      // The first update: the template had no policy when the old A was made.
      'B DELETE_IN_PROGRESS',
      'B DELETE_COMPLETE',
      'A DELETE_IN_PROGRESS',
      'A DELETE_COMPLETE',
      // The second.
      'A DELETE_SKIPPED',
      'R DELETE_SKIPPED',
    ]);
    expect([...h.world.existing.keys()].sort()).toEqual(['one', 'shed-R-xxxxxxxxxxx3', 'two']);
  });

  test('UpdateStack adds and removes resources, the removed ones after everything else', async () => {
    await update('Resources: {C: {Type: Test::Fake::Thing}}');
    await h.until('shed', 'UPDATE_COMPLETE');
    expect(h.world.calls).toEqual(['create C', 'stabilize C', 'delete B', 'delete A']);
    const { StackResources } = await h.client.send(new DescribeStackResourcesCommand({ StackName: 'shed' }));
    expect(StackResources?.map((resource) => resource.LogicalResourceId)).toEqual(['C']);
  });

  test('UpdateStack completes although a clean-up failed, and says so', async () => {
    h.world.fail('delete A');
    await update('Resources: {C: {Type: Test::Fake::Thing}}');
    const stack = await h.until('shed', 'UPDATE_COMPLETE');
    expect(stack.StackStatusReason).toBe('Update successful. One or more resources could not be deleted.');
  });

  test('UpdateStack says that there are no updates to perform, whatever the text looks like', async () => {
    const same = `# another text\n${RED}`;
    await expect(update(same)).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'No updates are to be performed.',
    });
  });

  test('UpdateStack takes a change of outputs, of stack tags or of a policy alone for an update', async () => {
    await update(template('Color: red', 'Outputs: {Color: {Value: !GetAtt A.Color}}'));
    expect((await h.until('shed', 'UPDATE_COMPLETE')).Outputs).toEqual([
      { OutputKey: 'Color', OutputValue: 'red' },
    ]);
    expect(h.world.calls).toEqual([]);
    await h.client.send(
      new UpdateStackCommand({
        StackName: 'shed',
        UsePreviousTemplate: true,
        Tags: [{ Key: 'k', Value: 'v' }],
      }),
    );
    await h.until('shed', 'UPDATE_COMPLETE');
    expect([...h.world.calls].sort()).toEqual(['update A', 'update B']);
    expect(h.world.tags.get('A')).toMatchObject({ k: 'v' });
  });

  test('UpdateStack keeps the stack tags where an update says nothing about them and removes them with an empty list', async () => {
    await update(RED, { Tags: [{ Key: 'k', Value: 'v' }] });
    await h.until('shed', 'UPDATE_COMPLETE');
    await update(template('Color: blue'));
    expect((await h.until('shed', 'UPDATE_COMPLETE')).Tags).toEqual([{ Key: 'k', Value: 'v' }]);
    await update(template('Color: green'), { Tags: [] });
    expect((await h.until('shed', 'UPDATE_COMPLETE')).Tags).toEqual([]);
  });

  test('UpdateStack rolls back in-place changes, replacements and additions when a resource fails', async () => {
    h.world.fail('create Z', 'no room');
    await update(`
Resources:
  A: { Type: Test::Fake::Thing, Properties: { Color: blue } }
  B: { Type: Test::Fake::Thing, Properties: { Name: new, Link: !Ref A } }
  N: { Type: Test::Fake::Thing, Properties: { Link: !Ref B } }
  Z: { Type: Test::Fake::Thing, DependsOn: N }
`);
    const stack = await h.until('shed', 'UPDATE_ROLLBACK_COMPLETE');
    expect(await events()).toEqual([
      'shed UPDATE_IN_PROGRESS User Initiated',
      'A UPDATE_IN_PROGRESS',
      'A UPDATE_COMPLETE',
      'B UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.',
      'B UPDATE_IN_PROGRESS Resource creation Initiated',
      'B UPDATE_COMPLETE',
      'N CREATE_IN_PROGRESS',
      'N CREATE_IN_PROGRESS Resource creation Initiated',
      'N CREATE_COMPLETE',
      'Z CREATE_IN_PROGRESS',
      'Z CREATE_FAILED Resource handler returned message: "no room" (RequestToken: …, HandlerErrorCode: InvalidRequest)',
      'shed UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Z]. ',
      'A UPDATE_IN_PROGRESS',
      'A UPDATE_COMPLETE',
      'B UPDATE_IN_PROGRESS',
      'B UPDATE_COMPLETE',
      'shed UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'Z DELETE_COMPLETE',
      'N DELETE_IN_PROGRESS',
      'N DELETE_COMPLETE',
      'B DELETE_IN_PROGRESS',
      'B DELETE_COMPLETE',
      'shed UPDATE_ROLLBACK_COMPLETE',
    ]);
    expect([...h.world.existing.keys()].sort()).toEqual(['shed-A-xxxxxxxxxxx1', 'shed-B-xxxxxxxxxxx2']);
    expect(h.world.existing.get('shed-A-xxxxxxxxxxx1')).toEqual({ Color: 'red' });
    expect(stack.StackStatusReason).toBeUndefined();
    // The state before is what the next update is compared with.
    await expect(update(RED)).rejects.toMatchObject({ message: 'No updates are to be performed.' });
  });

  test('UpdateStack refuses to replace a resource whose name stays', async () => {
    await update(template('Name: fixed'));
    await h.until('shed', 'UPDATE_COMPLETE');
    await update(template('Name: fixed, Kind: one'));
    await h.until('shed', 'UPDATE_COMPLETE');
    await update(template('Name: fixed, Kind: other'));
    await h.until('shed', 'UPDATE_ROLLBACK_COMPLETE');
    expect(await events()).toContain(
      'A UPDATE_FAILED CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename fixed and update the stack again.',
    );
  });

  test('UpdateStack stays in UPDATE_FAILED with DisableRollback, from where a new update or RollbackStack goes on', async () => {
    h.world.fail('update B', 'not now');
    const broken = `
Resources:
  A: { Type: Test::Fake::Thing, Properties: { Color: blue } }
  B: { Type: Test::Fake::Thing, DependsOn: A, Properties: { Link: there } }
`;
    await update(broken, { DisableRollback: true });
    const stack = await h.until('shed', 'UPDATE_FAILED');
    expect(stack.StackStatusReason).toBe('The following resource(s) failed to update: [B]. ');
    h.world.heal('update B');
    await update(broken, { DisableRollback: true });
    await h.until('shed', 'UPDATE_COMPLETE');
    expect(h.world.existing.get('shed-B-xxxxxxxxxxx2')).toEqual({ Link: 'there' });

    h.world.fail('update B');
    await update(
      `
Resources:
  A: { Type: Test::Fake::Thing, Properties: { Color: green } }
  B: { Type: Test::Fake::Thing, DependsOn: A, Properties: { Link: elsewhere } }
`,
      { DisableRollback: true },
    );
    await h.until('shed', 'UPDATE_FAILED');
    h.world.heal('update B');
    await h.client.send(new RollbackStackCommand({ StackName: 'shed' }));
    await h.until('shed', 'UPDATE_ROLLBACK_COMPLETE');
    expect(h.world.existing.get('shed-A-xxxxxxxxxxx1')).toEqual({ Color: 'blue' });
    expect(h.world.existing.get('shed-B-xxxxxxxxxxx2')).toEqual({ Link: 'there' });
  });

  test('UpdateStack ends in UPDATE_ROLLBACK_FAILED where the way back fails, and ContinueUpdateRollback tries again or skips', async () => {
    h.world.fail('update B');
    const broken = template('Color: blue').replace('!GetAtt A.Arn', 'x');
    await update(broken);
    const stack = await h.until('shed', 'UPDATE_ROLLBACK_FAILED');
    expect(stack.StackStatusReason).toBe('The following resource(s) failed to update: [B]. ');
    await expect(update(RED)).rejects.toMatchObject({
      message: `Stack:${stack.StackId} is in UPDATE_ROLLBACK_FAILED state and can not be updated.`,
    });
    await h.client.send(new ContinueUpdateRollbackCommand({ StackName: 'shed' }));
    await h.until('shed', 'UPDATE_ROLLBACK_IN_PROGRESS');
    await h.until('shed', 'UPDATE_ROLLBACK_FAILED');
    await expect(
      h.client.send(new ContinueUpdateRollbackCommand({ StackName: 'shed', ResourcesToSkip: ['A'] })),
    ).rejects.toMatchObject({ name: 'ValidationError' });
    await h.client.send(new ContinueUpdateRollbackCommand({ StackName: 'shed', ResourcesToSkip: ['B'] }));
    await h.until('shed', 'UPDATE_ROLLBACK_COMPLETE');
    await update(broken);
    await h.until('shed', 'UPDATE_ROLLBACK_FAILED');
    await h.client.send(new ContinueUpdateRollbackCommand({ StackName: 'shed', ForceRollback: true }));
    await h.until('shed', 'UPDATE_ROLLBACK_COMPLETE');
  });

  test('UpdateStack cancels an update under way, and only then', async () => {
    await expect(h.client.send(new CancelUpdateStackCommand({ StackName: 'shed' }))).rejects.toMatchObject({
      message: 'CancelUpdateStack cannot be called from current stack status',
    });
    const release = h.world.hold('update A');
    await update(template('Color: blue'));
    while (!h.world.calls.includes('update A')) await new Promise((resolve) => setImmediate(resolve));
    await h.client.send(new CancelUpdateStackCommand({ StackName: 'shed' }));
    h.world.heal('update A');
    release();
    await h.until('shed', 'UPDATE_ROLLBACK_COMPLETE');
    expect(await events()).toEqual([
      'shed UPDATE_IN_PROGRESS User Initiated',
      'A UPDATE_IN_PROGRESS',
      'A UPDATE_FAILED Resource update cancelled',
      'shed UPDATE_ROLLBACK_IN_PROGRESS User Initiated',
      'A UPDATE_IN_PROGRESS',
      'A UPDATE_COMPLETE',
      'shed UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'shed UPDATE_ROLLBACK_COMPLETE',
    ]);
    expect(h.world.existing.get('shed-A-xxxxxxxxxxx1')).toEqual({ Color: 'red' });
  });

  test('UpdateStack takes parameters anew, from before, or by default', async () => {
    const withParameters = `
Parameters:
  Color: { Type: String, Default: green }
  Size: { Type: Number }
Resources:
  A: { Type: Test::Fake::Thing, Properties: { Color: !Ref Color, Size: !Ref Size } }
  B: { Type: Test::Fake::Thing, Properties: { Link: !GetAtt A.Arn } }
`;
    await expect(update(withParameters)).rejects.toMatchObject({
      message: 'Parameters: [Size] must have values',
    });
    await update(withParameters, {
      Parameters: [
        { ParameterKey: 'Color', ParameterValue: 'blue' },
        { ParameterKey: 'Size', ParameterValue: '3' },
      ],
    });
    await h.until('shed', 'UPDATE_COMPLETE');
    expect(h.world.existing.get('shed-A-xxxxxxxxxxx1')).toEqual({ Color: 'blue', Size: 3 });
    await h.client.send(
      new UpdateStackCommand({
        StackName: 'shed',
        UsePreviousTemplate: true,
        Parameters: [{ ParameterKey: 'Size', UsePreviousValue: true }],
      }),
    );
    const stack = await h.until('shed', 'UPDATE_COMPLETE');
    expect(stack.Parameters).toEqual([
      { ParameterKey: 'Color', ParameterValue: 'green' },
      { ParameterKey: 'Size', ParameterValue: '3' },
    ]);
  });

  test('UpdateStack refuses to change the type of a resource', async () => {
    await expect(
      update('Resources: {A: {Type: Test::Fake::Pin, Properties: {Place: x}}}'),
    ).rejects.toMatchObject({
      message:
        'Update of resource type is not permitted. The new template modifies resource type of the following resources: [A]',
    });
  });

  test('UpdateStack refuses what does not exist, what is under way and what was rolled back', async () => {
    await expect(
      h.client.send(new UpdateStackCommand({ StackName: 'ghost', TemplateBody: RED })),
    ).rejects.toMatchObject({ message: 'Stack [ghost] does not exist' });
    const release = h.world.hold('update A');
    await update(template('Color: blue'));
    const { StackId } = await h.stack('shed');
    await expect(update(RED)).rejects.toMatchObject({
      message: `Stack:${StackId} is in UPDATE_IN_PROGRESS state and can not be updated.`,
    });
    release();
    await h.until('shed', 'UPDATE_COMPLETE');
  });
});
