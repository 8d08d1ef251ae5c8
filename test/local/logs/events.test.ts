import { beforeEach, describe, expect, test } from 'vitest';
import { EventLog } from '../../../src/local/services/logs/event-log.ts';
import { compileFilterPattern } from '../../../src/local/services/logs/filter-pattern.ts';
import { type Body, NOW_MS, type TestLogs, testLogs } from './fixture.ts';

let logs: TestLogs;
const GROUP = '/g';
const STREAM = { logGroupName: GROUP, logStreamName: 's' };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

beforeEach(() => {
  logs = testLogs();
  logs.store.createLogGroup(GROUP, {});
});

function messages(body: Body): string {
  return (body.events as Body[]).map(({ message }) => message).join(' ');
}

function put(...events: (readonly [timestamp: number, message: string])[]): Promise<Body> {
  return logs.call('PutLogEvents', {
    ...STREAM,
    logEvents: events.map(([timestamp, message]) => ({ timestamp, message })),
  });
}

describe('PutLogEvents', () => {
  beforeEach(async () => {
    await logs.call('CreateLogStream', STREAM);
  });

  test('PutLogEvents keeps what it is given, text for text', async () => {
    expect(await put([NOW_MS - 1, 'ein Schäfchen 🐑\t\n'], [NOW_MS, '"'])).toEqual({});
    expect(await logs.call('GetLogEvents', { ...STREAM, startFromHead: true })).toMatchObject({
      events: [
        { timestamp: NOW_MS - 1, message: 'ein Schäfchen 🐑\t\n', ingestionTime: NOW_MS },
        { timestamp: NOW_MS, message: '"', ingestionTime: NOW_MS },
      ],
    });
  });

  test('PutLogEvents rejects events that are too old or too far ahead, and takes the others', async () => {
    expect(await put([NOW_MS - 14 * DAY_MS - 1, 'old'], [NOW_MS - 14 * DAY_MS, 'just young enough'])).toEqual(
      { rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1 } },
    );
    expect(
      await put([NOW_MS + 2 * HOUR_MS, 'just early enough'], [NOW_MS + 2 * HOUR_MS + 1, 'early']),
    ).toEqual({ rejectedLogEventsInfo: { tooNewLogEventStartIndex: 1 } });
    await logs.call('PutRetentionPolicy', { logGroupName: GROUP, retentionInDays: 3 });
    expect(await put([NOW_MS - 3 * DAY_MS - 1, 'expired'])).toEqual({
      rejectedLogEventsInfo: { expiredLogEventEndIndex: 1 },
    });
    expect(messages(await logs.call('FilterLogEvents', { logGroupName: GROUP }))).toBe(
      'just young enough just early enough',
    );
  });

  test.each([
    ['no events', []],
    [
      'events out of order',
      [
        [NOW_MS, 'a'],
        [NOW_MS - 1, 'b'],
      ],
    ],
    [
      'more than a day in a batch',
      [
        [NOW_MS - DAY_MS - 1, 'a'],
        [NOW_MS, 'b'],
      ],
    ],
    ['an empty message', [[NOW_MS, '']]],
    ['more than a megabyte', [[NOW_MS, 'x'.repeat(1_048_576)]]],
  ] as const)('PutLogEvents refuses %s', async (_what, events) => {
    const logEvents = events.map(([timestamp, message]) => ({ timestamp, message }));
    expect(await logs.fail('PutLogEvents', { ...STREAM, logEvents })).toMatchObject({
      __type: 'InvalidParameterException',
    });
  });

  test('PutLogEvents names what does not exist', async () => {
    const logEvents = [{ timestamp: NOW_MS, message: 'x' }];
    expect(await logs.fail('PutLogEvents', { ...STREAM, logGroupName: 'x', logEvents })).toMatchObject({
      __type: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
    });
    expect(await logs.fail('PutLogEvents', { ...STREAM, logStreamName: 'x', logEvents })).toMatchObject({
      __type: 'ResourceNotFoundException',
      message: 'The specified log stream does not exist.',
    });
  });
});

describe('GetLogEvents', () => {
  beforeEach(() => {
    for (const at of [3, 1, 2, 5, 4]) {
      logs.store.append(GROUP, 's', [{ timestampMs: at, message: `m${at}` }]);
      logs.store.append(GROUP, 'other', [{ timestampMs: at, message: `o${at}` }]);
    }
  });

  test('GetLogEvents gives the latest page in order of time, or the first one', async () => {
    expect(messages(await logs.call('GetLogEvents', { ...STREAM, limit: 2 }))).toBe('m4 m5');
    expect(messages(await logs.call('GetLogEvents', { ...STREAM, limit: 2, startFromHead: true }))).toBe(
      'm1 m2',
    );
  });

  test('GetLogEvents takes a range with an inclusive start and an exclusive end', async () => {
    expect(messages(await logs.call('GetLogEvents', { ...STREAM, startTime: 2, endTime: 4 }))).toBe('m2 m3');
  });

  test('GetLogEvents pages forward and back, and returns the same token where nothing is left', async () => {
    const page1 = await logs.call('GetLogEvents', { ...STREAM, limit: 2, startFromHead: true });
    const page2 = await logs.call('GetLogEvents', { ...STREAM, limit: 2, nextToken: page1.nextForwardToken });
    expect(messages(page2)).toBe('m3 m4');
    const page3 = await logs.call('GetLogEvents', { ...STREAM, limit: 2, nextToken: page2.nextForwardToken });
    expect(messages(page3)).toBe('m5');
    const end = await logs.call('GetLogEvents', { ...STREAM, nextToken: page3.nextForwardToken });
    expect(messages(end)).toBe('');
    expect(end.nextForwardToken).toBe(page3.nextForwardToken);
    const back = await logs.call('GetLogEvents', { ...STREAM, limit: 2, nextToken: page3.nextBackwardToken });
    expect(messages(back)).toBe('m3 m4');
  });

  test('a reader who waits at the end gets what comes later, also into an empty stream', async () => {
    await logs.call('CreateLogStream', { logGroupName: GROUP, logStreamName: 'new' });
    const stream = { logGroupName: GROUP, logStreamName: 'new' };
    const empty = await logs.call('GetLogEvents', { ...stream, startFromHead: true });
    logs.store.append(GROUP, 'new', [{ timestampMs: 9, message: 'late' }]);
    const next = await logs.call('GetLogEvents', { ...stream, nextToken: empty.nextForwardToken });
    expect(messages(next)).toBe('late');
    logs.store.append(GROUP, 'new', [{ timestampMs: 9, message: 'later' }]);
    const last = await logs.call('GetLogEvents', { ...stream, nextToken: next.nextForwardToken });
    expect(messages(last)).toBe('later');
  });

  test('GetLogEvents refuses a token that is none', async () => {
    expect(await logs.fail('GetLogEvents', { ...STREAM, nextToken: 'x' })).toMatchObject({
      __type: 'InvalidParameterException',
    });
  });

  test('GetLogEvents ends a page at a megabyte of text', async () => {
    for (let at = 10; at < 13; at += 1) {
      logs.store.append(GROUP, 's', [{ timestampMs: at, message: 'x'.repeat(500_000) }]);
    }
    const page = await logs.call('GetLogEvents', { ...STREAM, startFromHead: true });
    expect((page.events as Body[]).map(({ timestamp }) => timestamp)).toEqual([1, 2, 3, 4, 5, 10, 11]);
  });
});

describe('FilterLogEvents', () => {
  beforeEach(() => {
    logs.store.append(GROUP, 'a', [
      { timestampMs: 2, message: 'ERROR one' },
      { timestampMs: 1, message: 'INFO one' },
    ]);
    logs.store.append(GROUP, 'b', [{ timestampMs: 3, message: 'ERROR two' }]);
  });

  test('FilterLogEvents mixes the streams by time and says where each event came from', async () => {
    const found = await logs.call('FilterLogEvents', { logGroupName: GROUP });
    expect(found).toMatchObject({
      events: [
        { logStreamName: 'a', timestamp: 1, message: 'INFO one' },
        { logStreamName: 'a', timestamp: 2, message: 'ERROR one' },
        { logStreamName: 'b', timestamp: 3, message: 'ERROR two' },
      ],
    });
    expect(found.nextToken).toBeUndefined();
  });

  test('FilterLogEvents filters by pattern, time and stream', async () => {
    const found = async (input: Body): Promise<string> =>
      messages(await logs.call('FilterLogEvents', { logGroupName: GROUP, ...input }));
    expect(await found({ filterPattern: 'ERROR' })).toBe('ERROR one ERROR two');
    expect(await found({ filterPattern: 'ERROR', startTime: 3 })).toBe('ERROR two');
    expect(await found({ filterPattern: 'ERROR', endTime: 2 })).toBe('ERROR one');
    expect(await found({ logStreamNames: ['b'] })).toBe('ERROR two');
    expect(await found({ logStreamNamePrefix: 'a' })).toBe('INFO one ERROR one');
    expect(await logs.fail('FilterLogEvents', { logGroupName: GROUP, logStreamNames: ['c'] })).toMatchObject({
      __type: 'ResourceNotFoundException',
    });
  });

  test('pages of FilterLogEvents include later arrivals', async () => {
    const page = await logs.call('FilterLogEvents', { logGroupName: GROUP, limit: 2 });
    logs.store.append(GROUP, 'a', [{ timestampMs: 2, message: 'in between' }]);
    const next = await logs.call('FilterLogEvents', { logGroupName: GROUP, nextToken: page.nextToken });
    expect(messages(next)).toBe('in between ERROR two');
  });
});

describe('filter patterns', () => {
  test.each([
    ['', 'anything', true],
    ['a b', 'b and a', true],
    ['a b', 'only a', false],
    ['a -b', 'a and b', false],
    ['a -b', 'a alone', true],
    ['?x ?a', 'an a', true],
    ['?x ?y', 'an a', false],
    ['"two words"', 'the two words', true],
    ['"two words"', 'words two', false],
    ['"say \\"a\\""', 'say "a"', true],
    ['ERROR', 'error', false],
    ['%\\d{3}%', 'status 404', true],
    ['%^\\d{3}%', 'status 404', false],
    ['-"not this"', 'not that', true],
  ])('the filter pattern %s fits the message %s: %s', (pattern, message, fits) => {
    expect(compileFilterPattern(pattern)(message)).toBe(fits);
  });

  test.each(['{ $.a = 1 }', '[a, b]', '"open', 'a ?b', '%(%'])(
    'the unsupported filter pattern %s is refused by name',
    (pattern) => {
      expect(() => compileFilterPattern(pattern)).toThrow(/pattern|\?terms/);
    },
  );
});

describe('the event log', () => {
  test('the event log gives back every event across its segments', () => {
    const log = new EventLog();
    const count = 40_000;
    for (let index = 0; index < count; index += 1) log.append(`ä${index}`, index, index + 1, index % 7);
    expect(log.count).toBe(count);
    for (const index of [0, 255, 256, 767, 768, 16_127, 16_128, 24_319, 24_320, count - 1]) {
      expect([
        log.message(index),
        log.timestampMs(index),
        log.ingestionTimeMs(index),
        log.stream(index),
      ]).toEqual([`ä${index}`, index, index + 1, index % 7]);
      expect(log.byteLength(index)).toBe(2 + String(index).length);
    }
    expect(() => log.message(count)).toThrow(RangeError);
    expect(() => log.message(-1)).toThrow(RangeError);
  });

  test('the event log takes messages larger than a segment’s first guess, and empty ones', () => {
    const log = new EventLog();
    const large = 'x'.repeat(300_000);
    for (const message of ['', large, 'after']) log.append(message, 1, 1, 0);
    expect([log.message(0), log.message(1), log.message(2)]).toEqual(['', large, 'after']);
    expect(log.messageBytes).toBe(300_005);
  });
});
