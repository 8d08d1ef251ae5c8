import type { Target } from '../model/target.ts';
import type { SigningKeys } from './wire/request-signer.ts';

/** Hosts of API Gateway and of function URLs name the service and the region that a signature must name. */
const API_HOST = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/i;
const FUNCTION_URL_HOST = /\.lambda-url\.([a-z0-9-]+)\.on\.aws$/i;

/** The AWS service that a signature for this URL names: `lambda` for a function URL, else `execute-api`. */
export function signedService(url: string): string {
  return FUNCTION_URL_HOST.test(new URL(url).hostname) ? 'lambda' : 'execute-api';
}

/** The region that the URL's host names; undefined for a domain of the user's own. */
export function signedRegion(url: string): string | undefined {
  const { hostname } = new URL(url);
  return (FUNCTION_URL_HOST.exec(hostname) ?? API_HOST.exec(hostname))?.[1];
}

/**
 * The keys that sign requests to a URL, from the target's credentials.
 * @returns beside them when the credentials expire, epoch ms; undefined where they don't
 * @throws what the target's credentials throw
 */
export async function signingKeys(
  url: string,
  target: Pick<Target, 'credentials' | 'region'>,
): Promise<{ readonly keys: SigningKeys; readonly expireAtEpochMs: number | undefined }> {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = await target.credentials();
  return {
    keys: {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      region: signedRegion(url) ?? target.region,
      service: signedService(url),
    },
    expireAtEpochMs: expiration?.getTime(),
  };
}
