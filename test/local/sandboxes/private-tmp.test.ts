import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NAMESPACE_WAYS, PrivateTmps, viewOf } from '../../../src/local/sandboxes/private-tmp.ts';
import type { InvokeOptions } from '../../../src/local/seams.ts';
import { createGate } from './gate.ts';
import { type Files, payloadOf, startLambda, type TestLambda } from './harness.ts';

const NEEDS = {
  taskRoot: '/srv',
  optDir: undefined,
  bootstrapDir: '/srv',
  interpreterPath: '',
  trustDir: undefined,
};
const isPossible = new PrivateTmps(NAMESPACE_WAYS, () => undefined).create(1, NEEDS) !== undefined;
const WHY_SKIPPED = isPossible ? '' : ' (this system makes no mount namespaces for this user)';

/** Reads, lists and fills `/tmp`. */
const FILES: Files = {
  'index.mjs': `import { closeSync, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
export const handler = async ({ write, fillMB, exit, gate }) => {
  const before = readdirSync('/tmp');
  if (write !== undefined) writeFileSync('/tmp/' + write, 'mine');
  if (exit) process.exit(3);
  if (gate !== undefined) await fetch(gate);
  if (fillMB === undefined) return { before, home: process.env.HOME, tmpdir: process.env.TMPDIR };
  const fd = openSync('/tmp/full', 'w');
  const chunk = Buffer.alloc(1024 * 1024);
  let written = 0;
  try {
    for (; written < fillMB; written += 1) if (writeSync(fd, chunk) < chunk.length) throw { code: 'short' };
    return { written };
  } catch (error) {
    closeSync(fd);
    return { written, code: error.code };
  }
};
`,
};

describe(`the /tmp of an environment${WHY_SKIPPED}`, () => {
  let t: TestLambda;
  let hostFile: string;
  beforeAll(async () => {
    t = await startLambda();
    hostFile = join(mkdtempSync('/tmp/shedbench-host-'), 'file');
    writeFileSync(hostFile, 'of the host');
  });
  afterAll(async () => {
    await t.close();
    rmSync(join(hostFile, '..'), { recursive: true });
  });
  const call = async (name: string, event: object, options?: InvokeOptions): Promise<unknown> =>
    payloadOf(await t.lambda.control.invoke(name, Buffer.from(JSON.stringify(event)), options));

  test.skipIf(!isPossible)(
    'the /tmp of an environment is empty at its start, although that of the host has files',
    async () => {
      await t.create('tmp-empty', FILES);
      expect(readdirSync('/tmp')).not.toEqual([]);
      expect(await call('tmp-empty', {})).toEqual({ before: [], home: '/tmp', tmpdir: '/tmp' });
      expect(t.cloudLog).toEqual([]);
    },
  );

  test.skipIf(!isPossible)(
    'the /tmp of an environment is not visible to other environments or to the host',
    async () => {
      await t.create('tmp-two', FILES);
      await using gate = await createGate();
      const both = Promise.all([
        call('tmp-two', { write: 'shedbench-private', gate: gate.url }),
        call('tmp-two', { write: 'shedbench-private', gate: gate.url }),
      ]);
      await expect.poll(gate.waiting).toBe(2);
      gate.open();
      expect(await both).toEqual([
        expect.objectContaining({ before: [] }),
        expect.objectContaining({ before: [] }),
      ]);
      // A REPORT line is written after the answer.
      const coldStarts = () => t.reports().filter((line) => line.includes('Init Duration')).length;
      await expect.poll(coldStarts).toBeGreaterThanOrEqual(2);
      expect(existsSync('/tmp/shedbench-private')).toBe(false);
    },
  );

  test.skipIf(!isPossible)(
    'the /tmp of an environment keeps its files between calls and after the end of its process',
    async () => {
      await t.create('tmp-kept', FILES);
      await call('tmp-kept', { write: 'first' });
      expect(await call('tmp-kept', {})).toMatchObject({ before: ['first'] });
      expect(await call('tmp-kept', { write: 'second', exit: true })).toMatchObject({
        errorType: 'Runtime.ExitError',
      });
      expect(await call('tmp-kept', {})).toMatchObject({ before: ['first', 'second'] });
    },
  );

  test.skipIf(!isPossible)(
    'the /tmp of an environment holds as much as the ephemeral storage, and then fails with ENOSPC',
    async () => {
      await t.create('tmp-full', FILES, { timeoutSeconds: 60, memorySizeMB: 512 });
      expect(await call('tmp-full', { fillMB: 520 })).toEqual({ written: 512, code: 'ENOSPC' });
    },
    60_000,
  );

  test.skipIf(!isPossible)(
    'the /tmp of an environment is mounted before Init Duration begins',
    async () => {
      const mountBegins = join(hostFile, '..', 'mount-begins');
      const slowly = ['/bin/sh', '-c', 'sleep 1; : > "$0"; exec "$@"', mountBegins];
      const namespaceWays = NAMESPACE_WAYS.map((way) => ({ ...way, enterNew: [...slowly, ...way.enterNew] }));
      const slow = await startLambda({ namespaceWays });
      try {
        await slow.create('tmp-slow', FILES);
        expect(payloadOf(await slow.invoke('tmp-slow'))).toMatchObject({ home: '/tmp' });
        const endedEpochMs = Date.now() + 1;
        const initMs = Number(/Init Duration: ([\d.]+) ms/.exec(slow.reports()[0] ?? '')?.[1]);
        expect(initMs).toBeGreaterThan(0);
        // The init begins after the second of the mount. With that second it would be longer than what came after it.
        expect(initMs).toBeLessThanOrEqual(endedEpochMs - statSync(mountBegins).mtimeMs);
      } finally {
        await slow.close();
      }
    },
    60_000,
  );
});

describe('where no mount namespace can be made', () => {
  test('TMPDIR and HOME are a folder of the environment, and the log says once that /tmp is shared', async () => {
    const t = await startLambda({ namespaceWays: [{ enterNew: ['/no/such/unshare'], namespaces: ['mnt'] }] });
    try {
      await t.create('shared-one', FILES);
      await t.create('shared-two', FILES);
      const answers = [payloadOf(await t.invoke('shared-one')), payloadOf(await t.invoke('shared-two'))];
      const folders = answers.map((answer) => (answer as { home: string; tmpdir: string }).home);
      expect(new Set(folders).size).toBe(2);
      for (const folder of folders)
        expect(folder.startsWith(join(t.dataDir, 'lambda', 'scratch'))).toBe(true);
      expect(t.cloudLog).toEqual([expect.stringContaining('sandboxes share /tmp')]);
    } finally {
      await t.close();
    }
  });
});

describe('the folders that a sandbox needs', () => {
  test('the folders that a sandbox needs stay where they are when they do not lie in /tmp', () => {
    expect(viewOf(['/home/me/code', '/tmpfiles'])).toEqual({ folder: '', binds: [] });
  });

  test('the folders that a sandbox needs are bound outside of /tmp when they lie in it', () => {
    expect(viewOf(['/tmp/a/code', '/usr', '/tmp/a/opt', '/tmp/a/code'])).toEqual({
      folder: '/var/tmp',
      binds: [
        { source: '/tmp/a/code', target: '/var/tmp/1' },
        { source: '/tmp/a/opt', target: '/var/tmp/2' },
      ],
    });
  });

  test('the folders that a sandbox needs are never hidden by the folder of the binds', () => {
    expect(viewOf(['/tmp/code', '/var/tmp/node'])?.folder).toBe('/srv');
    expect(viewOf(['/tmp/code', '/var/tmp/node', '/srv/python'])).toBeUndefined();
  });

  test.skipIf(!isPossible)(
    'the folders that a sandbox needs have a path in the sandbox and one on the host',
    () => {
      const needed = { ...NEEDS, taskRoot: '/tmp/a/code', bootstrapDir: '/usr/lib/shedbench' };
      const made = new PrivateTmps(NAMESPACE_WAYS, () => undefined).create(1, needed);
      expect(made?.sandboxPath('/tmp/a/code/bootstrap')).toBe('/var/tmp/1/bootstrap');
      expect(made?.hostPath('/var/tmp/1/bootstrap')).toBe('/tmp/a/code/bootstrap');
      expect(made?.sandboxPath('/usr/lib/shedbench')).toBe('/usr/lib/shedbench');
    },
  );
});
