import {
  CreateChangeSetCommand,
  type CreateChangeSetCommandInput,
  CreateStackCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeEventsCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  ListChangeSetsCommand,
  type ResourceChange,
} from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Harness, harness } from './support/harness.ts';

const template = (a: string): string => `
Parameters:
  Color: { Type: String, Default: red }
Resources:
  A: { Type: Test::Fake::Thing, Properties: { Color: !Ref Color${a} } }
  B: { Type: Test::Fake::Thing, Properties: { Link: !GetAtt A.Arn } }
  C: { Type: Test::Fake::Thing, Properties: { Link: !Ref A } }
`;

describe('change sets', () => {
  let h: Harness;
  beforeEach(() => {
    h = harness();
  });
  afterEach(() => h.close());

  const createSet = (
    input: Partial<CreateChangeSetCommandInput> = {},
  ): Promise<{ Id?: string | undefined; StackId?: string | undefined }> =>
    h.client.send(
      new CreateChangeSetCommand({
        StackName: 'shed',
        ChangeSetName: 'plan',
        TemplateBody: template(''),
        ...input,
      }),
    );

  const standing = async (body = template('')): Promise<void> => {
    await h.client.send(new CreateStackCommand({ StackName: 'shed', TemplateBody: body }));
    await h.until('shed', 'CREATE_COMPLETE');
  };

  const changes = async (): Promise<(ResourceChange | undefined)[]> =>
    ((await h.changeSet('plan', 'shed')).Changes ?? []).map((change) => change.ResourceChange);

  test('a change set holds a new stack in REVIEW_IN_PROGRESS until it is executed', async () => {
    const { Id, StackId } = await createSet({ ChangeSetType: 'CREATE', Description: 'the first' });
    expect(await h.stack('shed')).toMatchObject({
      StackId,
      StackStatus: 'REVIEW_IN_PROGRESS',
      StackStatusReason: 'User Initiated',
    });
    const described = await h.changeSet('plan', 'shed');
    expect(described).toMatchObject({
      ChangeSetId: Id,
      ChangeSetName: 'plan',
      Description: 'the first',
      ExecutionStatus: 'AVAILABLE',
      Status: 'CREATE_COMPLETE',
      Parameters: [{ ParameterKey: 'Color', ParameterValue: 'red' }],
      IncludeNestedStacks: false,
    });
    expect(described.Changes).toEqual(
      ['A', 'B', 'C'].map((LogicalResourceId) => ({
        Type: 'Resource',
        ResourceChange: {
          Action: 'Add',
          LogicalResourceId,
          ResourceType: 'Test::Fake::Thing',
          Scope: [],
          Details: [],
        },
      })),
    );
    expect(h.world.calls).toEqual([]);

    await h.client.send(new ExecuteChangeSetCommand({ ChangeSetName: 'plan', StackName: 'shed' }));
    const stack = await h.until('shed', 'CREATE_COMPLETE');
    expect(stack).toMatchObject({ StackId, ChangeSetId: Id });
    expect((await h.events('shed')).filter((event) => event.startsWith('shed'))).toEqual([
      'shed REVIEW_IN_PROGRESS User Initiated',
      'shed CREATE_IN_PROGRESS User Initiated',
      'shed CREATE_COMPLETE',
    ]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await h.client.send(new DescribeChangeSetCommand({ ChangeSetName: Id }))).toMatchObject({
      ExecutionStatus: 'EXECUTE_COMPLETE',
    });
    await expect(h.client.send(new ExecuteChangeSetCommand({ ChangeSetName: Id }))).rejects.toMatchObject({
      name: 'InvalidChangeSetStatusException',
      message: `ChangeSet [${Id}] cannot be executed in its current status of [EXECUTE_COMPLETE]`,
    });
  });

  test('a change set fails with AWS words where nothing would change', async () => {
    await standing();
    const { Id } = await createSet();
    expect(await h.changeSet('plan', 'shed')).toMatchObject({
      Status: 'FAILED',
      StatusReason:
        "The submitted information didn't contain changes. Submit different information to create a change set.",
      ExecutionStatus: 'UNAVAILABLE',
      Changes: [],
    });
    await expect(
      h.client.send(new ExecuteChangeSetCommand({ ChangeSetName: 'plan', StackName: 'shed' })),
    ).rejects.toMatchObject({
      name: 'InvalidChangeSetStatusException',
      message: `ChangeSet [${Id}] cannot be executed in its current status of [FAILED]`,
    });
  });

  test('a change set tells a direct change from one by parameter, and what hangs on an attribute of either', async () => {
    await standing();
    await createSet({ Parameters: [{ ParameterKey: 'Color', ParameterValue: 'blue' }] });
    expect(await changes()).toEqual([
      {
        Action: 'Modify',
        LogicalResourceId: 'A',
        PhysicalResourceId: 'shed-A-xxxxxxxxxxx1',
        ResourceType: 'Test::Fake::Thing',
        Replacement: 'False',
        Scope: ['Properties'],
        Details: [
          {
            Target: { Attribute: 'Properties', Name: 'Color', RequiresRecreation: 'Never' },
            Evaluation: 'Static',
            ChangeSource: 'ParameterReference',
            CausingEntity: 'Color',
          },
          {
            Target: { Attribute: 'Properties', Name: 'Color', RequiresRecreation: 'Never' },
            Evaluation: 'Dynamic',
            ChangeSource: 'DirectModification',
          },
        ],
      },
      {
        Action: 'Modify',
        LogicalResourceId: 'B',
        PhysicalResourceId: 'shed-B-xxxxxxxxxxx2',
        ResourceType: 'Test::Fake::Thing',
        Replacement: 'False',
        Scope: ['Properties'],
        Details: [
          {
            Target: { Attribute: 'Properties', Name: 'Link', RequiresRecreation: 'Never' },
            Evaluation: 'Dynamic',
            ChangeSource: 'ResourceAttribute',
            CausingEntity: 'A.Arn',
          },
        ],
      },
    ]);
  });

  test('a change set foresees a replacement and what refers to the replaced resource', async () => {
    await standing();
    await createSet({ TemplateBody: template(', Name: fixed') });
    const [a, b, c] = await changes();
    expect(a).toMatchObject({
      Replacement: 'True',
      PolicyAction: 'ReplaceAndDelete',
      Details: [
        {
          Target: { Attribute: 'Properties', Name: 'Name', RequiresRecreation: 'Always' },
          Evaluation: 'Static',
          ChangeSource: 'DirectModification',
        },
      ],
    });
    expect(b?.Details).toMatchObject([
      { Evaluation: 'Dynamic', ChangeSource: 'ResourceAttribute', CausingEntity: 'A.Arn' },
    ]);
    expect(c).toMatchObject({
      Replacement: 'False',
      Details: [
        {
          Target: { Attribute: 'Properties', Name: 'Link', RequiresRecreation: 'Never' },
          Evaluation: 'Static',
          ChangeSource: 'ResourceReference',
          CausingEntity: 'A',
        },
      ],
    });
  });

  test('a change set calls a replacement that hangs on another one conditional', async () => {
    const pinned = (name: string): string => `
Resources:
  A: { Type: Test::Fake::Thing, Properties: { Color: ${name} } }
  P: { Type: Test::Fake::Pin, Properties: { Place: !GetAtt A.Color } }
`;
    await standing(pinned('red'));
    await createSet({ TemplateBody: pinned('blue') });
    const [, pin] = await changes();
    expect(pin).toMatchObject({ LogicalResourceId: 'P', Replacement: 'Conditional' });
  });

  test('a change set lists removals with what their policy does, tags and policies with their scope', async () => {
    await standing(
      'Resources: {A: {Type: Test::Fake::Thing}, K: {Type: Test::Fake::Thing, DeletionPolicy: Retain}, D: {Type: Test::Fake::Thing}}',
    );
    await createSet({
      TemplateBody: 'Resources: {A: {Type: Test::Fake::Thing, DeletionPolicy: Retain}}',
      Tags: [{ Key: 'k', Value: 'v' }],
    });
    expect(await changes()).toMatchObject([
      {
        Action: 'Modify',
        LogicalResourceId: 'A',
        Scope: ['Tags', 'DeletionPolicy'],
        Details: [
          { Target: { Attribute: 'Tags', RequiresRecreation: 'Never' } },
          { Target: { Attribute: 'DeletionPolicy', RequiresRecreation: 'Never' } },
        ],
      },
      { Action: 'Remove', LogicalResourceId: 'K', PolicyAction: 'Retain' },
      { Action: 'Remove', LogicalResourceId: 'D', PolicyAction: 'Delete' },
    ]);
  });

  test('a change set shows values before and after on request, unknown ones by AWS words', async () => {
    await standing();
    await createSet({ TemplateBody: template(', Name: fixed') });
    await h.changeSet('plan', 'shed');
    const { Changes } = await h.client.send(
      new DescribeChangeSetCommand({
        ChangeSetName: 'plan',
        StackName: 'shed',
        IncludePropertyValues: true,
      }),
    );
    expect(Changes?.map((change) => change.ResourceChange)).toMatchObject([
      {
        BeforeContext: '{"Properties":{"Color":"red"}}',
        AfterContext: '{"Properties":{"Color":"red","Name":"fixed"}}',
        Details: [{ Target: { Path: '/Properties/Name', AfterValue: 'fixed', AttributeChangeType: 'Add' } }],
      },
      {
        AfterContext: '{"Properties":{"Link":"{{changeSet:KNOWN_AFTER_APPLY}}"}}',
        Details: [
          {
            Target: {
              BeforeValue: 'arn:test:::shed-A-xxxxxxxxxxx1',
              AfterValue: '{{changeSet:KNOWN_AFTER_APPLY}}',
              AttributeChangeType: 'Modify',
            },
          },
        ],
      },
      { LogicalResourceId: 'C' },
    ]);
  });

  test('a change set does what it showed when it is executed, and makes the other change sets obsolete', async () => {
    await standing();
    await createSet({
      ChangeSetName: 'other',
      Parameters: [{ ParameterKey: 'Color', ParameterValue: 'green' }],
    });
    await createSet({ Parameters: [{ ParameterKey: 'Color', ParameterValue: 'blue' }] });
    await h.changeSet('other', 'shed');
    await h.changeSet('plan', 'shed');
    const { Summaries } = await h.client.send(new ListChangeSetsCommand({ StackName: 'shed' }));
    expect(Summaries?.map((summary) => [summary.ChangeSetName, summary.ExecutionStatus])).toEqual([
      ['other', 'AVAILABLE'],
      ['plan', 'AVAILABLE'],
    ]);
    await h.client.send(new ExecuteChangeSetCommand({ ChangeSetName: 'plan', StackName: 'shed' }));
    const stack = await h.until('shed', 'UPDATE_COMPLETE');
    expect(stack.Parameters).toEqual([{ ParameterKey: 'Color', ParameterValue: 'blue' }]);
    expect(await h.changeSet('other', 'shed')).toMatchObject({ ExecutionStatus: 'OBSOLETE' });
    expect((await h.client.send(new ListChangeSetsCommand({ StackName: 'shed' }))).Summaries).toEqual([]);
    await expect(
      h.client.send(new ExecuteChangeSetCommand({ ChangeSetName: 'other', StackName: 'shed' })),
    ).rejects.toMatchObject({ name: 'InvalidChangeSetStatusException' });
  });

  test('a change set takes OnStackFailure for the stack it creates', async () => {
    h.world.fail('create A');
    await createSet({ ChangeSetType: 'CREATE', OnStackFailure: 'DELETE' });
    const { StackId } = await h.changeSet('plan', 'shed');
    await h.client.send(new ExecuteChangeSetCommand({ ChangeSetName: 'plan', StackName: 'shed' }));
    await h.until(StackId ?? '', 'DELETE_COMPLETE');
  });

  test('a change set fails early on wrong properties, and tells them through DescribeEvents alone', async () => {
    const { Id, StackId } = await createSet({
      ChangeSetType: 'CREATE',
      TemplateBody:
        'Resources: {A: {Type: Test::Fake::Thing, Properties: {Foo: 1, Color: pink}}, P: {Type: Test::Fake::Pin}}',
    });
    const failed = await h.changeSet('plan', 'shed');
    expect(failed).toMatchObject({
      Status: 'FAILED',
      StatusReason:
        'The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information.',
    });
    const { OperationEvents } = await h.client.send(
      new DescribeEventsCommand({ ChangeSetName: Id, Filters: { FailedEvents: true } }),
    );
    expect(
      OperationEvents?.map((event) => [
        event.EventType,
        event.OperationType,
        event.ValidationName,
        event.ValidationFailureMode,
        event.ValidationPath,
        event.ValidationStatusReason,
      ]).sort(),
    ).toEqual([
      [
        'VALIDATION_ERROR',
        'CREATE_CHANGESET',
        'PROPERTY_VALIDATION',
        'FAIL',
        '/Resources/A/Properties',
        'Encountered unsupported property Foo',
      ],
      [
        'VALIDATION_ERROR',
        'CREATE_CHANGESET',
        'PROPERTY_VALIDATION',
        'FAIL',
        '/Resources/A/Properties/Color',
        '#/Color: pink is not a valid enum value',
      ],
      [
        'VALIDATION_ERROR',
        'CREATE_CHANGESET',
        'PROPERTY_VALIDATION',
        'FAIL',
        '/Resources/P/Properties',
        'Required property [Place] not found',
      ],
    ]);
    // The stack that only a failed change set made can be deleted.
    await h.client.send(new DeleteStackCommand({ StackName: 'shed' }));
    await h.until(StackId ?? '', 'DELETE_COMPLETE');
  });

  test('a change set fails early on a name that is taken', async () => {
    h.world.existing.set('taken', {});
    const { Id } = await createSet({
      ChangeSetType: 'CREATE',
      TemplateBody: 'Resources: {A: {Type: Test::Fake::Thing, Properties: {Name: taken}}}',
    });
    expect((await h.changeSet('plan', 'shed')).StatusReason).toContain(
      '[AWS::EarlyValidation::ResourceExistenceCheck]',
    );
    const { OperationEvents } = await h.client.send(new DescribeEventsCommand({ ChangeSetName: Id }));
    expect(OperationEvents).toContainEqual(
      expect.objectContaining({
        LogicalResourceId: 'A',
        PhysicalResourceId: 'taken',
        ValidationName: 'NAME_CONFLICT_VALIDATION',
        ValidationStatusReason:
          "Resource of type 'Test::Fake::Thing' with identifier 'taken' already exists.",
      }),
    );
  });

  test('a change set does not look where validation is disabled: the resource fails instead', async () => {
    h.world.existing.set('taken', {});
    const TemplateBody =
      'Resources: {A: {Type: Test::Fake::Thing, Properties: {Name: taken}}, B: {Type: Test::Fake::Thing, Properties: {Foo: 1}}}';
    await createSet({ ChangeSetType: 'CREATE', DisableValidation: true, TemplateBody });
    expect(await h.changeSet('plan', 'shed')).toMatchObject({ Status: 'CREATE_COMPLETE' });
    await h.client.send(new ExecuteChangeSetCommand({ ChangeSetName: 'plan', StackName: 'shed' }));
    await h.until('shed', 'ROLLBACK_COMPLETE');
    const failed = (await h.events('shed')).filter((event) => event.includes('CREATE_FAILED'));
    expect(failed).toContain(
      'B CREATE_FAILED Properties validation failed for resource B with message:\nEncountered unsupported property Foo',
    );
    expect(h.world.existing.has('taken')).toBe(true);
    await h.client.send(
      new CreateStackCommand({ StackName: 'direct', TemplateBody, DisableValidation: true }),
    );
    await h.until('direct', 'ROLLBACK_COMPLETE');
  });

  test.each([
    [{ DeploymentMode: 'REVERT_DRIFT' as const }, 'DeploymentMode is not emulated by the local cloud'],
    [{ ImportExistingResources: true }, 'ImportExistingResources is not emulated by the local cloud'],
    [
      { RollbackConfiguration: { MonitoringTimeInMinutes: 3 } },
      'RollbackConfiguration is not emulated by the local cloud',
    ],
    [
      { DeploymentConfig: { Mode: 'EXPRESS' as const } },
      'Deployment mode EXPRESS is not emulated by the local cloud',
    ],
  ])('a change set refuses %j by name, and not what asks for nothing', async (input, message) => {
    await expect(createSet({ ChangeSetType: 'CREATE', ...input })).rejects.toMatchObject({
      name: 'ValidationError',
      message,
    });
    await createSet({
      ChangeSetType: 'CREATE',
      ImportExistingResources: false,
      RollbackConfiguration: { RollbackTriggers: [] },
      DeploymentConfig: { Mode: 'STANDARD' },
    });
  });

  test('a change set warns of a removal that would be refused for what it holds, and lets it pass', async () => {
    await standing(
      'Resources: {A: {Type: Test::Fake::Thing}, F: {Type: Test::Fake::Thing, Properties: {Flag: true}}}',
    );
    const { Id } = await createSet({ TemplateBody: 'Resources: {A: {Type: Test::Fake::Thing}}' });
    expect(await h.changeSet('plan', 'shed')).toMatchObject({ Status: 'CREATE_COMPLETE' });
    const { OperationEvents } = await h.client.send(new DescribeEventsCommand({ ChangeSetName: Id }));
    expect(OperationEvents).toContainEqual(
      expect.objectContaining({
        ValidationName: 'BUCKET_EMPTINESS_VALIDATION',
        ValidationFailureMode: 'WARN',
      }),
    );
  });

  test('a change set shows the events of a stack by operation, failures alone on request', async () => {
    h.world.fail('create A');
    const { OperationId } = await h.client.send(
      new CreateStackCommand({ StackName: 'shed', TemplateBody: template('') }),
    );
    await h.until('shed', 'ROLLBACK_COMPLETE');
    const { OperationEvents } = await h.client.send(
      new DescribeEventsCommand({ OperationId, Filters: { FailedEvents: true } }),
    );
    expect(OperationEvents).toMatchObject([
      {
        EventType: 'PROVISIONING_ERROR',
        OperationType: 'CREATE_STACK',
        LogicalResourceId: 'A',
        ResourceStatus: 'CREATE_FAILED',
      },
    ]);
    const all = await h.client.send(new DescribeEventsCommand({ StackName: 'shed' }));
    expect(all.OperationEvents?.at(-1)).toMatchObject({
      EventType: 'STACK_EVENT',
      OperationId,
      OperationStatus: 'FAILED',
    });
    await expect(h.client.send(new DescribeEventsCommand({ ChangeSetName: 'plan' }))).rejects.toMatchObject({
      message: 'One of ChangeSetName, OperationId or StackName must be specified',
    });
  });

  test('a change set gives AWS words for what does not exist or does not fit', async () => {
    await standing();
    const missing = { ChangeSetName: 'ghost', StackName: 'shed' };
    await expect(h.client.send(new DescribeChangeSetCommand(missing))).rejects.toMatchObject({
      name: 'ChangeSetNotFoundException',
      message: 'ChangeSet [ghost] does not exist',
    });
    await h.client.send(new DeleteChangeSetCommand(missing));
    await expect(
      h.client.send(new DescribeChangeSetCommand({ ChangeSetName: 'x', StackName: 'nostack' })),
    ).rejects.toMatchObject({ message: 'Stack [nostack] does not exist' });
    await expect(h.client.send(new DeleteChangeSetCommand({ ChangeSetName: 'x' }))).rejects.toMatchObject({
      message: 'StackName must be specified if ChangeSetName is not specified as an ARN.',
    });
    await expect(createSet({ ChangeSetType: 'CREATE' })).rejects.toMatchObject({
      message: 'Stack [shed] already exists and cannot be created again with the changeSet [plan].',
    });
    await expect(createSet({ StackName: 'ghost' })).rejects.toMatchObject({
      message: 'Stack [ghost] does not exist',
    });
  });

  test('a change set answers the same change set again and clashes with another one of its name', async () => {
    await standing();
    const first = await createSet({ TemplateBody: template(', Size: 3') });
    expect(await createSet({ TemplateBody: template(', Size: 3') })).toMatchObject({ Id: first.Id });
    await expect(createSet({ TemplateBody: template(', Size: 4') })).rejects.toMatchObject({
      name: 'AlreadyExistsException',
      message: 'ChangeSet plan cannot be created due to a mismatch with existing attribute Template',
    });
    expect(
      await h.client.send(new GetTemplateCommand({ ChangeSetName: 'plan', StackName: 'shed' })),
    ).toMatchObject({ TemplateBody: template(', Size: 3') });
  });

  test('a change set becomes obsolete when CreateStack takes the reviewed stack over', async () => {
    const { Id, StackId } = await createSet({ ChangeSetType: 'CREATE' });
    await h.changeSet('plan', 'shed');
    const created = await h.client.send(
      new CreateStackCommand({ StackName: 'shed', TemplateBody: template('') }),
    );
    expect(created.StackId).toBe(StackId);
    await h.until('shed', 'CREATE_COMPLETE');
    expect(await h.client.send(new DescribeChangeSetCommand({ ChangeSetName: Id }))).toMatchObject({
      ExecutionStatus: 'OBSOLETE',
    });
  });

  test('a deleted change set no longer exists', async () => {
    const { Id } = await createSet({ ChangeSetType: 'CREATE' });
    await h.changeSet('plan', 'shed');
    await h.client.send(new DeleteChangeSetCommand({ ChangeSetName: Id }));
    await expect(h.client.send(new DescribeChangeSetCommand({ ChangeSetName: Id }))).rejects.toMatchObject({
      message: `ChangeSet [${Id}] does not exist`,
    });
    expect((await h.stack('shed')).StackStatus).toBe('REVIEW_IN_PROGRESS');
  });
});
