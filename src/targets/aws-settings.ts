import { usageError } from '../errors.ts';
import { type Profiles, readSharedConfig, type SharedConfig } from './profiles.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The SDK's standard settings for a profile. Flags may override them. */
export interface AwsSettings {
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly shared: SharedConfig;
}

/**
 * The region of the standard settings: `AWS_REGION`, then `AWS_DEFAULT_REGION` (which the AWS CLI reads and the SDK
 * does not), then that of the profile.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html
 */
export function regionOf(
  env: Environment,
  profiles: Profiles,
  profile: string | undefined,
): string | undefined {
  return env.AWS_REGION || env.AWS_DEFAULT_REGION || profiles[profile ?? 'default']?.region;
}

/**
 * The endpoint of the standard settings, without a trailing slash: `AWS_ENDPOINT_URL`, then the profile's
 * `endpoint_url`. Undefined if `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` or the profile's `ignore_configured_endpoint_urls`
 * is true.
 * @throws ShedbenchError `bad-endpoint` (exit 2) if this endpoint, or that of a single service, is not a URL
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function endpointOf(
  env: Environment,
  shared: Pick<SharedConfig, 'profiles' | 'services'>,
  profile: string | undefined,
): string | undefined {
  const section = shared.profiles[profile ?? 'default'];
  const ignore = env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ?? section?.ignore_configured_endpoint_urls;
  if (ignore?.toLowerCase() === 'true') return undefined;
  for (const [name, value] of Object.entries(env)) {
    if (/^AWS_ENDPOINT_URL(_|$)/.test(name) && value) checkEndpoint(name, value);
  }
  if (section?.endpoint_url) checkEndpoint('endpoint_url of the profile', section.endpoint_url);
  for (const [name, value] of Object.entries(shared.services[section?.services ?? ''] ?? {})) {
    if (name.endsWith('.endpoint_url') && value) checkEndpoint(`${name} of the profile's services`, value);
  }
  const endpoint = env.AWS_ENDPOINT_URL || section?.endpoint_url;
  return endpoint?.replace(/\/+$/, '');
}

function checkEndpoint(setting: string, value: string): void {
  if (/^https?:\/\//i.test(value) && URL.canParse(value)) return;
  const guess = `http://${value.replace(/^[a-z]*:?\/+/i, '')}`;
  throw usageError(
    'bad-endpoint',
    `${setting} is not a URL that begins with http:// or https://: ${value}`,
    URL.canParse(guess) ? `Perhaps ${guess}` : 'For example http://127.0.0.1:4566',
  );
}

/**
 * Reads the shared files and the environment. Does not use the network.
 * @throws ShedbenchError `bad-endpoint` (exit 2)
 */
export async function resolveAwsSettings(input: {
  readonly profile: string | undefined;
  readonly env: Environment;
}): Promise<AwsSettings> {
  const { profile, env } = input;
  const shared = await readSharedConfig();
  return {
    region: regionOf(env, shared.profiles, profile),
    endpoint: endpointOf(env, shared, profile),
    shared,
  };
}
