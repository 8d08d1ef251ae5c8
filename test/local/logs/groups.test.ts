import { beforeEach, describe, expect, test } from 'vitest';
import { ACCOUNT, type Body, NOW_MS, REGION, type TestLogs, testLogs } from './fixture.ts';

let logs: TestLogs;
const GROUP = '/aws/lambda/sheepshed-node-get-dog-count';
const ARN = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${GROUP}`;

beforeEach(() => {
  logs = testLogs();
});

async function groupNames(input: Body = {}): Promise<unknown[]> {
  const { logGroups } = await logs.call('DescribeLogGroups', input);
  return (logGroups as Body[]).map(({ logGroupName }) => logGroupName);
}

describe('log groups', () => {
  test('log groups are described as AWS describes them, the arn with :* and the other without', async () => {
    await logs.call('CreateLogGroup', { logGroupName: GROUP, tags: { a: '1' } });
    await logs.call('PutRetentionPolicy', { logGroupName: GROUP, retentionInDays: 7 });
    logs.store.append(GROUP, 's', [{ timestampMs: NOW_MS, message: 'Schäfchen' }]);
    expect(await logs.call('DescribeLogGroups', { logGroupNamePrefix: '/aws/lambda/sheepshed-' })).toEqual({
      logGroups: [
        {
          logGroupName: GROUP,
          creationTime: NOW_MS,
          retentionInDays: 7,
          metricFilterCount: 0,
          arn: `${ARN}:*`,
          logGroupArn: ARN,
          logGroupClass: 'STANDARD',
          storedBytes: 10,
        },
      ],
    });
  });

  test('log groups come in the order of their names, page by page', async () => {
    for (const name of ['c', 'a', 'd', 'b']) logs.store.createLogGroup(name, {});
    const first = await logs.call('DescribeLogGroups', { limit: 3 });
    expect((first.logGroups as Body[]).map(({ logGroupName }) => logGroupName)).toEqual(['a', 'b', 'c']);
    const second = await logs.call('DescribeLogGroups', { limit: 3, nextToken: first.nextToken });
    expect((second.logGroups as Body[]).map(({ logGroupName }) => logGroupName)).toEqual(['d']);
    expect(second.nextToken).toBeUndefined();
    expect(await logs.fail('DescribeLogGroups', { nextToken: 'b!' })).toMatchObject({
      __type: 'InvalidParameterException',
    });
  });

  test('log groups are found by prefix, by a part of the name in any case, or by identifier', async () => {
    for (const name of ['/x/one', '/x/two', '/y/one']) logs.store.createLogGroup(name, {});
    expect(await groupNames({ logGroupNamePrefix: '/x' })).toEqual(['/x/one', '/x/two']);
    expect(await groupNames({ logGroupNamePattern: 'ONE' })).toEqual(['/x/one', '/y/one']);
    expect(await groupNames({ logGroupIdentifiers: ['/y/one'] })).toEqual(['/y/one']);
    expect(await groupNames({ logGroupNamePrefix: 'one' })).toEqual([]);
    expect(
      await logs.fail('DescribeLogGroups', { logGroupNamePrefix: 'x', logGroupNamePattern: 'x' }),
    ).toMatchObject({
      __type: 'InvalidParameterException',
    });
  });

  test('log groups can not be made twice, nor under a name that AWS refuses', async () => {
    await logs.call('CreateLogGroup', { logGroupName: GROUP });
    expect(await logs.fail('CreateLogGroup', { logGroupName: GROUP })).toEqual({
      __type: 'ResourceAlreadyExistsException',
      message: 'The specified log group already exists',
      status: 400,
    });
    expect(await logs.fail('CreateLogGroup', { logGroupName: 'with space' })).toMatchObject({
      __type: 'InvalidParameterException',
    });
    expect(await logs.fail('CreateLogGroup', {})).toMatchObject({ __type: 'InvalidParameterException' });
  });

  test('log groups that are gone are gone with their events', async () => {
    logs.store.createLogGroup(GROUP, {});
    logs.store.append(GROUP, 's', [{ timestampMs: NOW_MS, message: 'x' }]);
    await logs.call('DeleteLogGroup', { logGroupName: GROUP });
    expect(logs.store.logGroupExists(GROUP)).toBe(false);
    expect(await logs.fail('DeleteLogGroup', { logGroupName: GROUP })).toMatchObject({
      __type: 'ResourceNotFoundException',
    });
    logs.store.createLogGroup(GROUP, {});
    expect(await logs.call('FilterLogEvents', { logGroupName: GROUP })).toMatchObject({ events: [] });
  });

  test('log groups that do not exist swallow what a function logs', () => {
    logs.store.append('/nowhere', 's', [{ timestampMs: NOW_MS, message: 'x' }]);
    expect(logs.store.logGroupExists('/nowhere')).toBe(false);
  });

  test('log groups take the retentions that AWS knows, and lose them again', async () => {
    logs.store.createLogGroup(GROUP, { retentionInDays: 14 });
    expect(await logs.fail('PutRetentionPolicy', { logGroupName: GROUP, retentionInDays: 8 })).toMatchObject({
      __type: 'InvalidParameterException',
    });
    await logs.call('DeleteRetentionPolicy', { logGroupName: GROUP });
    const { logGroups } = await logs.call('DescribeLogGroups');
    expect((logGroups as Body[])[0]).not.toHaveProperty('retentionInDays');
  });

  test('log groups carry tags', async () => {
    logs.store.createLogGroup(GROUP, { tags: { a: '1' } });
    await logs.call('TagResource', { resourceArn: ARN, tags: { b: '2', a: '3' } });
    expect(await logs.call('ListTagsForResource', { resourceArn: `${ARN}:*` })).toEqual({
      tags: { a: '3', b: '2' },
    });
    await logs.call('UntagResource', { resourceArn: ARN, tagKeys: ['a'] });
    expect(await logs.call('ListTagsLogGroup', { logGroupName: GROUP })).toEqual({ tags: { b: '2' } });
    expect(
      await logs.fail('ListTagsForResource', { resourceArn: 'arn:aws:logs:x:1:log-group:y' }),
    ).toMatchObject({
      __type: 'ResourceNotFoundException',
    });
  });

  test('log groups refuse parameters that would be without effect', async () => {
    expect(await logs.fail('CreateLogGroup', { logGroupName: GROUP, kmsKeyId: 'k' })).toMatchObject({
      __type: 'InvalidParameterException',
      message: 'The local cloud does not support the parameter kmsKeyId here',
    });
  });
});

describe('log streams', () => {
  beforeEach(() => {
    logs.store.createLogGroup(GROUP, {});
  });

  test('log streams are made by hand or by the first event, once', async () => {
    await logs.call('CreateLogStream', { logGroupName: GROUP, logStreamName: 'b' });
    logs.setNow(NOW_MS + 5);
    logs.store.append(GROUP, 'a', [{ timestampMs: NOW_MS + 2, message: 'x' }]);
    logs.setNow(NOW_MS + 9);
    logs.store.append(GROUP, 'a', [{ timestampMs: NOW_MS + 1, message: 'y' }]);
    expect(await logs.fail('CreateLogStream', { logGroupName: GROUP, logStreamName: 'a' })).toMatchObject({
      __type: 'ResourceAlreadyExistsException',
    });
    expect(await logs.call('DescribeLogStreams', { logGroupName: GROUP })).toEqual({
      logStreams: [
        {
          logStreamName: 'a',
          creationTime: NOW_MS + 5,
          firstEventTimestamp: NOW_MS + 1,
          lastEventTimestamp: NOW_MS + 2,
          lastIngestionTime: NOW_MS + 9,
          arn: `${ARN}:log-stream:a`,
          storedBytes: 0,
        },
        { logStreamName: 'b', creationTime: NOW_MS, arn: `${ARN}:log-stream:b`, storedBytes: 0 },
      ],
    });
  });

  test('log streams are listed by name or by their last event, either way, page by page', async () => {
    for (const [name, at] of [
      ['a', 2],
      ['b', 3],
      ['c', 1],
    ] as const) {
      logs.store.append(GROUP, name, [{ timestampMs: at, message: 'x' }]);
    }
    const names = async (input: Body): Promise<string> => {
      const { logStreams } = await logs.call('DescribeLogStreams', { logGroupName: GROUP, ...input });
      return (logStreams as Body[]).map(({ logStreamName }) => logStreamName).join('');
    };
    expect(await names({})).toBe('abc');
    expect(await names({ descending: true })).toBe('cba');
    expect(await names({ orderBy: 'LastEventTime', descending: true })).toBe('bac');
    expect(await names({ logStreamNamePrefix: 'b' })).toBe('b');
    const { nextToken } = await logs.call('DescribeLogStreams', { logGroupName: GROUP, limit: 2 });
    expect(await names({ limit: 2, nextToken })).toBe('c');
    expect(
      await logs.fail('DescribeLogStreams', {
        logGroupIdentifier: GROUP,
        orderBy: 'LastEventTime',
        logStreamNamePrefix: 'b',
      }),
    ).toMatchObject({ __type: 'InvalidParameterException' });
  });
});
