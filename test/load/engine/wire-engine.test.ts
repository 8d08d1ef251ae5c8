import { EventEmitter } from 'node:events';
import type net from 'node:net';
import { expect, test } from 'vitest';
import { createCallCounter } from '../../../src/load/engine/pacer.ts';
import { WireEngine } from '../../../src/load/engine/wire-engine.ts';
import { createLoadPlan } from '../../../src/load/load-plan.ts';
import type { Connector } from '../../../src/load/wire/connector.ts';
import { createRequestSource } from '../../../src/load/wire/request-source.ts';
import type { LoadPlan } from '../../../src/model/run.ts';
import { answer } from '../support/raw-server.ts';

/** As much of a socket as a slot uses; the test plays the event loop and delivers. */
class ScriptedSocket extends EventEmitter {
  readonly remoteAddress = 'scripted';
  readonly destroyed = false;
  readonly onread: net.OnReadOpts;
  readonly write: () => boolean;

  constructor(onread: net.OnReadOpts, sent: () => void) {
    super();
    this.onread = onread;
    this.write = () => {
      sent();
      return true;
    };
  }

  destroy(): void {}

  deliver(text: string): void {
    const { buffer, callback } = this.onread;
    const into = buffer as Buffer;
    callback(into.write(text, 'latin1'), into);
  }
}

function connector(sockets: ScriptedSocket[], sent: (connection: number) => void, isTls = false): Connector {
  return {
    authority: 'scripted.test',
    basePath: '',
    isTls,
    resolveFailure: undefined,
    addressCount: 1,
    resolve: async () => undefined,
    refuse: () => undefined,
    close: () => undefined,
    connect: (onread) => {
      const connection = sockets.length;
      const socket = new ScriptedSocket(onread, () => sent(connection));
      sockets.push(socket);
      setImmediate(() => socket.emit(isTls ? 'secureConnect' : 'connect'));
      return { socket: socket as unknown as net.Socket, address: 'scripted' };
    },
  };
}

test('answers that arrive in one turn of the event loop are all read before the next calls are sent', async () => {
  let clockMs = 0;
  const sent: number[] = [];
  const sentAtMs: number[] = [];
  const sockets: ScriptedSocket[] = [];
  const plan = createLoadPlan({ route: 'dog', calls: 6, parallel: 3 });
  const engine = new WireEngine({
    plan,
    endpoint: connector(sockets, (connection) => {
      sent.push(connection);
      sentAtMs.push(clockMs++);
    }),
    requests: createRequestSource(plan, { basePath: '', authority: 'scripted.test', userAgent: 'test' }),
    counter: createCallCounter(),
    wakeEarlyMs: 0,
    now: () => 0,
    monotonicMs: () => clockMs,
    random: () => 0.5,
  });
  await engine.prepare();
  const over = engine.runPhase({
    kind: 'measure',
    limit: 6,
    durationMs: Number.POSITIVE_INFINITY,
    measuredBeforeMs: 0,
    planLeftMs: Number.POSITIVE_INFINITY,
  });
  expect(sent.toSorted()).toEqual([0, 1, 2]);

  clockMs = 100;
  for (const socket of sockets) socket.deliver(answer(200));
  expect(engine.snapshot().successes).toBe(3);
  expect(sent).toHaveLength(3);

  await new Promise(setImmediate);
  expect(sent.slice(3).toSorted()).toEqual([0, 1, 2]);
  // Each is timed by itself, not by the turn that it shares.
  expect(sentAtMs.slice(3)).toEqual([100, 101, 102]);

  clockMs = 200;
  for (const socket of sockets) socket.deliver(answer(200));
  const {
    data: [data],
  } = await over;
  await engine.finish();
  expect(data?.tallies[0]?.successes).toBe(6);
  expect(data?.tallies[0]?.latencyByStatus[200]).toMatchObject({ count: 6, minMs: 98, maxMs: 100 });
});

/** An engine whose clock stands still. */
function engineOf(plan: LoadPlan, endpoint: Connector): WireEngine {
  return new WireEngine({
    plan,
    endpoint,
    requests: createRequestSource(plan, { basePath: '', authority: 'scripted.test', userAgent: 'test' }),
    counter: createCallCounter(),
    wakeEarlyMs: 0,
    now: () => 0,
    monotonicMs: () => 0,
    random: () => 0.5,
  });
}

/** Starts a load of the dog whose clock stands still. `over` resolves once all calls have ended. */
async function started(endpoint: Connector, calls: number, parallel: number) {
  const plan = createLoadPlan({ route: 'dog', calls, parallel });
  const engine = engineOf(plan, endpoint);
  await engine.prepare();
  const over = engine.runPhase({
    kind: 'measure',
    limit: calls,
    durationMs: Number.POSITIVE_INFINITY,
    measuredBeforeMs: 0,
    planLeftMs: Number.POSITIVE_INFINITY,
  });
  return { engine, over };
}

test.each([
  ['plain', false, 100],
  ['TLS', true, 0],
])(
  'of 150 answers in one turn over %s connections so many are followed by calls within the turn',
  async (_kind, isTls, followed) => {
    let sent = 0;
    const sockets: ScriptedSocket[] = [];
    const { over, engine } = await started(
      connector(sockets, () => sent++, isTls),
      300,
      150,
    );
    expect(sent).toBe(150);

    for (const socket of sockets) socket.deliver(answer(200));
    expect(sent - 150).toBe(followed);

    await new Promise(setImmediate);
    expect(sent).toBe(300);
    for (const socket of sockets) socket.deliver(answer(200));
    await over;
    await engine.finish();
  },
);

test('over TLS a new connection is followed by calls only after the answers of its turn', async () => {
  let sent = 0;
  const sockets: ScriptedSocket[] = [];
  const { over, engine } = await started(
    connector(sockets, () => sent++, true),
    6,
    3,
  );
  sockets[0]?.deliver(answer(200, undefined, 'Connection: close\r\n'));
  await new Promise(setImmediate);
  expect([sockets.length, sent]).toEqual([4, 3]);

  // The new connection opens in the turn that reads the other two answers.
  let sentWhenOpened = Number.NaN;
  sockets[3]?.once('secureConnect', () => {
    sentWhenOpened = sent;
  });
  for (const socket of sockets.slice(1, 3)) socket.deliver(answer(200));
  while (sent < 6) await new Promise(setImmediate);
  expect(sentWhenOpened).toBe(3);
  for (const socket of sockets.slice(1)) socket.deliver(answer(200));
  await over;
  await engine.finish();
});

test('a stop ends the wait for a name server that is silent, and the end of the load ends the lookup', async () => {
  const ends: string[] = [];
  const plan = createLoadPlan({ route: 'dog', calls: 6, parallel: 3 });
  const engine = engineOf(plan, {
    ...connector([], () => undefined),
    resolve: () => new Promise<void>(() => undefined),
    close: () => ends.push('lookup'),
  });
  const prepared = engine.prepare();
  engine.stop();
  await prepared;
  await engine.finish();
  expect(ends).toEqual(['lookup']);
});

test.each([
  [
    'a 408, by which servers end an idle connection,',
    'HTTP/1.1 408 Request Timeout\r\n\r\n',
    'closedByServer',
  ],
  ['any other text', 'late bytes of an answer', 'unsolicited'],
])('%s on a free connection is counted by what it means: %j', async (_what, text, counted) => {
  const sockets: ScriptedSocket[] = [];
  const { over, engine } = await started(
    connector(sockets, () => undefined),
    2,
    2,
  );
  const [first, second] = sockets;
  first?.deliver(answer(200));
  first?.deliver(text);
  second?.deliver(answer(200));
  const {
    data: [data],
  } = await over;
  await engine.finish();
  const none = { opened: 2, failed: 0, closedByServer: 0, unsolicited: 0 };
  expect(data?.connections).toEqual({ ...none, [counted]: 1 });
});
