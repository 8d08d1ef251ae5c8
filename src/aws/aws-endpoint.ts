import type { Target } from '../model/target.ts';

/** The domains that AWS's own endpoints stand under: the commercial and GovCloud partition, China, dual stack. */
const AWS_DOMAINS = ['amazonaws.com', 'amazonaws.com.cn', 'api.aws'] as const;

/** True for a host name of AWS's own (`monitoring.eu-west-3.amazonaws.com`), false for any other and for addresses. */
export function isAwsHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  return AWS_DOMAINS.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

/** True where requests go to something that is not AWS: then S3 uses path style and APIs the `_aws` path form. */
export function hasForeignEndpoint(target: Pick<Target, 'endpoint'>): boolean {
  return target.endpoint !== undefined && !isAwsHost(new URL(target.endpoint).hostname);
}

/** True for an endpoint of this machine: a refused connection there is a process that is gone, not a lost network. */
export function isLoopbackEndpoint(endpoint: string | undefined): boolean {
  if (endpoint === undefined) return false;
  const host = new URL(endpoint).hostname;
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * The base URL of a deployed API, with the stage, without a trailing slash: the stack's own output on AWS, the path
 * form that emulators share (`<endpoint>/_aws/execute-api/<restApiId>/<stage>`) everywhere else.
 */
export function apiBaseUrl(
  target: Pick<Target, 'endpoint'>,
  restApiId: string,
  stage: string,
  apiUrlOutput: string,
): string {
  if (target.endpoint === undefined || !hasForeignEndpoint(target)) return apiUrlOutput.replace(/\/+$/, '');
  return `${target.endpoint.replace(/\/+$/, '')}/_aws/execute-api/${restApiId}/${stage}`;
}
