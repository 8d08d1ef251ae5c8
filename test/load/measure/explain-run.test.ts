import { describe, expect, test } from 'vitest';
import { createLoadPlan } from '../../../src/load/load-plan.ts';
import { explainRun } from '../../../src/load/measure/explain-run.ts';
import type { Accounting } from '../../../src/model/run.ts';

const plan = createLoadPlan({ route: 'dog', rate: '1000', duration: '1s', parallel: 50 });
const accounting: Accounting = {
  calls: 300,
  successes: 300,
  unexpected: 0,
  errors: 0,
  attempts: 300,
  retries: 0,
  notSent: 700,
  sentLate: 250,
  attemptsByStatus: { 200: 300 },
  attemptsByError: {},
  throttled: { apiGateway: 0, lambda: 0 },
  reachedLambda: { min: 300, max: 300 },
};

function explain(overrides: Partial<Parameters<typeof explainRun>[0]>) {
  return explainRun({
    plan,
    accounting,
    lateForConnections: overrides.accounting?.sentLate ?? accounting.sentLate,
    where: 'shed:80',
    isLambda: true,
    gaveUp: undefined,
    numbersExhausted: false,
    samples: [],
    connectErrors: {},
    connections: { opened: 50, failed: 0, closedByServer: 0, unsolicited: 0 },
    connectionsAllowed: overrides.plan?.parallel ?? 50,
    callFileTrouble: undefined,
    refusedPauseMs: 0,
    stoodStillMs: 0,
    clockStepMs: 0,
    warmupTimeouts: 0,
    stoppedBy: undefined,
    fleet: undefined,
    meanServiceMs: 1001,
    ...overrides,
  });
}

const opened = (count: number) => ({ opened: count, failed: 0, closedByServer: 0, unsolicited: 0 });

describe('calls that were not sent', () => {
  test('the warning about calls that were not sent says how many connections the rate needs', () => {
    expect(explain({})).toEqual([
      {
        code: 'not-sent',
        message: '700 planned calls were not sent: all 50 connections were in use.',
        hint: '-p 1252 allows more connections. 1,000/s at 1,001 ms a call keep 1,001 busy.',
      },
    ]);
  });

  test('the hint for calls that were not sent names at most the connections of one machine, then a lower rate', () => {
    expect(explain({ meanServiceMs: 20_000 })).toMatchObject([
      { hint: expect.stringMatching(/^-p 10000 allows/) },
    ]);
    expect(explain({ plan: { ...plan, parallel: 10_000 }, meanServiceMs: 20_000 })).toMatchObject([
      { hint: expect.stringMatching(/^A lower --rate: .* 1,000\/s at 20,000 ms a call keep 20,000 busy\.$/) },
    ]);
  });

  test('the hint for calls that were not sent names twice as many connections if there were enough on average', () => {
    expect(explain({ meanServiceMs: 2 })).toMatchObject([{ hint: '-p 100 allows more connections.' }]);
  });

  test('a warning says when many calls were sent late because every connection was in use', () => {
    const late = { ...accounting, notSent: 0, sentLate: 150 };
    expect(explain({ accounting: late, meanServiceMs: 100 })).toEqual([
      {
        code: 'sent-late',
        message:
          '50 % of the calls were sent late, because all 50 connections were in use. The rate was lower than planned, and the latencies include the wait.',
        hint: '-p 125 allows more connections. 1,000/s at 100 ms a call keep 100 busy.',
      },
    ]);
    expect(explain({ accounting: { ...late, sentLate: 15 }, meanServiceMs: 100 })).toEqual([]);
    expect(explain({ accounting: late, lateForConnections: 15, meanServiceMs: 100 })).toEqual([]);
    expect(explain({ accounting: late, meanServiceMs: 100, connections: opened(20) })).toEqual([]);
  });

  test('the warning about a limit of open files says that connections carried all calls only if they did', () => {
    const refused = {
      connectionsAllowed: 18,
      connectErrors: { EMFILE: 82, ERR_SSL_WRONG_VERSION_NUMBER: 5 },
    };
    const failed = {
      ...accounting,
      notSent: 0,
      sentLate: 0,
      attemptsByError: { ERR_SSL_WRONG_VERSION_NUMBER: 5 },
    };
    const limit = (run: Partial<Parameters<typeof explainRun>[0]>) =>
      explain(run).find(({ code }) => code === 'open-files');
    expect(limit({ ...refused, accounting: failed, connections: opened(0) })).toMatchObject({
      message: expect.stringMatching(/: 18 of 50 connections could be open at once\.$/),
      hint: 'ulimit -n 65536 before the load, or -p 18',
    });
    const answered = { ...failed, attemptsByError: {} };
    expect(limit({ ...refused, accounting: answered })?.message).toMatch(
      / at once, and carried all calls\.$/,
    );
  });

  test('a limit of open files that allows no connection has no -p as its remedy', () => {
    const none = { connectionsAllowed: 1, connectErrors: { EMFILE: 50 }, connections: opened(0) };
    const failed = { ...accounting, notSent: 0, sentLate: 0, attemptsByError: { EMFILE: 300 } };
    expect(explain({ ...none, accounting: failed })).toEqual([
      {
        code: 'open-files',
        message: expect.stringMatching(/\(ulimit -n\): no connection could be opened\.$/),
        hint: 'ulimit -n 65536 before the load',
      },
    ]);
    expect(explain({ ...none, accounting: failed, connections: opened(3) })).toMatchObject([
      {
        message: expect.stringMatching(
          /: 1 of 50 connections could be open at once; 300 attempts had none\.$/,
        ),
      },
    ]);
    const ofAll = { ...none, connectErrors: { ENFILE: 50 } };
    expect(explain({ ...ofAll, accounting: { ...failed, attemptsByError: { ENFILE: 300 } } })).toEqual([
      {
        code: 'open-files',
        message:
          'All programs of this machine together have as many files open as it allows: no connection could be opened.',
        hint: 'a larger fs.file-max of this machine',
      },
    ]);
  });

  test('late calls after a standstill of the load generator are not blamed on the connections', () => {
    const late = { accounting: { ...accounting, calls: 300, notSent: 0, sentLate: 250 } };
    expect(explain(late).map(({ code }) => code)).toEqual(['sent-late']);
    expect(explain({ ...late, stoodStillMs: 3000 }).map(({ code }) => code)).toEqual(['stood-still']);
  });

  test('a clock that is ahead of the monotonic one was set forward, or the machine slept', () => {
    expect(
      explain({ accounting: { ...accounting, notSent: 0, sentLate: 0 }, clockStepMs: 60_000 }),
    ).toMatchObject([
      {
        code: 'clock-set',
        message: expect.stringContaining('set forward by 60.0 s during the load, or the machine slept.'),
      },
    ]);
  });

  test('no warning speaks of connections in use where none was ever open', () => {
    const nothing = { ...accounting, calls: 0, successes: 0, attempts: 0, notSent: 1, attemptsByStatus: {} };
    expect(
      explain({
        accounting: nothing,
        connections: opened(0),
        meanServiceMs: 0,
        connectErrors: { 'connect-timeout': 2 },
      }),
    ).toEqual([
      {
        code: 'connect-connect-timeout',
        message: '2 connections to shed:80 could not be opened (connect-timeout).',
        hint: 'A firewall may drop them, or the server may be overloaded: check the address, or take a smaller -p.',
      },
      { code: 'not-sent', message: '1 planned call was not sent: no connection was ever open.' },
    ]);
  });
});

describe('sheep that are there already', () => {
  const plan = createLoadPlan({ route: 'sheep', calls: 100, warmup: '10', startAt: '5', parallel: 50 });
  const refused = { status: 400, body: '{"message":"Sheep already in the shed: 7"}', count: 60 };

  test('sheep that are there already are told with the two ways to other tattoos', () => {
    const warnings = explain({ plan, samples: [refused] });
    expect(warnings.find(({ code }) => code === 'sheep-already-there')).toEqual({
      code: 'sheep-already-there',
      message:
        '60 sheep were refused: sheep with these tattoos are in the shed already, as after an earlier load.',
      hint: 'shedbench reset empties the shed; -s 1000001 takes other tattoos',
    });
  });

  test('sheep that are there already are not suspected behind another refusal', () => {
    const other = { ...refused, body: '{"message":"tattoo: not a number"}' };
    expect(explain({ plan, samples: [other] }).map(({ code }) => code)).not.toContain('sheep-already-there');
  });
});
