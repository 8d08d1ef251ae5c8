/**
 * Stands in for the SDK's search for credentials (the build puts it in the place of
 * `@aws-sdk/credential-provider-node`): in Lambda they are in the environment, always, for as long as it lives. The
 * search through profiles, sign-on services, containers and instance metadata is 40 % of the bundle and half of its
 * start-up.
 */
export function defaultProvider(): () => Promise<Credentials> {
  return async () => {
    const accessKeyId = process.env.AWS_ACCESS_KEY_ID;
    const secretAccessKey = process.env.AWS_SECRET_ACCESS_KEY;
    const sessionToken = process.env.AWS_SESSION_TOKEN;
    if (!accessKeyId || !secretAccessKey) throw new Error('the environment holds no AWS credentials');
    return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
  };
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}
