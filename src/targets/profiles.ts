/** The settings of one profile, from both shared files. */
export type ProfileSection = Readonly<Record<string, string | undefined>>;

/** The profiles of `~/.aws/config` and `~/.aws/credentials`, by name. */
export type Profiles = Readonly<Record<string, ProfileSection | undefined>>;

/** The content of the shared files that shedbench uses. */
export interface SharedConfig {
  readonly profiles: Profiles;
  /** The `[sso-session …]` sections, by name. */
  readonly ssoSessions: Readonly<Record<string, ProfileSection | undefined>>;
  /** The `[services …]` sections, by name; their keys are of the form `s3.endpoint_url`. */
  readonly services: Readonly<Record<string, ProfileSection | undefined>>;
}

/** Reads both shared files. A missing file counts as empty. If both set a value, the credentials file wins. */
export async function readSharedConfig(): Promise<SharedConfig> {
  const { loadSharedConfigFiles, loadSsoSessionData } = await import('../aws/sdk/shared-config.ts');
  // The SDK's cache is not used, because the files can change between two commands of one process, as in a test.
  const [{ configFile, credentialsFile }, ssoSessions] = await Promise.all([
    loadSharedConfigFiles({ ignoreCache: true }),
    loadSsoSessionData(),
  ]);
  const profiles: Record<string, Record<string, string | undefined>> = {};
  const services: Record<string, ProfileSection> = {};
  for (const file of [configFile, credentialsFile]) {
    for (const [name, section] of Object.entries(file)) {
      // The SDK returns sections of other kinds with a prefix in the name.
      const [, kind, rest = ''] = /^(sso-session|services)\.(.*)$/.exec(name) ?? [];
      if (kind === 'services') services[rest] = section;
      if (kind === undefined) profiles[name] = { ...profiles[name], ...section };
    }
  }
  return { profiles, ssoSessions, services };
}
