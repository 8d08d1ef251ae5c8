import type { Target } from '../model/target.ts';

/** The domains of AWS's own endpoints: the commercial and GovCloud partitions, China, dual stack. */
const AWS_DOMAINS = ['amazonaws.com', 'amazonaws.com.cn', 'api.aws'] as const;

/** Whether a host name is AWS's (`monitoring.eu-west-3.amazonaws.com`). False for other names and for addresses. */
export function isAwsHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  return AWS_DOMAINS.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

/**
 * Whether requests go to an endpoint that is not AWS. S3 then uses the path style, and APIs use the `_aws` path form.
 */
export function hasForeignEndpoint(target: Pick<Target, 'endpoint'>): boolean {
  return target.endpoint !== undefined && !isAwsHost(new URL(target.endpoint).hostname);
}

/** Whether a host name or address, as `URL.hostname` writes it, is this machine. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Whether an endpoint is on this machine. A refused connection there means that the process has ended. */
export function isLoopbackEndpoint(endpoint: string | undefined): boolean {
  return endpoint !== undefined && isLoopbackHost(new URL(endpoint).hostname);
}

/**
 * The base URL of a deployed API, with the stage and without a trailing slash. On AWS it is the stack's own output. On every
 * other endpoint it has the path form that emulators share: `<endpoint>/_aws/execute-api/<restApiId>/<stage>`.
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
