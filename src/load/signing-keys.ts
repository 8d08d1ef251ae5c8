import type { CommandDeps } from '../model/command.ts';
import type { Target } from '../model/target.ts';
import type { SigningKeys } from './wire/request-signer.ts';

/** The hosts of API Gateway and of function URLs contain the service and the region that a signature must name. */
const API_HOST = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/i;
const FUNCTION_URL_HOST = /\.lambda-url\.([a-z0-9-]+)\.on\.aws$/i;

/** The AWS service to sign for: `lambda` for a function URL, otherwise `execute-api`. */
export function signedService(url: string): string {
  return FUNCTION_URL_HOST.test(new URL(url).hostname) ? 'lambda' : 'execute-api';
}

/** The region in the URL's host. Undefined for a domain of the user's own. */
export function signedRegion(url: string): string | undefined {
  const { hostname } = new URL(url);
  return (FUNCTION_URL_HOST.exec(hostname) ?? API_HOST.exec(hostname))?.[1];
}

/**
 * Returns the keys to sign requests with, from the target's credentials. Warns if they expire before the load ends.
 * @param service the AWS service that the signature names
 * @param durationMs how long the load takes at least, ms
 * @throws the error of the target's credentials
 */
export async function expiringKeys(
  service: string,
  region: string,
  target: Pick<Target, 'credentials'>,
  durationMs: number,
  deps: Pick<CommandDeps, 'now' | 'emit'>,
): Promise<SigningKeys> {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = await target.credentials();
  const expireAtEpochMs = expiration?.getTime();
  if (expireAtEpochMs !== undefined && expireAtEpochMs <= deps.now() + durationMs) {
    deps.emit({
      type: 'warning',
      code: 'credentials-expire',
      message: `The credentials that sign the requests expire at ${new Date(expireAtEpochMs).toISOString()}, before the load ends.`,
      hint: 'Renew them first, or take a shorter --duration',
    });
  }
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    region,
    service,
  };
}
