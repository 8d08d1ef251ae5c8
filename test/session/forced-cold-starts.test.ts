import { describe, expect, test } from 'vitest';
import type { AwsClients } from '../../src/aws/clients.ts';
import type { ProgressEvent } from '../../src/model/events.ts';
import { startsAtOnce } from '../../src/session/forced-cold-starts.ts';

/** An account with a limit of concurrent executions; undefined: the question is denied. */
function account(unreserved: number | undefined): { readonly clients: AwsClients } {
  const send = async () => {
    if (unreserved === undefined) throw new Error('denied');
    return { AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: unreserved } };
  };
  return { clients: { lambda: async () => ({ send }) } as unknown as AwsClients };
}

async function atOnce(asked: number, unreserved: number | undefined, cores?: number) {
  const events: ProgressEvent[] = [];
  const cloud = cores === undefined ? undefined : { startsAtOnce: cores };
  const count = await startsAtOnce(asked, account(unreserved), cloud, {
    emit: (event) => events.push(event),
  });
  return { count, notes: events.flatMap((event) => (event.type === 'note' ? [event.message] : [])) };
}

describe('how many cold starts of a function happen at once', () => {
  test('all cold starts happen at once where the account allows it', async () => {
    expect(await atOnce(30, 900)).toEqual({ count: 30, notes: [] });
  });

  test('as many cold starts happen at once as the account leaves unreserved, and the number of waves is told', async () => {
    expect(await atOnce(30, 8)).toEqual({
      count: 8,
      notes: ['This account runs 8 calls at once, so 30 cold starts of a function take 4 waves.'],
    });
  });

  test('as many cold starts happen at once as a new account may have if the limit can not be read', async () => {
    expect((await atOnce(30, undefined)).count).toBe(10);
  });

  test('an account without free concurrency gets one cold start at a time', async () => {
    expect((await atOnce(3, 0)).count).toBe(1);
  });

  test('the local cloud gets as many cold starts at once as the machine has cores', async () => {
    expect(await atOnce(30, 900, 2)).toEqual({ count: 2, notes: [] });
  });
});
