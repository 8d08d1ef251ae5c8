import { afterEach, expect, test } from 'vitest';
import { answer, freePort, type RawServer, rawServer } from './support/raw-server.ts';
import { load, testDeps } from './support/run.ts';

let server: RawServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

test('threads never use a tattoo twice and leave none out', async () => {
  const tattoos: string[] = [];
  server = await rawServer(({ socket, head }) => {
    tattoos.push(/sheeps\/(\d+)/.exec(head)?.[1] ?? 'none');
    socket.write(answer(201));
  });
  const { accounting } = await load(server.url, {
    route: 'sheep',
    calls: 200,
    parallel: 8,
    threads: 4,
    startAt: '9007199254740900',
  });
  expect(accounting.successes).toBe(200);
  const expected = Array.from({ length: 200 }, (_, at) => String(9007199254740900n + BigInt(at)));
  expect(tattoos.toSorted()).toEqual(expected.toSorted());
});

test('errors of all threads are added up', async () => {
  const port = await freePort();
  const { accounting, state } = await load(`http://127.0.0.1:${port}`, {
    calls: 40,
    parallel: 6,
    threads: 3,
  });
  expect(state).toBe('complete');
  expect(accounting).toMatchObject({ calls: 40, errors: 40, attemptsByError: { ECONNREFUSED: 40 } });
});

test('the live view is that of all threads together', async () => {
  server = await rawServer(({ socket }) => setTimeout(() => socket.write(answer(200)), 10));
  const deps = testDeps();
  await load(server.url, { duration: '1s', parallel: 4, threads: 2 }, { deps });
  const end = deps.events.at(-1);
  const looks = deps.events.filter((event) => event.type === 'load-progress');
  expect(looks.length).toBeLessThanOrEqual(12);
  // A look between the end of the last call and the end of the load has no percentiles.
  const last = looks.findLast(({ progress }) => progress.p50Ms !== undefined)?.progress;
  expect(last?.successes).toBeGreaterThan(0);
  expect(last?.p50Ms).toBeGreaterThanOrEqual(9);
  expect(end).toMatchObject({ type: 'load-end', progress: { callsDone: server.requests.length } });
});
