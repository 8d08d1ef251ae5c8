import { describe, expect, test } from 'vitest';
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
});
