/** Where a target's requests go: AWS, the embedded local cloud, or another AWS-compatible endpoint. */
export type TargetKind = 'aws' | 'local' | 'endpoint';

/** Static credentials, or a provider that the SDK calls whenever it needs fresh ones. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

export type CredentialProvider = () => Promise<Credentials>;

/** What every command builds its AWS SDK clients from. Only `target/`, headings and confirmations read `kind`. */
export interface Target {
  readonly kind: TargetKind;
  readonly region: string;
  /** Set where requests do not go to AWS's own endpoint of the region. */
  readonly endpoint?: string;
  readonly credentials: CredentialProvider;
  /** The profile that the credentials came from, where one was named. */
  readonly profile?: string;
}

/** Target plus who we are there, from STS GetCallerIdentity. */
export interface Identity {
  readonly accountId: string;
  readonly arn: string;
}

export const ARCHITECTURES = ['arm64', 'x86_64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];
