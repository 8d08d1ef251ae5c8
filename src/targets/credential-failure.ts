import { shapeOf } from '../aws/error-shape.ts';
import { parseDenial, untrustedCertificate } from '../aws/errors.ts';
import { classifyFailure } from '../aws/failure-kind.ts';
import { awsError, EXIT, ShedbenchError, usageError } from '../errors.ts';
import type { ProfileSection } from './profiles.ts';

/** The facts that explain a failure, besides the SDK's message. */
export interface CredentialContext {
  /** The profile that a flag or the environment names. Undefined for the default profile. */
  readonly profile: string | undefined;
  /** The source of credentials that the profile configures. Undefined if it configures none. */
  readonly method: CredentialMethod | undefined;
  readonly section: ProfileSection | undefined;
  /** The names of all profiles in the shared files. */
  readonly profileNames: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The sources of credentials that a profile can configure. */
export type CredentialMethod = 'role' | 'keys' | 'web-identity' | 'process' | 'sso' | 'login';

/**
 * The source of credentials that a profile configures, in the order in which the SDK looks. Undefined if it configures
 * none.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
export function methodOf(section: ProfileSection | undefined): CredentialMethod | undefined {
  if (section === undefined) return undefined;
  if (section.role_arn !== undefined && (section.source_profile ?? section.credential_source) !== undefined) {
    return 'role';
  }
  if (section.aws_access_key_id !== undefined && section.aws_secret_access_key !== undefined) return 'keys';
  if (section.role_arn !== undefined && section.web_identity_token_file !== undefined) return 'web-identity';
  if (section.credential_process !== undefined) return 'process';
  if (Object.keys(section).some((key) => key.startsWith('sso_'))) return 'sso';
  if (section.login_session !== undefined) return 'login';
  return undefined;
}

/**
 * Describes a failure of the credential chain to the user: one line with the SDK's own cause, and the command to type.
 * Every failure of the chain comes from the user's configuration or the network, so none is a bug of shedbench.
 * @returns a ShedbenchError of exit code 2 for a wrong setting, and of exit code 3 for credentials that are missing,
 * expired or refused
 */
export function credentialFailure(error: unknown, context: CredentialContext): ShedbenchError {
  if (error instanceof ShedbenchError) return error;
  const shape = shapeOf(error);
  // If the SDK wraps an error, it puts the name of the inner error before the text.
  const cause = shape.message.replace(/^(Credentials|Token)ProviderError: /, '');
  const failure: CredentialFailure = { error, cause, code: shape.code, context };
  // The output of a failed command can contain any text, so it is not searched for known causes.
  if (context.method === 'process') return processFailed(failure);
  const kind = classifyFailure(error);
  if (kind === 'tls') {
    return untrustedCertificate({ what: '', where: portalOf(context), shape, error });
  }
  if (kind === 'network') return portalUnreachable(failure);
  if (/multi-factor authentication, but no MFA code/.test(cause)) return mfaNeeded(failure);
  switch (context.method) {
    case 'sso':
      return ssoFailed(failure);
    case 'login':
      return loginFailed(failure);
    default:
      return otherFailure(failure, kind);
  }
}

interface CredentialFailure {
  readonly error: unknown;
  readonly cause: string;
  /** The system's error code (`ENOENT`). Empty if there is none. */
  readonly code: string;
  readonly context: CredentialContext;
}

/** The error for a profile that is not in the shared files (exit 2). */
export function unknownProfile(profile: string, profileNames: readonly string[]): ShedbenchError {
  return usageError(
    'unknown-profile',
    `There is no profile ${profile} in the AWS config and credentials files`,
    `${listOf(profileNames)}; or run on this machine: --local`,
  );
}

/** The error for a profile that names an `[sso-session …]` which is not in the config file (exit 2). */
export function unknownSsoSession(
  profile: string,
  session: string,
  sessionNames: readonly string[],
): ShedbenchError {
  const there = sessionNames.length === 0 ? 'it has none' : `it has ${[...sessionNames].sort().join(', ')}`;
  return usageError(
    'bad-profile',
    `Profile ${profile} names the SSO session ${session}, which the AWS config file does not have (${there})`,
    'aws configure sso-session',
  );
}

function listOf(profileNames: readonly string[]): string {
  if (profileNames.length === 0) return 'There are no profiles yet: aws configure';
  return `Name one of these (--profile NAME): ${[...profileNames].sort().join(', ')}`;
}

/** `profile farm`, or `the default profile`. */
function nameOf({ profile }: CredentialContext): string {
  return profile === undefined ? 'the default profile' : `profile ${profile}`;
}

function flagOf({ profile }: CredentialContext): string {
  return profile === undefined ? '' : ` --profile ${profile}`;
}

function portalOf({ method, section }: CredentialContext): string {
  if (method === 'sso')
    return `the SSO portal${section?.sso_region === undefined ? '' : ` of ${section.sso_region}`}`;
  if (method === 'login') return 'the sign-in service';
  return method === 'role' || method === 'web-identity' ? 'STS' : 'the source of credentials';
}

function portalUnreachable({ error, cause, context }: CredentialFailure): ShedbenchError {
  return awsError(
    'network',
    `No connection to ${portalOf(context)} for the credentials of ${nameOf(context)}: ${cause}`,
    'Check the network and HTTPS_PROXY, then run the same command again: it continues where this one ended',
    error,
  );
}

function processFailed({ error, cause, context }: CredentialFailure): ShedbenchError {
  return awsError(
    'no-credentials',
    `The credential_process of ${nameOf(context)} gives no credentials: ${cause}`,
    'Run the command of credential_process by hand to see why',
    error,
  );
}

function mfaNeeded({ error, context }: CredentialFailure): ShedbenchError {
  return new ShedbenchError({
    code: 'mfa-needed',
    message: `${sentence(nameOf(context))} needs a code of the MFA device ${context.section?.mfa_serial ?? ''}, but there is no terminal on which to ask for it`,
    hint: `Run this command on a terminal, or get the credentials from the AWS CLI: eval "$(aws configure export-credentials${flagOf(context)} --format env)"`,
    exitCode: EXIT.usage,
    cause: error,
  });
}

function ssoFailed({ error, cause, context }: CredentialFailure): ShedbenchError {
  const login = `aws sso login${flagOf(context)}`;
  if (/required propert|Required parameters|Conflicting SSO/.test(cause)) {
    return new ShedbenchError({
      code: 'bad-profile',
      message: `The SSO settings of ${nameOf(context)} are incomplete: ${cause}`,
      hint: `aws configure sso${flagOf(context)}`,
      exitCode: EXIT.usage,
      cause: error,
    });
  }
  if (/^(Error: )?ForbiddenException|No access/.test(cause)) {
    return awsError(
      'access-denied',
      `SSO does not give ${nameOf(context)} the role ${context.section?.sso_role_name ?? ''} in account ${context.section?.sso_account_id ?? ''}: ${cause}`,
      'Ask the administrator of SSO for this role, or correct sso_account_id and sso_role_name',
      error,
    );
  }
  if (/UnauthorizedException|Session token/.test(cause)) {
    return awsError(
      'expired-sso',
      `The SSO session of ${nameOf(context)} was ended or revoked: ${cause}`,
      login,
      error,
    );
  }
  if (/not found or is invalid|associated with this profile is invalid|Value not present/.test(cause)) {
    return awsError('expired-sso', `${sentence(nameOf(context))} has no SSO session yet`, login, error);
  }
  if (/expired/i.test(cause)) {
    return awsError('expired-sso', `The SSO session of ${nameOf(context)} has expired`, login, error);
  }
  return awsError('no-credentials', `SSO gives ${nameOf(context)} no credentials: ${cause}`, login, error);
}

function loginFailed({ error, cause, context }: CredentialFailure): ShedbenchError {
  return awsError(
    'expired-login',
    `The login session of ${nameOf(context)} gives no credentials: ${cause}`,
    `aws login${flagOf(context)}`,
    error,
  );
}

function otherFailure(failure: CredentialFailure, kind: ReturnType<typeof classifyFailure>): ShedbenchError {
  const { error, cause, code, context } = failure;
  const { AWS_CONTAINER_CREDENTIALS_FULL_URI: containerUri } = context.env;
  if (code === 'ERR_INVALID_URL' && containerUri !== undefined) {
    return usageError(
      'bad-environment',
      `AWS_CONTAINER_CREDENTIALS_FULL_URI is not a URL: ${containerUri}`,
      'Correct it, or unset it and name a profile: --profile NAME',
    );
  }
  const tokenFile = context.section?.web_identity_token_file ?? context.env.AWS_WEB_IDENTITY_TOKEN_FILE;
  if (tokenFile !== undefined && /^E[A-Z]+$/.test(code)) {
    return awsError(
      'no-credentials',
      `The web identity token file can't be read: ${cause}`,
      'Correct web_identity_token_file of the profile, or AWS_WEB_IDENTITY_TOKEN_FILE',
      error,
    );
  }
  if (kind === 'expired-credentials') {
    return awsError(
      'expired-credentials',
      `The credentials behind ${nameOf(context)} have expired: ${cause}`,
      'Get new ones in the same way, then run the same command again',
      error,
    );
  }
  if (kind === 'access-denied') return roleRefused(failure);
  if (/Could not load credentials from any providers/.test(cause)) return noCredentials(failure);
  const from = context.method === undefined ? 'The environment' : sentence(nameOf(context));
  return awsError(
    'no-credentials',
    `${from} gives no credentials: ${cause}`,
    `${listOf(context.profileNames)}; or run on this machine: --local`,
    error,
  );
}

function roleRefused({ error, cause, context }: CredentialFailure): ShedbenchError {
  const role =
    context.section?.role_arn ?? context.env.AWS_ROLE_ARN ?? parseDenial(cause)?.resource ?? 'the role';
  const mfa = /MultiFactorAuthentication/.test(cause);
  return awsError(
    'access-denied',
    `STS does not let ${nameOf(context)} assume ${role}: ${cause}`,
    mfa
      ? 'Run it again with a new code; a code works once'
      : "The role's trust policy and the caller's policies must both allow it",
    error,
  );
}

function noCredentials({ error, cause, context }: CredentialFailure): ShedbenchError {
  const without =
    context.profile === undefined
      ? 'No AWS credentials found in the environment, the default profile or the metadata of this machine'
      : `Profile ${context.profile} has no credentials, and the metadata of this machine has none either`;
  const names = context.profileNames.filter((name) => name !== context.profile);
  return awsError(
    'no-credentials',
    context.method === undefined ? without : `${without}: ${cause}`,
    `${listOf(names)}; or log in (aws sso login); or run on this machine: --local`,
    error,
  );
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
