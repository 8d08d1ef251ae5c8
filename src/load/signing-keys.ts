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
 * Returns the keys to sign requests to a URL with, from the target's credentials.
 * @returns also when the credentials expire, epoch ms; undefined if they don't
 * @throws the error of the target's credentials
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
