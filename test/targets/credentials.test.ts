import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ShedbenchError } from '../../src/errors.ts';
import { openTarget } from '../../src/targets/open-target.ts';
import { failureOf } from '../failure-of.ts';

/**
 * Every way in which people get credentials, and every way in which it fails, offline: STS, the SSO portal and the
 * container's credentials are servers of this test.
 */

const HOUR_MS = 3_600_000;
const ROLE = 'arn:aws:iam::123456789012:role/dev';
const SSO_SESSION = `[sso-session corp]
sso_region = us-west-2
sso_start_url = https://corp.awsapps.com/start
sso_registration_scopes = sso:account:access
`;
const SSO_PROFILE = `[profile farm]
region = eu-west-3
sso_session = corp
sso_account_id = 123456789012
sso_role_name = dev
${SSO_SESSION}`;
const LEGACY_SSO_PROFILE = `[profile farm]
region = eu-west-3
sso_region = us-west-2
sso_start_url = https://corp.awsapps.com/start
sso_account_id = 123456789012
sso_role_name = dev
`;

interface Answer {
  readonly status: number;
  readonly body: string;
}

let home: string;
let server: Server;
let connectHosts: string[];
/** The requests that reached the server, as `METHOD path body`. */
let requests: string[];
let authorizations: string[];
let answer: Answer;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'shedbench-test-'));
  requests = [];
  authorizations = [];
  connectHosts = [];
  answer = { status: 500, body: '' };
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      requests.push(`${request.method} ${request.url} ${body}`);
      authorizations.push(request.headers.authorization ?? '');
      response.writeHead(answer.status, errorHeaders(answer)).end(answer.body);
    });
  });
  // As a proxy it takes note of the host and refuses.
  server.on('connect', (request, socket) => {
    connectHosts.push(request.url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Nothing of the person who runs the tests. The SDK reads these from the process itself.
  for (const name of Object.keys(process.env)) {
    if (/^AWS_|_proxy$/i.test(name)) vi.stubEnv(name, undefined);
  }
  vi.stubEnv('HOME', home);
  vi.stubEnv('AWS_CONFIG_FILE', join(home, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'credentials'));
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(home, { recursive: true, force: true });
});

function errorHeaders({ status, body }: Answer): Record<string, string> {
  const code = /"__type":"(\w+)"/.exec(body)?.[1];
  return {
    'content-type': body.startsWith('<') ? 'text/xml' : 'application/json',
    ...(status >= 400 && code !== undefined ? { 'x-amzn-errortype': code } : {}),
  };
}

const endpoint = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

interface Setup {
  readonly config?: string;
  readonly credentials?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly profile?: string;
  readonly askMfaCode?: (serial: string) => Promise<string>;
}

async function open({ config = '', credentials = '', env = {}, profile, askMfaCode }: Setup) {
  writeFileSync(join(home, 'config'), config.replaceAll('HOME', home));
  writeFileSync(join(home, 'credentials'), credentials);
  for (const [name, value] of Object.entries(env)) {
    vi.stubEnv(name, value.replaceAll('HOME', home).replaceAll('SERVER', endpoint()));
  }
  return openTarget(
    { local: false, startLocal: false, region: 'eu-west-3', ...(profile === undefined ? {} : { profile }) },
    { cwd: home, env: { ...process.env }, emit: () => {}, openLocalCloud: async () => undefined, askMfaCode },
  );
}

function failure(setup: Setup): Promise<ShedbenchError> {
  return failureOf(open(setup));
}

function cacheToken(key: string, fields: Record<string, unknown> = {}): void {
  const folder = join(home, '.aws', 'sso', 'cache');
  mkdirSync(folder, { recursive: true });
  const name = createHash('sha1').update(key).digest('hex');
  const expiresAt = new Date(Date.now() + HOUR_MS).toISOString();
  writeFileSync(
    join(folder, `${name}.json`),
    JSON.stringify({ accessToken: 'token', expiresAt, region: 'us-west-2', ...fields }),
  );
}

function assumedRole(operation: string): Answer {
  const expiration = new Date(Date.now() + HOUR_MS).toISOString();
  return {
    status: 200,
    body: `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${operation}Result><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${expiration}</Expiration></Credentials></${operation}Result></${operation}Response>`,
  };
}

function stsError(code: string, message: string): Answer {
  return {
    status: 403,
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  };
}

const roleCredentials = (): Answer => ({
  status: 200,
  body: JSON.stringify({
    roleCredentials: {
      accessKeyId: 'ASIASSO',
      secretAccessKey: 's',
      sessionToken: 't',
      expiration: Date.now() + HOUR_MS,
    },
  }),
});

const SOURCE_KEYS = '[source]\naws_access_key_id = AKIDSOURCE\naws_secret_access_key = s\n';
const ROLE_PROFILE = `[profile farm]\nregion = eu-west-3\nrole_arn = ${ROLE}\nsource_profile = source\n`;
const MFA_PROFILE = `${ROLE_PROFILE}mfa_serial = arn:aws:iam::123456789012:mfa/jo\n`;
const STS = { AWS_ENDPOINT_URL_STS: 'SERVER' };

describe('credentials are had', () => {
  test('credentials come from the environment, before the default profile', async () => {
    const target = await open({
      env: { AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 's' },
      credentials: '[default]\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key = s\n',
    });
    expect(await target.credentials()).toMatchObject({ accessKeyId: 'AKIDENV' });
  });

  test('credentials come from a named profile, before the environment', async () => {
    const target = await open({
      profile: 'source',
      env: { AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 's' },
      credentials: SOURCE_KEYS,
    });
    expect(await target.credentials()).toMatchObject({ accessKeyId: 'AKIDSOURCE' });
  });

  test.each([
    ['an SSO session', SSO_PROFILE, 'corp'],
    ['SSO settings of the profile itself', LEGACY_SSO_PROFILE, 'https://corp.awsapps.com/start'],
  ])('credentials come from %s', async (_, config, key) => {
    cacheToken(key);
    answer = roleCredentials();
    const target = await open({ profile: 'farm', config, env: { AWS_ENDPOINT_URL_SSO: 'SERVER' } });
    expect(await target.credentials()).toMatchObject({ accessKeyId: 'ASIASSO' });
    expect(requests).toEqual(['GET /federation/credentials?account_id=123456789012&role_name=dev ']);
  });

  test.each([
    ['an SSO session', SSO_PROFILE, 'corp'],
    ['SSO settings of the profile itself', LEGACY_SSO_PROFILE, 'https://corp.awsapps.com/start'],
  ])(
    "credentials come from the portal of the region that %s names, whatever the workload's region is",
    async (_, config, key) => {
      cacheToken(key);
      const error = await failure({ profile: 'farm', config, env: { HTTPS_PROXY: 'SERVER' } });
      expect(new Set(connectHosts)).toEqual(new Set(['portal.sso.us-west-2.amazonaws.com:443']));
      expect(error.code).not.toBe('expired-sso');
    },
  );

  test('credentials come from an assumed role, by STS in the region of the profile', async () => {
    answer = assumedRole('AssumeRole');
    const target = await open({
      profile: 'farm',
      config: ROLE_PROFILE.replace('eu-west-3', 'eu-central-1'),
      credentials: SOURCE_KEYS,
      env: STS,
    });
    expect(await target.credentials()).toMatchObject({ accessKeyId: 'ASIAROLE' });
    expect(authorizations[0]).toContain('AKIDSOURCE/');
    expect(authorizations[0]).toContain('/eu-central-1/sts/');
  });

  test("credentials come from an assumed role, by STS in the workload's region where the profile has none", async () => {
    answer = assumedRole('AssumeRole');
    await open({
      profile: 'farm',
      config: ROLE_PROFILE.replace('region = eu-west-3\n', ''),
      credentials: SOURCE_KEYS,
      env: STS,
    });
    expect(authorizations[0]).toContain('/eu-west-3/sts/');
  });

  test('credentials come from a role that wants an MFA code, which is asked for once', async () => {
    answer = assumedRole('AssumeRole');
    const asked: string[] = [];
    const target = await open({
      profile: 'farm',
      config: MFA_PROFILE,
      credentials: SOURCE_KEYS,
      env: STS,
      askMfaCode: async (serial) => {
        asked.push(serial);
        return '123456';
      },
    });
    await Promise.all([target.credentials(), target.credentials()]);
    expect(asked).toEqual(['arn:aws:iam::123456789012:mfa/jo']);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toContain('TokenCode=123456');
  });

  test('credentials come from a web identity token, of the environment and of a profile', async () => {
    writeFileSync(join(home, 'token'), 'jwt');
    answer = assumedRole('AssumeRoleWithWebIdentity');
    const byEnvironment = await open({
      env: { ...STS, AWS_WEB_IDENTITY_TOKEN_FILE: 'HOME/token', AWS_ROLE_ARN: ROLE },
    });
    expect(await byEnvironment.credentials()).toMatchObject({ accessKeyId: 'ASIAROLE' });
    const byProfile = await open({
      profile: 'farm',
      config: `[profile farm]\nrole_arn = ${ROLE}\nweb_identity_token_file = HOME/token\n`,
      env: STS,
    });
    expect(await byProfile.credentials()).toMatchObject({ accessKeyId: 'ASIAROLE' });
  });

  test('credentials come from a credential process, which runs once for all clients', async () => {
    writeFileSync(
      join(home, 'process.mjs'),
      `import { appendFileSync } from 'node:fs';
appendFileSync('${home}/runs', 'x');
console.log(JSON.stringify({ Version: 1, AccessKeyId: 'AKIDPROCESS', SecretAccessKey: 's' }));`,
    );
    const target = await open({
      profile: 'farm',
      config: `[profile farm]\ncredential_process = "${process.execPath}" HOME/process.mjs\n`,
    });
    await target.credentials();
    expect(await target.credentials()).toMatchObject({ accessKeyId: 'AKIDPROCESS' });
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(join(home, 'runs'), 'utf8')).toBe('x');
  });

  test('credentials come from the container', async () => {
    answer = {
      status: 200,
      body: JSON.stringify({
        AccessKeyId: 'ASIACONTAINER',
        SecretAccessKey: 's',
        Token: 't',
        Expiration: new Date(Date.now() + HOUR_MS).toISOString(),
      }),
    };
    const target = await open({ env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'SERVER/creds' } });
    expect(await target.credentials()).toMatchObject({ accessKeyId: 'ASIACONTAINER' });
  });
});

describe('credentials that can not be had name the cause and what to type', () => {
  const named = { profile: 'farm' } as const;

  test.each<[string, Setup, Answer | undefined, string, 2 | 3, RegExp, RegExp]>([
    [
      'with nothing anywhere and the metadata service off',
      { config: '[profile other]\nregion = eu-west-1\n' },
      undefined,
      'no-credentials',
      3,
      /^No AWS credentials found/,
      /--profile NAME.*other.*--local/,
    ],
    [
      'of a profile that does not exist',
      { ...named, config: '[profile meadow]\nregion = eu-west-1\n', credentials: SOURCE_KEYS },
      undefined,
      'unknown-profile',
      2,
      /no profile farm/,
      /meadow, source/,
    ],
    [
      'of a profile without credentials',
      {
        ...named,
        config: '[profile farm]\nregion = eu-west-1\n[profile meadow]\n',
        credentials: SOURCE_KEYS,
      },
      undefined,
      'no-credentials',
      3,
      /^Profile farm has no credentials/,
      /source/,
    ],
    [
      'of an SSO session that nobody logged into',
      { ...named, config: SSO_PROFILE },
      undefined,
      'expired-sso',
      3,
      /^Profile farm has no SSO session yet/,
      /^aws sso login --profile farm$/,
    ],
    [
      'of a profile with SSO settings that nobody logged into',
      { ...named, config: LEGACY_SSO_PROFILE },
      undefined,
      'expired-sso',
      3,
      /^Profile farm has no SSO session yet/,
      /^aws sso login --profile farm$/,
    ],
    [
      'of an sso-session that the config file does not have',
      { ...named, config: SSO_PROFILE.replace('[sso-session corp]', '[sso-session other]') },
      undefined,
      'bad-profile',
      2,
      /names the SSO session corp.*it has other/,
      /aws configure sso-session/,
    ],
    [
      'of an sso-session without a region',
      { ...named, config: SSO_PROFILE.replace('sso_region = us-west-2\n', '') },
      undefined,
      'bad-profile',
      2,
      /sso_region/,
      /aws configure sso --profile farm/,
    ],
    [
      'of a bad source profile',
      { ...named, config: ROLE_PROFILE },
      undefined,
      'no-credentials',
      3,
      /source/,
      /farm/,
    ],
    [
      'of source profiles that name each other',
      {
        ...named,
        config: `${ROLE_PROFILE}[profile source]\nrole_arn = ${ROLE}\nsource_profile = farm\n`,
      },
      undefined,
      'no-credentials',
      3,
      /cycle/,
      /farm/,
    ],
    [
      'of a role that wants an MFA code, without a terminal',
      { ...named, config: MFA_PROFILE, credentials: SOURCE_KEYS },
      undefined,
      'mfa-needed',
      2,
      /mfa\/jo.*no terminal/,
      /aws configure export-credentials --profile farm/,
    ],
    [
      'of a role and a wrong MFA code',
      { ...named, config: MFA_PROFILE, credentials: SOURCE_KEYS, env: STS, askMfaCode: async () => '000000' },
      stsError('AccessDenied', 'MultiFactorAuthentication failed with invalid MFA one time pass code.'),
      'access-denied',
      3,
      /assume arn:aws:iam::123456789012:role\/dev.*invalid MFA one time pass code/,
      /new code/,
    ],
    [
      'of a role that may not be assumed',
      { ...named, config: ROLE_PROFILE, credentials: SOURCE_KEYS, env: STS },
      stsError(
        'AccessDenied',
        `User: arn:aws:iam::123456789012:user/jo is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`,
      ),
      'access-denied',
      3,
      /sts:AssumeRole/,
      /trust policy/,
    ],
    [
      'of a role whose source credentials have expired',
      { ...named, config: ROLE_PROFILE, credentials: SOURCE_KEYS, env: STS },
      stsError('ExpiredToken', 'The security token included in the request is expired'),
      'expired-credentials',
      3,
      /behind profile farm have expired/,
      /same way/,
    ],
    [
      'of a web identity token file that is missing',
      { env: { AWS_WEB_IDENTITY_TOKEN_FILE: 'HOME/none', AWS_ROLE_ARN: ROLE } },
      undefined,
      'no-credentials',
      3,
      /token file can't be read.*none/,
      /AWS_WEB_IDENTITY_TOKEN_FILE/,
    ],
    [
      'of a credential process that fails',
      { ...named, config: '[profile farm]\ncredential_process = echo "no vault here" >&2; exit 3\n' },
      undefined,
      'no-credentials',
      3,
      /credential_process of profile farm.*no vault here/,
      /by hand/,
    ],
    [
      'of a credential process that prints something else',
      { ...named, config: '[profile farm]\ncredential_process = echo hello\n' },
      undefined,
      'no-credentials',
      3,
      /invalid JSON/,
      /by hand/,
    ],
    [
      'of a login session that nobody logged into',
      { ...named, config: '[profile farm]\nlogin_session = arn:aws:iam::123456789012:user/jo\n' },
      undefined,
      'expired-login',
      3,
      /login session of profile farm/,
      /^aws login --profile farm$/,
    ],
    [
      'of a container whose URI is not a URL',
      { env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'creds' } },
      undefined,
      'bad-environment',
      2,
      /AWS_CONTAINER_CREDENTIALS_FULL_URI is not a URL: creds/,
      /--profile NAME/,
    ],
    [
      'of a container whose URI is on another host',
      { env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://example.org/creds' } },
      undefined,
      'no-credentials',
      3,
      /^The environment gives no credentials: URL not accepted/,
      /--local/,
    ],
    [
      'of a credential source that the SDK does not know',
      { ...named, config: `[profile farm]\nrole_arn = ${ROLE}\ncredential_source = Moon\n` },
      undefined,
      'no-credentials',
      3,
      /Moon/,
      /--local/,
    ],
  ])(
    'the error about credentials names the cause and the command to type: %s',
    async (_, setup, answered, code, exitCode, message, hint) => {
      if (answered !== undefined) answer = answered;
      const error = await failure(setup);
      expect({ code: error.code, exitCode: error.exitCode }).toEqual({ code, exitCode });
      expect(error.message).toMatch(message);
      expect(error.message).not.toContain('\n');
      expect(error.hint).toMatch(hint);
    },
  );

  test.each([
    ['an SSO session', SSO_PROFILE, 'corp'],
    ['SSO settings of the profile itself', LEGACY_SSO_PROFILE, 'https://corp.awsapps.com/start'],
  ])(
    'the error about %s that has expired names the cause and the command to type',
    async (_, config, key) => {
      cacheToken(key, { expiresAt: new Date(Date.now() - HOUR_MS).toISOString() });
      const error = await failure({ profile: 'farm', config });
      expect(error).toMatchObject({ code: 'expired-sso', hint: 'aws sso login --profile farm' });
    },
  );

  test.each([
    ['an SSO session', SSO_PROFILE, 'corp'],
    ['SSO settings of the profile itself', LEGACY_SSO_PROFILE, 'https://corp.awsapps.com/start'],
  ])(
    'the error about %s that was revoked names the cause and the command to type',
    async (_, config, key) => {
      cacheToken(key);
      answer = {
        status: 401,
        body: '{"__type":"UnauthorizedException","message":"Session token not found or invalid"}',
      };
      const error = await failure({ profile: 'farm', config, env: { AWS_ENDPOINT_URL_SSO: 'SERVER' } });
      expect(error).toMatchObject({ code: 'expired-sso', hint: 'aws sso login --profile farm' });
      expect(error.message).toContain('revoked');
    },
  );

  test('the error about a role that SSO does not give names the cause and the command to type', async () => {
    cacheToken('corp');
    answer = { status: 403, body: '{"__type":"ForbiddenException","message":"No access"}' };
    const error = await failure({
      profile: 'farm',
      config: SSO_PROFILE,
      env: { AWS_ENDPOINT_URL_SSO: 'SERVER' },
    });
    expect(error).toMatchObject({ code: 'access-denied', exitCode: 3 });
    expect(error.message).toMatch(/the role dev in account 123456789012/);
  });

  test('the error about an SSO portal that can not be reached names the cause and the command to type', async () => {
    cacheToken('corp');
    const error = await failure({
      profile: 'farm',
      config: SSO_PROFILE,
      env: { AWS_ENDPOINT_URL_SSO: 'http://127.0.0.1:9' },
    });
    expect(error).toMatchObject({ code: 'network', exitCode: 3 });
    expect(error.message).toMatch(/^No connection to the SSO portal of us-west-2/);
  });
});

describe('an endpoint that is not a URL is a usage error that names the setting', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 's' };

  test.each<[string, Setup]>([
    ['AWS_ENDPOINT_URL', { env: { ...keys, AWS_ENDPOINT_URL: 'localhost:4566' } }],
    ['AWS_ENDPOINT_URL_S3', { env: { ...keys, AWS_ENDPOINT_URL_S3: 'localhost:4566' } }],
    ['endpoint_url', { config: '[default]\nendpoint_url = localhost:4566\n', env: keys }],
    [
      's3.endpoint_url',
      {
        config:
          '[default]\nservices = emulator\n[services emulator]\ns3 =\n  endpoint_url = localhost:4566\n',
        env: keys,
      },
    ],
  ])('an endpoint that is no URL is a usage error that names the setting: %s', async (setting, setup) => {
    const error = await failure(setup);
    expect(error).toMatchObject({ code: 'bad-endpoint', exitCode: 2, hint: 'Perhaps http://localhost:4566' });
    expect(error.message).toContain(setting);
  });
});
