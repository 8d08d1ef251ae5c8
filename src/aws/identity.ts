import type { Identity } from '../model/target.ts';
import type { AwsClients } from './clients.ts';
import { translateAwsError } from './errors.ts';

/**
 * Returns the account and the caller at the target, from STS GetCallerIdentity. That call needs no permission, so it is
 * the cheapest test of credentials, region, clock and network.
 * @throws ShedbenchError exit 3: `expired-credentials`, `invalid-credentials`, `clock-skew`, `network`,
 *   `tls-not-trusted`, `proxy-denied`, `endpoint-not-found`, `local-cloud-gone`
 */
export async function identify(clients: AwsClients, signal?: AbortSignal): Promise<Identity> {
  try {
    const { GetCallerIdentityCommand } = await import('./sdk/sts.ts');
    const sts = await clients.sts();
    const answer = await sts.send(
      new GetCallerIdentityCommand({}),
      signal === undefined ? {} : { abortSignal: signal },
    );
    return { accountId: answer.Account ?? '', arn: answer.Arn ?? '' };
  } catch (error) {
    throw translateAwsError(error, clients.target);
  }
}
