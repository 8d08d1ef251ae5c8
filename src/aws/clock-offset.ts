import type { AwsClients } from './clients.ts';

/**
 * How far this machine's clock is before that of AWS, ms, by the Date header of one answer of STS: exact to about a
 * second. Negative where it is behind; undefined where the answer has no date.
 *
 * @throws what the SDK throws
 */
export async function serverClockOffsetMs(
  clients: AwsClients,
  now: () => number,
): Promise<number | undefined> {
  const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
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
  // The header leaves the fraction of the second out: on average half of one.
  return Number.isNaN(serverMs) ? undefined : middleMs - (serverMs + 500);
}

function dateOf(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const { headers } = response;
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return undefined;
  return typeof headers.date === 'string' ? headers.date : undefined;
}
