/** The place to which a target's requests go: AWS, the embedded local cloud, or another AWS-compatible endpoint. */
export type TargetKind = 'aws' | 'local' | 'endpoint';

/** Static credentials, or a provider that the SDK calls whenever it needs fresh ones. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

export type CredentialProvider = () => Promise<Credentials>;

/**
 * The facts from which every command creates its AWS SDK clients. Only `targets/`, headings and confirmations read
 * `kind`.
 */
export interface Target {
  readonly kind: TargetKind;
  readonly region: string;
  /** Set if requests do not go to AWS's own endpoint of the region. */
  readonly endpoint?: string;
  readonly credentials: CredentialProvider;
  /** The profile of the credentials, if one was named. */
  readonly profile?: string;
}

/** A target with the caller's identity there, from STS GetCallerIdentity. */
export interface Identity {
  readonly accountId: string;
  readonly arn: string;
}

export const ARCHITECTURES = ['arm64', 'x86_64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];
