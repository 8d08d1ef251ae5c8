import childProcess, { type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { lookUpBySystem } from '../../../src/load/wire/look-up-name.ts';

describe('a name', () => {
  test('a name of this machine has a loopback address', async () => {
    const found = await lookUpBySystem('localhost', new AbortController().signal);
    expect(found.map(({ address }) => address)).toContain('127.0.0.1');
  });

  test("a name that does not exist fails with the resolver's code", async () => {
    const looking = lookUpBySystem('no such name', new AbortController().signal);
    await expect(looking).rejects.toMatchObject({
      code: expect.stringMatching(/^E(NOTFOUND|AI_AGAIN|NOENT)/),
    });
  });

  test('a name is given up when the signal is aborted', async () => {
    const giveUp = new AbortController();
    const looking = lookUpBySystem('silent.test', giveUp.signal);
    giveUp.abort();
    await expect(looking).rejects.toMatchObject({ name: 'AbortError' });
  });

  describe('a process that can not look it up', () => {
    afterEach(() => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    });
    function spawned(process: object): void {
      vi.spyOn(childProcess, 'spawn').mockReturnValue(process as ChildProcess);
      syncBuiltinESMExports();
    }

    test('a process that can not start, because of a limit of open files, fails the look-up with the code of the system', async () => {
      // Node returns such a process without streams and emits the error in the next tick.
      const process = new EventEmitter();
      spawned(process);
      const looking = lookUpBySystem('name.test', new AbortController().signal);
      setImmediate(() => process.emit('error', Object.assign(new Error('spawn EMFILE'), { code: 'EMFILE' })));
      await expect(looking).rejects.toMatchObject({ code: 'EMFILE' });
    });

    test('a process that ends without an answer is an error of its own', async () => {
      spawned(Object.assign(new EventEmitter(), { stdout: Readable.from([]) }));
      const looking = lookUpBySystem('name.test', new AbortController().signal);
      await expect(looking).rejects.toMatchObject({ code: 'lookup-crashed' });
    });
  });
});
