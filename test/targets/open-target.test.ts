import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { endpointOf, regionOf } from '../../src/targets/aws-settings.ts';
import { type OpenTargetDeps, type OpenTargetOptions, openTarget } from '../../src/targets/open-target.ts';
import { failureOf } from '../failure-of.ts';

const PROFILES = {
  default: { region: 'eu-west-1' },
  farm: { region: 'eu-west-3', endpoint_url: 'http://farm:4566/' },
  quiet: { endpoint_url: 'http://farm:4566', ignore_configured_endpoint_urls: 'true' },
};

describe('the region of the standard chain', () => {
  test.each([
    ['AWS_REGION', { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-2' }, 'farm', 'us-east-1'],
    ['AWS_DEFAULT_REGION', { AWS_DEFAULT_REGION: 'us-east-2' }, 'farm', 'us-east-2'],
    ['the profile', {}, 'farm', 'eu-west-3'],
    ['the default profile', {}, undefined, 'eu-west-1'],
    ['nowhere', { AWS_REGION: '' }, 'nobody', undefined],
  ])('the region of the standard chain comes from %s', (_, env, profile, expected) => {
    expect(regionOf(env, PROFILES, profile)).toBe(expected);
  });
});

describe('the endpoint of the standard chain', () => {
  test.each([
    ['AWS_ENDPOINT_URL', { AWS_ENDPOINT_URL: 'http://moto:5000/' }, 'farm', 'http://moto:5000'],
    ['the profile', {}, 'farm', 'http://farm:4566'],
    ['nowhere', {}, undefined, undefined],
    ['nowhere when the profile ignores it', {}, 'quiet', undefined],
    [
      'nowhere when the environment ignores it',
      { AWS_ENDPOINT_URL: 'http://moto:5000', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
      'farm',
      undefined,
    ],
  ])('the endpoint of the standard chain comes from %s', (_, env, profile, expected) => {
    expect(endpointOf(env, { profiles: PROFILES, services: {} }, profile)).toBe(expected);
  });
});

describe('opening a target', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'shedbench-test-'));
    writeFileSync(
      join(home, 'config'),
      '[profile farm]\nregion = eu-west-3\n[profile sso]\nregion = eu-west-3\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = dev\n[sso-session s]\nsso_region = eu-west-3\nsso_start_url = https://example.awsapps.com/start\nsso_registration_scopes = sso:account:access\n',
    );
    writeFileSync(
      join(home, 'credentials'),
      '[farm]\naws_access_key_id = AKIDFARM\naws_secret_access_key = secret\n',
    );
    // The SDK reads these, and the home folder, from the process itself.
    vi.stubEnv('AWS_CONFIG_FILE', join(home, 'config'));
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'credentials'));
    vi.stubEnv('HOME', home);
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'AWS_REGION']) {
      vi.stubEnv(name, undefined);
    }
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true, force: true });
  });

  function open(options: Partial<OpenTargetOptions> = {}, deps: Partial<OpenTargetDeps> = {}) {
    return openTarget(
      { local: false, startLocal: false, ...options },
      { cwd: home, env: {}, emit: () => {}, openLocalCloud: async () => undefined, ...deps },
    );
  }

  test('opening a target of AWS takes region and credentials from the profile', async () => {
    const target = await open({ profile: 'farm' });
    expect(target).toMatchObject({ kind: 'aws', region: 'eu-west-3', profile: 'farm' });
    expect(target.endpoint).toBeUndefined();
    expect(await target.credentials()).toMatchObject({ accessKeyId: 'AKIDFARM' });
  });

  test('opening a target takes AWS_PROFILE for the flag, and the flag for the region', async () => {
    const target = await open({ region: 'us-east-1' }, { env: { AWS_PROFILE: 'farm' } });
    expect(target).toMatchObject({ profile: 'farm', region: 'us-east-1' });
  });

  test("opening a target of another endpoint is told apart from AWS, and from AWS's own host", async () => {
    const foreign = await open({ profile: 'farm' }, { env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:5000' } });
    expect(foreign).toMatchObject({ kind: 'endpoint', endpoint: 'http://127.0.0.1:5000' });
    const own = await open(
      { profile: 'farm' },
      { env: { AWS_ENDPOINT_URL: 'https://vpce-1.amazonaws.com' } },
    );
    expect(own.kind).toBe('aws');
  });

  test('opening a target without a region is a usage error that names the flag and --local', async () => {
    const error = await failureOf(open());
    expect(error).toMatchObject({ code: 'no-region', exitCode: 2 });
    expect(error.hint).toMatch(/--region.*AWS_REGION.*--local/);
  });

  test.each(['paris', 'eu-west', 'EU-WEST-3', 'eu-west-3 '])(
    'opening a target in "%s" is a usage error',
    async (region) => {
      expect(await failureOf(open({ region, profile: 'farm' }))).toMatchObject({
        code: 'bad-region',
        exitCode: 2,
      });
    },
  );

  test('opening a target without credentials exits 3 and names --local', async () => {
    const error = await failureOf(open({ region: 'eu-west-3' }));
    expect(error).toMatchObject({ code: 'no-credentials', exitCode: 3 });
    expect(error.hint).toContain('--local');
  });

  test('opening a target of an unknown profile exits 2 and names it, with a region or without', async () => {
    for (const region of [{ region: 'eu-west-3' }, {}]) {
      const error = await failureOf(open({ ...region, profile: 'nobody' }));
      expect(error).toMatchObject({ code: 'unknown-profile', exitCode: 2 });
      expect(error.message).toContain('nobody');
    }
  });

  test('opening a target of a profile whose SSO session is over names the login', async () => {
    const error = await failureOf(open({ profile: 'sso' }));
    expect(error).toMatchObject({ code: 'expired-sso', hint: 'aws sso login --profile sso' });
  });

  test('opening a target prints nothing where a profile stands beside static keys', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDENV');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_PROFILE', 'farm');
    const warn = vi.spyOn(console, 'warn');
    await open({}, { env: { AWS_PROFILE: 'farm' } });
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test('opening a target of the local cloud has its endpoint, region and keys', async () => {
    const cloud = {
      endpoint: 'http://127.0.0.1:4',
      region: 'us-east-1',
      accessKeyId: 'A',
      secretAccessKey: 'S',
    };
    const asked: unknown[] = [];
    const target = await open(
      { local: true, startLocal: true },
      {
        openLocalCloud: async (options) => {
          asked.push(options);
          return cloud;
        },
      },
    );
    expect(asked).toEqual([{ cwd: home, start: true }]);
    expect(target).toMatchObject({ kind: 'local', region: 'us-east-1', endpoint: 'http://127.0.0.1:4' });
    expect(await target.credentials()).toEqual({ accessKeyId: 'A', secretAccessKey: 'S' });
  });

  test('opening a target of a local cloud that is not up exits 3 and says how to start one', async () => {
    expect(await failureOf(open({ local: true }))).toMatchObject({
      code: 'no-local-cloud',
      exitCode: 3,
      hint: 'shedbench deploy --local',
    });
  });
});
