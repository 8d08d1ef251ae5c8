import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openTerminal } from '../src/terminal.ts';

/** A stream that takes nothing, with the error that the system gives. */
const failing = (code: string): Writable =>
  new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code, syscall: 'write' })),
  });

function working(): Writable & { text: string } {
  const stream = Object.assign(
    new Writable({
      write: (chunk, _encoding, done) => {
        stream.text += String(chunk);
        done();
      },
    }),
    { text: '' },
  );
  return stream;
}

const open = (stdout: Writable, stderr: Writable) =>
  openTerminal({ stdout, stderr, env: {} } as unknown as NodeJS.Process);

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a stream that takes nothing any more', () => {
  it.each(['EPIPE', 'EIO', 'ENOSPC'])(
    'as stderr (%s) ends what is told, and neither the work nor its result',
    async (code) => {
      const stdout = working();
      const terminal = open(stdout, failing(code));
      terminal.writeError('progress');
      await settled();
      terminal.writeError('more');
      terminal.writeOut('the result');
      expect(await terminal.close()).toBeUndefined();
      expect(stdout.text).toBe('the result');
      expect(terminal.outGone.aborted).toBe(false);
    },
  );

  it.each(['EPIPE', 'EIO'])('as stdout since nobody reads it (%s) is no failure', async (code) => {
    const terminal = open(failing(code), working());
    terminal.writeOut('the result');
    await settled();
    expect(terminal.outGone.aborted).toBe(true);
    expect(await terminal.close()).toBeUndefined();
  });

  it('as stdout on a full disk is told, since the result is lost', async () => {
    const terminal = open(failing('ENOSPC'), working());
    terminal.writeOut('the result');
    expect(await terminal.close()).toMatchObject({ code: 'ENOSPC' });
  });
});
