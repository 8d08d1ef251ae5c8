import {
  CreateChangeSetCommand,
  CreateStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStackResourceCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  GetTemplateSummaryCommand,
  ListStackResourcesCommand,
  ListStacksCommand,
  ValidateTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Harness, harness } from './support/harness.ts';

const TEMPLATE = `
Description: three things
Parameters:
  Color: { Type: String, Default: red, AllowedValues: [red, blue], Description: of A }
  Secret: { Type: String, Default: wolf, NoEcho: true }
Metadata: { k: v }
Resources:
  A: { Type: Test::Fake::Thing, Properties: { Color: !Ref Color }, Metadata: { for: readers } }
  B: { Type: Test::Fake::Thing }
  C: { Type: Test::Fake::Role }
`;

describe('reading stacks', () => {
  let h: Harness;
  beforeEach(async () => {
    h = harness({ pageSize: 2 });
    for (const StackName of ['one', 'two', 'three']) {
      await h.client.send(
        new CreateStackCommand({ StackName, TemplateBody: TEMPLATE, Capabilities: ['CAPABILITY_IAM'] }),
      );
      await h.until(StackName, 'CREATE_COMPLETE');
    }
  });
  afterEach(() => h.close());

  /** Walks a list by its tokens; every page but the last is full. */
  async function pages<T>(
    page: (token: string | undefined) => Promise<{ items: T[] | undefined; next: string | undefined }>,
  ): Promise<T[]> {
    const all: T[] = [];
    let token: string | undefined;
    do {
      const { items, next } = await page(token);
      if (next !== undefined) expect(items).toHaveLength(2);
      all.push(...(items ?? []));
      token = next;
    } while (token !== undefined);
    return all;
  }

  test('every list of CloudFormation comes in pages, and each refuses the token of another list', async () => {
    const stacks = await pages(async (NextToken) => {
      const answer = await h.client.send(new DescribeStacksCommand({ NextToken }));
      return { items: answer.Stacks, next: answer.NextToken };
    });
    expect(stacks.map((stack) => stack.StackName)).toEqual(['three', 'two', 'one']);
    const summaries = await pages(async (NextToken) => {
      const answer = await h.client.send(new ListStacksCommand({ NextToken }));
      return { items: answer.StackSummaries, next: answer.NextToken };
    });
    expect(summaries.map((stack) => [stack.StackName, stack.TemplateDescription])).toEqual([
      ['three', 'three things'],
      ['two', 'three things'],
      ['one', 'three things'],
    ]);
    const resources = await pages(async (NextToken) => {
      const answer = await h.client.send(new ListStackResourcesCommand({ StackName: 'one', NextToken }));
      return { items: answer.StackResourceSummaries, next: answer.NextToken };
    });
    expect(resources.map((resource) => resource.LogicalResourceId)).toEqual(['A', 'B', 'C']);
    const events = await pages(async (NextToken) => {
      const answer = await h.client.send(new DescribeStackEventsCommand({ StackName: 'one', NextToken }));
      return { items: answer.StackEvents, next: answer.NextToken };
    });
    expect(events).toHaveLength(11);
    expect(new Set(events.map((event) => event.EventId)).size).toBe(11);
    const times = events.map((event) => event.Timestamp?.getTime() ?? 0);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    await h.client.send(
      new CreateChangeSetCommand({
        StackName: 'new',
        ChangeSetName: 'plan',
        ChangeSetType: 'CREATE',
        TemplateBody: TEMPLATE,
        Capabilities: ['CAPABILITY_IAM'],
      }),
    );
    await h.changeSet('plan', 'new');
    const changes = await pages(async (NextToken) => {
      const answer = await h.client.send(
        new DescribeChangeSetCommand({ StackName: 'new', ChangeSetName: 'plan', NextToken }),
      );
      return { items: answer.Changes, next: answer.NextToken };
    });
    expect(changes).toHaveLength(3);

    const { NextToken } = await h.client.send(new ListStacksCommand({}));
    for (const wrong of [NextToken, 'nonsense']) {
      await expect(
        h.client.send(new ListStackResourcesCommand({ StackName: 'one', NextToken: wrong })),
      ).rejects.toMatchObject({ name: 'ValidationError', message: 'Invalid NextToken' });
    }
  });

  test('reading a stack lists stacks by state', async () => {
    const { StackSummaries } = await h.client.send(
      new ListStacksCommand({ StackStatusFilter: ['DELETE_COMPLETE', 'ROLLBACK_COMPLETE'] }),
    );
    expect(StackSummaries).toEqual([]);
  });

  test('reading a stack hides what NoEcho hides', async () => {
    expect((await h.stack('one')).Parameters).toEqual([
      { ParameterKey: 'Color', ParameterValue: 'red' },
      { ParameterKey: 'Secret', ParameterValue: '****' },
    ]);
  });

  test('reading a stack finds a stack by one of its physical ids', async () => {
    const { StackResources } = await h.client.send(
      new DescribeStackResourcesCommand({ PhysicalResourceId: 'two-B-xxxxxxxxxxx5' }),
    );
    expect(StackResources?.map((resource) => resource.StackName)).toEqual(['two', 'two', 'two']);
    await expect(
      h.client.send(new DescribeStackResourcesCommand({ PhysicalResourceId: 'ghost' })),
    ).rejects.toMatchObject({ message: 'Stack for ghost does not exist' });
  });

  test('reading a stack shows one resource with its metadata', async () => {
    const { StackResourceDetail } = await h.client.send(
      new DescribeStackResourceCommand({ StackName: 'one', LogicalResourceId: 'A' }),
    );
    expect(StackResourceDetail).toMatchObject({
      LogicalResourceId: 'A',
      ResourceStatus: 'CREATE_COMPLETE',
      Metadata: '{"for":"readers"}',
    });
    await expect(
      h.client.send(new DescribeStackResourceCommand({ StackName: 'one', LogicalResourceId: 'Z' })),
    ).rejects.toMatchObject({ message: 'Resource Z does not exist for stack one' });
  });

  test('reading a stack gives a template back as it was sent, and tells what it holds', async () => {
    expect(await h.client.send(new GetTemplateCommand({ StackName: 'one' }))).toMatchObject({
      TemplateBody: TEMPLATE,
      StagesAvailable: ['Original', 'Processed'],
    });
    expect(await h.client.send(new GetTemplateSummaryCommand({ StackName: 'one' }))).toMatchObject({
      Description: 'three things',
      Capabilities: ['CAPABILITY_IAM'],
      CapabilitiesReason: 'The following resource(s) require capabilities: [Test::Fake::Role]',
      ResourceTypes: ['Test::Fake::Thing', 'Test::Fake::Role'],
      Metadata: '{"k":"v"}',
      Version: '2010-09-09',
      Parameters: [
        {
          ParameterKey: 'Color',
          DefaultValue: 'red',
          ParameterType: 'String',
          NoEcho: false,
          Description: 'of A',
          ParameterConstraints: { AllowedValues: ['red', 'blue'] },
        },
        { ParameterKey: 'Secret', NoEcho: true },
      ],
    });
    expect(await h.client.send(new ValidateTemplateCommand({ TemplateBody: TEMPLATE }))).toMatchObject({
      Description: 'three things',
      Capabilities: ['CAPABILITY_IAM'],
      Parameters: [{ ParameterKey: 'Color', DefaultValue: 'red', Description: 'of A' }, { NoEcho: true }],
    });
    await expect(
      h.client.send(new ValidateTemplateCommand({ TemplateBody: 'Resources: {A: {Type: Nope}}' })),
    ).rejects.toMatchObject({ message: 'Template format error: Unrecognized resource types: [Nope]' });
  });

  test('reading a stack gives AWS words for a stack that does not exist, each operation its own', async () => {
    await expect(h.stack('ghost')).rejects.toMatchObject({
      message: 'Stack with id ghost does not exist',
    });
    await expect(h.client.send(new GetTemplateCommand({ StackName: 'ghost' }))).rejects.toMatchObject({
      message: 'Stack with id ghost does not exist',
    });
    await expect(h.client.send(new ListStackResourcesCommand({ StackName: 'ghost' }))).rejects.toMatchObject({
      message: 'Stack with id ghost does not exist',
    });
    await expect(h.events('ghost')).rejects.toMatchObject({ message: 'Stack [ghost] does not exist' });
  });
});
