import { proxyAgents } from '../aws/proxy-agents.ts';
import { QuietLogger, silenceNodeVersionWarning } from '../aws/quiet-sdk.ts';
import type { CredentialProvider } from '../model/target.ts';
import { credentialFailure, methodOf, unknownSsoSession } from './credential-failure.ts';
import type { SharedConfig } from './profiles.ts';

export interface CredentialChainOptions {
  /** The profile that a flag or `AWS_PROFILE` names. Undefined if none was named. */
  readonly profile: string | undefined;
  /** The region of the workload. It is used for the STS calls of a profile without a region. */
  readonly region: string;
  readonly shared: SharedConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks the user for the code of an MFA device. Undefined without a terminal. */
  readonly askMfaCode: ((serial: string) => Promise<string>) | undefined;
}

/** Credentials are fetched again this long before they expire. The SDK does the same. */
const REFRESH_BEFORE_MS = 5 * 60_000;

/**
 * The credentials of the standard chain. If the profile configures a source of credentials, only that source is tried,
 * so its own failure is reported instead of "nothing found anywhere". The same applies to a container's environment.
 * Credentials are kept until shortly before they expire, and all clients share them. So a credential process runs once,
 * and the user types one MFA code.
 *
 * The region is passed as that of the calling client. It is no setting of the inner clients, because the SSO portal may
 * be in another region.
 * @throws ShedbenchError as `credentialFailure` returns it, at each call; `bad-profile` (exit 2) at once
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
export async function credentialChain(options: CredentialChainOptions): Promise<CredentialProvider> {
  const { profile, region, shared, env, askMfaCode } = options;
  const name = profile ?? 'default';
  const section = shared.profiles[name];
  const profileNames = Object.keys(shared.profiles);
  const inEnvironment = Boolean(env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY);
  const method = profile === undefined && inEnvironment ? undefined : methodOf(section);
  const session = section?.sso_session;
  if (method === 'sso' && session !== undefined && shared.ssoSessions[session] === undefined) {
    throw unknownSsoSession(name, session, Object.keys(shared.ssoSessions));
  }
  silenceNodeVersionWarning();
  const [{ fromHttp, fromIni, fromNodeProviderChain, memoize }, agents] = await Promise.all([
    import('../aws/sdk/credentials.ts'),
    proxyAgents(env),
  ]);
  // Without a logger, the SDK prints a warning if a profile and static keys are both set.
  const logger = new QuietLogger();
  const handler = agents === undefined ? {} : { requestHandler: await handlerOf(agents) };
  const init = {
    logger,
    ...(profile === undefined ? {} : { profile }),
    ...(askMfaCode === undefined ? {} : { mfaCodeProvider: askMfaCode }),
    clientConfig: { logger, ...handler },
  };
  const provider = () => {
    if (method !== undefined) return fromIni(init);
    return decidesContainer(options, inEnvironment) ? fromHttp(init) : fromNodeProviderChain(init);
  };
  let chain: ReturnType<typeof fromIni> | undefined;
  const failureContext = {
    profile,
    method,
    section: { ...section, ...(session === undefined ? {} : shared.ssoSessions[session]) },
    profileNames,
    env,
  };
  return memoize(
    async () => {
      try {
        // The provider is created here because some providers throw during their creation.
        chain ??= provider();
        return await chain({ callerClientConfig: { region: async () => region, ...handler } });
      } catch (error) {
        throw credentialFailure(error, failureContext);
      }
    },
    ({ expiration }) => expiration !== undefined && expiration.getTime() - Date.now() < REFRESH_BEFORE_MS,
    ({ expiration }) => expiration !== undefined,
  );
}

/** Whether the chain reaches the container's credentials. If so, their failure is the cause to report. */
function decidesContainer({ profile, env }: CredentialChainOptions, inEnvironment: boolean): boolean {
  const container = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || env.AWS_CONTAINER_CREDENTIALS_FULL_URI;
  const webIdentity = env.AWS_WEB_IDENTITY_TOKEN_FILE && env.AWS_ROLE_ARN;
  return Boolean(container) && !webIdentity && (profile !== undefined || !inEnvironment);
}

async function handlerOf(agents: object) {
  const { NodeHttpHandler } = await import('../aws/sdk/http-handler.ts');
  return new NodeHttpHandler({ ...agents, connectionTimeout: 10_000, socketTimeout: 60_000 });
}
