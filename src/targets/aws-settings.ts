import type { CredentialProvider } from '../model/target.ts';

/** What the SDK's standard chain says for a profile, before flags. */
export interface AwsSettings {
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly credentials: CredentialProvider;
}

/** The merged sections of `~/.aws/config` and `~/.aws/credentials`, by profile. */
export type Profiles = Readonly<Record<string, Readonly<Record<string, string | undefined>> | undefined>>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Region of the standard chain: `AWS_REGION`, `AWS_DEFAULT_REGION` (which the AWS CLI knows and the SDK does not), then
 * the profile's.
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
 * Endpoint of the standard chain, without a trailing slash: `AWS_ENDPOINT_URL`, then the profile's `endpoint_url`; none
 * where `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` or the profile's `ignore_configured_endpoint_urls` is true.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function endpointOf(
  env: Environment,
  profiles: Profiles,
  profile: string | undefined,
): string | undefined {
  const section = profiles[profile ?? 'default'];
  const ignore = env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ?? section?.ignore_configured_endpoint_urls;
  if (ignore?.toLowerCase() === 'true') return undefined;
  const endpoint = env.AWS_ENDPOINT_URL || section?.endpoint_url;
  return endpoint?.replace(/\/+$/, '');
}

/** Reads the shared files and prepares the credential chain; touches the network only when credentials are asked for. */
export async function resolveAwsSettings(input: {
  readonly profile: string | undefined;
  readonly env: Environment;
}): Promise<AwsSettings> {
  const { profile, env } = input;
  const profiles = await readProfiles();
  const region = regionOf(env, profiles, profile);
  const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
  // A logger of one's own: without it the SDK warns on the user's screen when a profile stands beside static keys.
  const logger = new QuietLogger();
  const chain = fromNodeProviderChain({
    logger,
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { clientConfig: { region, logger } }),
  });
  return { region, endpoint: endpointOf(env, profiles, profile), credentials: () => chain() };
}

class QuietLogger {
  trace(): void {}
  debug(): void {}
  info(): void {}
  warn(): void {}
  error(): void {}
}

/** The credentials file comes first where both files set a value, as the SDK has it. */
async function readProfiles(): Promise<Profiles> {
  const { loadSharedConfigFiles } = await import('@smithy/core/config');
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const merged: Record<string, Record<string, string | undefined>> = {};
  for (const file of [configFile, credentialsFile]) {
    for (const [name, section] of Object.entries(file)) merged[name] = { ...merged[name], ...section };
  }
  return merged;
}
