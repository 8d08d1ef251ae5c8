import { hasForeignEndpoint } from '../aws/aws-endpoint.ts';
import { awsError, usageError } from '../errors.ts';
import type { Emit } from '../model/events.ts';
import type { Target } from '../model/target.ts';
import { resolveAwsSettings } from './aws-settings.ts';
import { credentialChain } from './credential-chain.ts';
import { unknownProfile } from './credential-failure.ts';

export interface OpenTargetOptions {
  /** The local cloud instead of AWS. */
  readonly local: boolean;
  readonly region?: string;
  readonly profile?: string;
  /** Whether a local cloud is started if none runs. Otherwise that is an error. */
  readonly startLocal: boolean;
}

export interface OpenTargetDeps {
  /** The folder whose `.shedbench/local.json` describes the local cloud. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly emit: Emit;
  /** Opens the local cloud of a folder. Resolves undefined if none runs and none should be started. */
  readonly openLocalCloud: OpenLocalCloud;
  /** Asks the user for the code of an MFA device. Undefined without a terminal. */
  readonly askMfaCode?: ((serial: string) => Promise<string>) | undefined;
}

/** A running local cloud, as far as a target needs it. */
export interface LocalCloudHandle {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export type OpenLocalCloud = (options: {
  readonly cwd: string;
  readonly start: boolean;
}) => Promise<LocalCloudHandle | undefined>;

/**
 * Opens the target of a command: the local cloud of the folder, or AWS with the SDK's standard settings. These are the
 * flags, the environment and the profile for credentials and region, and `AWS_ENDPOINT_URL` or the profile's
 * `endpoint_url` for the endpoint. `identify` determines the account later.
 *
 * @throws ShedbenchError `no-region`, `bad-region`, `bad-endpoint`, `unknown-profile`, `bad-profile`, `mfa-needed`
 *   (exit 2), `no-local-cloud`, and as `credentialFailure` returns it (exit 3)
 */
export async function openTarget(options: OpenTargetOptions, deps: OpenTargetDeps): Promise<Target> {
  return options.local ? openLocal(options, deps) : openAws(options, deps);
}

async function openLocal(options: OpenTargetOptions, deps: OpenTargetDeps): Promise<Target> {
  const cloud = await deps.openLocalCloud({ cwd: deps.cwd, start: options.startLocal });
  if (cloud === undefined) {
    throw awsError('no-local-cloud', 'No local cloud runs for this folder', 'shedbench deploy --local');
  }
  if (options.region !== undefined && options.region !== cloud.region) {
    throw usageError(
      'bad-region',
      `The local cloud runs in ${cloud.region}, not in ${options.region}`,
      'Leave --region out, or: shedbench local stop, then start it again with --region',
    );
  }
  const { accessKeyId, secretAccessKey } = cloud;
  return {
    kind: 'local',
    region: cloud.region,
    endpoint: cloud.endpoint,
    credentials: async () => ({ accessKeyId, secretAccessKey }),
  };
}

/** The form of a region's name. Any other name would only fail later as an unknown host. */
const REGION_PATTERN = /^[a-z]{2,}(-[a-z]+)+-\d+$/;

async function openAws(options: OpenTargetOptions, deps: OpenTargetDeps): Promise<Target> {
  const profile = options.profile ?? (deps.env.AWS_PROFILE || undefined);
  const settings = await resolveAwsSettings({ profile, env: deps.env });
  const { profiles } = settings.shared;
  if (profile !== undefined && profiles[profile] === undefined) {
    throw unknownProfile(profile, Object.keys(profiles));
  }
  const region = options.region ?? settings.region;
  if (region === undefined) {
    throw usageError(
      'no-region',
      `No AWS region is set${profile === undefined ? '' : ` for profile ${profile}`}`,
      'Name one (--region eu-west-3), set AWS_REGION, or run everything on this machine: --local',
    );
  }
  if (!REGION_PATTERN.test(region)) {
    throw usageError('bad-region', `${region} is not the name of an AWS region`, '--region eu-west-3');
  }
  const endpoint = settings.endpoint;
  const named = {
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
  const credentials = await credentialChain({
    profile,
    region,
    shared: settings.shared,
    env: deps.env,
    askMfaCode: deps.askMfaCode,
  });
  // Credentials are requested here, so that missing or expired ones are reported before any other work.
  await credentials();
  return { kind: hasForeignEndpoint(named) ? 'endpoint' : 'aws', region, ...named, credentials };
}
