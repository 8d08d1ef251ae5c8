import type { AwsClients } from './clients.ts';

/**
 * The difference of this machine's clock from that of AWS, ms, computed from the Date header of one answer of STS. Its
 * error is about a second. Negative if this clock is behind. Undefined if the answer has no date.
 *
 * @throws what the SDK throws
 */
export async function serverClockOffsetMs(
  clients: AwsClients,
  now: () => number,
): Promise<number | undefined> {
  const { GetCallerIdentityCommand } = await import('./sdk/sts.ts');
  const sts = await clients.sts();
  const command = new GetCallerIdentityCommand({});
  let date: string | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = dateOf(result.response);
      return result;
    },
    { step: 'deserialize', name: 'shedbenchClock' },
  );
  const sentMs = now();
  await sts.send(command);
  const middleMs = (sentMs + now()) / 2;
  const serverMs = date === undefined ? Number.NaN : Date.parse(date);
  // The header omits the fraction of the second, on average half a second.
  return Number.isNaN(serverMs) ? undefined : middleMs - (serverMs + 500);
}

function dateOf(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const { headers } = response;
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return undefined;
  return typeof headers.date === 'string' ? headers.date : undefined;
}
