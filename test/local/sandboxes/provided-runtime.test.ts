import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { hasProgram } from '../../at-hand.ts';
import { configuration, type Files, payloadOf, startLambda, type TestLambda, zip } from './harness.ts';

/** A runtime in POSIX shell: one curl process per request of the Runtime API. */
function shell(work: string): Files {
  return {
    bootstrap: {
      mode: 0o755,
      text: `#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while true; do
  headers="$(mktemp)"
  event="$(curl -sS -D "$headers" "$api/invocation/next")" || exit 1
  id="$(tr -d '\\r' < "$headers" | sed -n 's/^Lambda-Runtime-Aws-Request-Id: //p')"
  deadline="$(tr -d '\\r' < "$headers" | sed -n 's/^Lambda-Runtime-Deadline-Ms: //p')"
  ${work}
done
`,
    },
  };
}

const ANSWER = (text: string): string => `curl -sS -o /dev/null -d "${text}" "$api/invocation/$id/response"`;
const PROVIDED = { runtime: 'provided.al2023', handler: 'any' } as const;

describe.skipIf(!hasProgram('curl'))('a provided runtime', () => {
  let t: TestLambda;
  beforeAll(async () => {
    t = await startLambda();
  });
  afterAll(() => t.close());

  test('a provided runtime runs as its own program, cold and warm', async () => {
    // On one core a call waits until the sandbox of the call before it is free, however long curl takes to start.
    const t = await startLambda({ cores: 1 });
    onTestFinished(() => t.close());
    await t.create(
      'shell',
      shell(`echo "got $event"; ${ANSWER('{\\"event\\":$event,\\"deadline\\":$deadline}')}`),
      PROVIDED,
    );
    const beforeMs = Date.now();
    for (const i of [0, 1, 2]) {
      const outcome = await t.invoke('shell', { i });
      const payload = payloadOf(outcome) as { event: unknown; deadline: number };
      expect(payload.event).toEqual({ i });
      expect(payload.deadline).toBeGreaterThanOrEqual(beforeMs + 10_000);
      expect(payload.deadline).toBeLessThanOrEqual(Date.now() + 10_000);
    }
    expect(t.messages().filter((line) => line.startsWith('INIT_START'))).toEqual([
      'INIT_START Runtime Version: provided:al2023\tRuntime Version ARN: arn:aws:lambda:eu-west-3::runtime:provided:al2023\n',
    ]);
    expect(t.messages().filter((line) => line.startsWith('got '))).toEqual([
      'got {"i":0}\n',
      'got {"i":1}\n',
      'got {"i":2}\n',
    ]);
    expect(t.reports().filter((line) => line.includes('Init Duration'))).toHaveLength(1);
    // No interpreter of this machine stands behind it.
    expect(t.lambda.interpreters()).toEqual([]);
  });

  test('a provided runtime fails a call through the error path', async () => {
    await t.create(
      'shell-error',
      shell(
        `curl -sS -o /dev/null -H 'Lambda-Runtime-Function-Error-Type: Shell.Failed' -d '{"errorMessage":"no","errorType":"Shell.Failed","stackTrace":[]}' "$api/invocation/$id/error"`,
      ),
      PROVIDED,
    );
    const outcome = await t.invoke('shell-error');
    expect(outcome).toMatchObject({ kind: 'function-error', errorType: 'Shell.Failed' });
    expect(payloadOf(outcome)).toEqual({ errorMessage: 'no', errorType: 'Shell.Failed', stackTrace: [] });
  });

  test('a call waits only briefly for a provided runtime that works after its answer, and gets another sandbox', async () => {
    // If the second call waited for the first sandbox, this test would exceed its time limit. Both sandboxes keep a core.
    const t = await startLambda({ cores: 2 });
    onTestFinished(() => t.close());
    await t.create('shell-lingers', shell(`${ANSWER('1')}; sleep 60`), { ...PROVIDED, timeoutSeconds: 60 });
    await t.invoke('shell-lingers');
    await t.invoke('shell-lingers');
    const streams = [...t.streams.keys()].filter((key) => key.startsWith('/aws/lambda/shell-lingers '));
    expect(streams).toHaveLength(2);
  });

  test('a provided runtime that never asks for more is ended at its deadline', async () => {
    await t.create('shell-stops', shell(`${ANSWER('1')}; sleep 60`), { ...PROVIDED, timeoutSeconds: 1 });
    const outcome = await t.invoke('shell-stops');
    expect(outcome.kind).toBe('ok');
    if (outcome.kind !== 'ok') return;
    await expect
      .poll(
        () =>
          t
            .messages()
            .some((line) => line.includes(`${outcome.requestId} Task timed out after 1.00 seconds`)),
        {
          timeout: 5000,
        },
      )
      .toBe(true);
    expect((await t.invoke('shell-stops')).kind).toBe('ok');
  });

  test('a provided runtime may answer chunked, as a stream', async () => {
    await t.create(
      'shell-chunked',
      shell(
        `printf '{"streamed":%s}' "$event" | curl -sS -o /dev/null -H 'Transfer-Encoding: chunked' -H 'Lambda-Runtime-Function-Response-Mode: streaming' --data-binary @- "$api/invocation/$id/response"`,
      ),
      PROVIDED,
    );
    expect(payloadOf(await t.invoke('shell-chunked', [1]))).toEqual({ streamed: [1] });
  });

  test('a provided runtime cannot answer twice, nor for another request', async () => {
    await t.create(
      'shell-twice',
      shell(`
wrong="$(curl -sS -w ' %{http_code}' -d '1' "$api/invocation/00000000-0000-0000-0000-000000000000/response")"
first="$(curl -sS -w ' %{http_code}' -d '"first"' "$api/invocation/$id/response")"
second="$(curl -sS -w ' %{http_code}' -d '"second"' "$api/invocation/$id/response")"
echo "wrong $wrong"; echo "first $first" ; echo "second $second"`),
      PROVIDED,
    );
    expect(payloadOf(await t.invoke('shell-twice'))).toBe('first');
    await expect
      .poll(async () => {
        await t.invoke('shell-twice');
        return t
          .messages()
          .filter((line) => /^(wrong|first|second) |^ \d{3}\n$/.test(line))
          .join('');
      })
      .toContain(
        'wrong {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"} 400\nfirst {"status":"OK"}\n 202\nsecond {"errorMessage":"Transition from answered to answered is not allowed","errorType":"InvalidStateTransition"} 403\n',
      );
  });

  test('a provided runtime leaves no child behind when it is ended', async () => {
    await t.create('shell-children', shell(`sleep 300 & echo "child $!"; sleep 300`), {
      ...PROVIDED,
      timeoutSeconds: 1,
    });
    expect((await t.invoke('shell-children')).kind).toBe('function-error');
    const line = t.messages().find((message) => message.startsWith('child '));
    const pid = Number(line?.slice('child '.length));
    expect(pid).toBeGreaterThan(1);
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test('a provided runtime without a bootstrap fails each call', async () => {
    await t.create('no-bootstrap', { 'main.sh': '#!/bin/sh\n' }, PROVIDED);
    const outcome = await t.invoke('no-bootstrap');
    if (outcome.kind !== 'function-error') throw new Error(outcome.kind);
    expect(payloadOf(outcome)).toEqual({
      errorType: 'Runtime.InvalidEntrypoint',
      errorMessage: `RequestId: ${outcome.requestId} Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]`,
    });
  });

  test.each([
    [
      'without permission to run',
      { bootstrap: { mode: 0o644, text: '#!/bin/sh\nexit 0\n' } },
      'permission denied',
    ],
    [
      'with an interpreter that is not there',
      { bootstrap: { mode: 0o755, text: '#!/no/such/sh\n' } },
      'no such file or directory',
    ],
    [
      'that is no program',
      { bootstrap: { mode: 0o755, text: 'echo hello to all of you' } },
      'exec format error',
    ],
  ])('a bootstrap %s fails each call', async (name, files, reason) => {
    await t.create(name.replaceAll(' ', '-'), files, PROVIDED);
    const outcome = await t.invoke(name.replaceAll(' ', '-'));
    expect(payloadOf(outcome)).toMatchObject({
      errorType: 'Runtime.InvalidEntrypoint',
      errorMessage: expect.stringContaining(`fork/exec /var/task/bootstrap: ${reason}`),
    });
  });

  test('a provided runtime that was built for another processor is refused', async () => {
    const head = Buffer.alloc(64);
    head.write('\x7fELF\x02\x01', 0, 'latin1');
    const other = process.arch === 'arm64' ? 'x86_64' : 'arm64';
    head.writeUInt16LE(other === 'arm64' ? 183 : 62, 18);
    const code = { zip: await zip({ bootstrap: { mode: 0o755, text: head } }) };
    await expect(
      t.lambda.control.createFunction(configuration('foreign', { ...PROVIDED, architecture: other }), code),
    ).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message: expect.stringContaining(`foreign: bootstrap is built for ${other}, but this machine is `),
    });
    expect(t.lambda.control.functionExists('foreign')).toBe(false);
  });
});

/** Whether it runs; one that ended counts as gone even before its parent has looked. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}
