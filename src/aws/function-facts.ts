import type { FunctionConfiguration, LambdaClient } from '@aws-sdk/client-lambda';
import { awsError, ShedbenchError, usageError } from '../errors.ts';
import { LAMBDA_DEFAULTS } from '../model/defaults.ts';
import type { MeasuredFunction } from '../model/run.ts';
import type { Architecture } from '../model/target.ts';
import type { AwsClients } from './clients.ts';
import { errorCodeOf, errorMessageOf, translateAwsError } from './errors.ts';
import { classifyFailure } from './failure-kind.ts';

/** A function as the user names it: by name or ARN, with or without a version or alias. */
export interface FunctionReference {
  /** The identifier for AWS's API: the name, or the ARN without a qualifier if an ARN was given. */
  readonly id: string;
  readonly name: string;
  /** A version or an alias. Undefined for `$LATEST`. */
  readonly qualifier?: string;
  /** Only known from an ARN. */
  readonly region?: string;
  readonly accountId?: string;
}

/** The facts that Lambda returns about a function. Times in ms, sizes in MB as Lambda counts them. */
export interface FunctionFacts {
  readonly reference: FunctionReference;
  readonly functionName: string;
  readonly logGroupName: string;
  /** `provided.al2023`. Undefined for a container image. */
  readonly lambdaRuntime?: string;
  readonly architecture: Architecture;
  readonly memorySizeMB: number;
  readonly timeoutMs: number;
  /** SHA-256 of the code, hex. */
  readonly codeSha256?: string;
}

/** The code of the error for a function that does not exist. */
export const NO_SUCH_FUNCTION = 'no-such-function';

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const QUALIFIER = /^(?:\$LATEST|[A-Za-z0-9_-]{1,128})$/;
const ARN = /^arn:aws[a-z-]*:lambda:([a-z0-9-]+):(\d{12}):function:([A-Za-z0-9_-]{1,64})(?::([^:]+))?$/;
/** Lambda's longest timeout. */
const MAX_TIMEOUT_MS = 900_000;

/** Returns the members of a run record that describe the function's configuration. */
export function configurationOf({
  architecture,
  memorySizeMB,
  lambdaRuntime,
  codeSha256,
}: FunctionFacts): MeasuredFunction {
  return {
    architecture,
    memorySizeMB,
    ...(lambdaRuntime === undefined ? {} : { lambdaRuntime }),
    ...(codeSha256 === undefined ? {} : { artifactSha256: codeSha256 }),
  };
}

/**
 * Parses a name (`my-function`, `my-function:prod`) or an ARN.
 * @param qualifier the value of `--qualifier`
 * @throws usageError `bad-function`
 */
export function parseFunctionReference(text: string, qualifier?: string): FunctionReference {
  const arn = ARN.exec(text);
  const [name = '', own] = arn === null ? text.split(':', 2) : [arn[3] ?? '', arn[4]];
  const isWhole = arn !== null || text.split(':').length <= 2;
  if (!isWhole || !NAME.test(name)) {
    throw usageError(
      'bad-function',
      `'${text}' is neither the name nor the ARN of a function.`,
      '--function my-function, my-function:prod, or arn:aws:lambda:eu-west-3:123456789012:function:my-function',
    );
  }
  if (own !== undefined && qualifier !== undefined && own !== qualifier) {
    throw usageError(
      'bad-function',
      `'${text}' names ${own}, and --qualifier ${qualifier}.`,
      'Give one of the two',
    );
  }
  const version = own ?? qualifier;
  if (version !== undefined && !QUALIFIER.test(version)) {
    throw usageError('bad-function', `'${version}' is neither a version nor an alias of a function.`);
  }
  return {
    id: arn === null ? name : text.split(':').slice(0, 7).join(':'),
    name,
    ...(version === undefined || version === '$LATEST' ? {} : { qualifier: version }),
    ...(arn === null ? {} : { region: arn[1] ?? '', accountId: arn[2] ?? '' }),
  };
}

/** The function's name in reports: `my-function`, `my-function:prod`. */
export function functionText({ name, qualifier }: FunctionReference): string {
  return qualifier === undefined ? name : `${name}:${qualifier}`;
}

/**
 * Refuses a version or an alias where settings of the function are to be changed. Lambda changes only `$LATEST`, and
 * calls to a version would run with its former settings.
 * @throws usageError `qualified-function`
 */
export function refuseQualifier(reference: FunctionReference): void {
  if (reference.qualifier === undefined) return;
  throw qualifiedFunction(functionText(reference), reference.name);
}

/** The error for a version or an alias; `alone` is the function without it. */
export function qualifiedFunction(text: string, alone: string): ShedbenchError {
  return usageError(
    'qualified-function',
    `${text} names a version or an alias, whose settings can't be changed.`,
    `Name the function alone: ${alone}`,
  );
}

/**
 * Reads the facts about a function from Lambda.
 * @returns undefined if the caller has no permission to read them; the permission to invoke the function is separate
 * @throws ShedbenchError `no-such-function`, and as `translateAwsError` returns it (exit 3)
 */
export async function describeFunction(
  reference: FunctionReference,
  clients: AwsClients,
): Promise<FunctionFacts | undefined> {
  const { GetFunctionConfigurationCommand } = await import('./sdk/lambda.ts');
  const lambda = await clients.lambda();
  try {
    const answer = await lambda.send(new GetFunctionConfigurationCommand(addressOf(reference)));
    return factsOf(reference, answer);
  } catch (error) {
    if (errorCodeOf(error) === 'ResourceNotFoundException') throw noSuchFunction(reference, clients, error);
    if (classifyFailure(error) === 'access-denied') return undefined;
    throw translateAwsError(error, clients.target);
  }
}

function factsOf(reference: FunctionReference, answer: FunctionConfiguration): FunctionFacts {
  return {
    reference,
    functionName: answer.FunctionName ?? reference.name,
    logGroupName: answer.LoggingConfig?.LogGroup ?? `/aws/lambda/${reference.name}`,
    ...(answer.Runtime === undefined ? {} : { lambdaRuntime: answer.Runtime }),
    architecture: answer.Architectures?.[0] ?? LAMBDA_DEFAULTS.architecture,
    memorySizeMB: answer.MemorySize ?? LAMBDA_DEFAULTS.memorySizeMB,
    timeoutMs: (answer.Timeout ?? LAMBDA_DEFAULTS.timeoutSeconds) * 1000,
    ...(answer.CodeSha256 === undefined
      ? {}
      : { codeSha256: Buffer.from(answer.CodeSha256, 'base64').toString('hex') }),
  };
}

/** The timeout of a function, ms. If its facts are not known, Lambda's longest. */
export function timeoutOf(facts: FunctionFacts | undefined): number {
  return facts?.timeoutMs ?? MAX_TIMEOUT_MS;
}

/**
 * Asks Lambda whether this caller may invoke the function, without running it.
 * @throws ShedbenchError `no-such-function`, `access-denied` with the permission's name, `not-invokable`, and as
 *   `translateAwsError` returns it (exit 3)
 */
export async function refuseUninvokable(reference: FunctionReference, clients: AwsClients): Promise<void> {
  const { InvokeCommand } = await import('./sdk/lambda.ts');
  const lambda = await clients.lambda();
  try {
    await lambda.send(
      new InvokeCommand({ ...addressOf(reference), InvocationType: 'DryRun', Payload: Buffer.from('{}') }),
    );
  } catch (error) {
    if (errorCodeOf(error) === 'ResourceNotFoundException') throw noSuchFunction(reference, clients, error);
    const translated = translateAwsError(error, clients.target);
    if (translated instanceof ShedbenchError && translated.code !== 'aws-error') throw translated;
    throw awsError(
      'not-invokable',
      `${functionText(reference)} can't be invoked: ${errorMessageOf(error)}`,
      undefined,
      error,
    );
  }
}

/**
 * The number of provisioned environments of a version or alias. Undefined if there are none, or if it can't be read.
 * Only versions and aliases can have any.
 */
export async function provisionedEnvironments(
  { id, qualifier }: FunctionReference,
  clients: AwsClients,
): Promise<number | undefined> {
  if (qualifier === undefined) return undefined;
  try {
    const { GetProvisionedConcurrencyConfigCommand } = await import('./sdk/lambda.ts');
    const lambda = await clients.lambda();
    const answer = await lambda.send(
      new GetProvisionedConcurrencyConfigCommand({ FunctionName: id, Qualifier: qualifier }),
    );
    return answer.AllocatedProvisionedConcurrentExecutions;
  } catch {
    // There is none, the permission is missing, or an emulator does not know the operation. The load does not depend on
    // it.
    return undefined;
  }
}

function addressOf({ id, qualifier }: FunctionReference) {
  return { FunctionName: id, ...(qualifier === undefined ? {} : { Qualifier: qualifier }) };
}

function noSuchFunction(
  reference: FunctionReference,
  { target }: AwsClients,
  error: unknown,
): ShedbenchError {
  const where = target.endpoint ?? target.region;
  return awsError(
    NO_SUCH_FUNCTION,
    `There is no function ${functionText(reference)} in ${where}.`,
    target.kind === 'local'
      ? 'aws lambda list-functions with the endpoint of the local cloud shows what stands there'
      : `aws lambda list-functions --region ${target.region}, or another --region or --profile`,
    error,
  );
}

/**
 * The URL of Lambda's API, without a trailing slash.
 * @param env the environment, for `AWS_ENDPOINT_URL_LAMBDA`
 */
export function lambdaUrl(
  client: LambdaClient,
  target: AwsClients['target'],
  env: Readonly<Record<string, string | undefined>>,
): string {
  const specific = target.kind === 'local' ? undefined : env.AWS_ENDPOINT_URL_LAMBDA;
  const endpoint = specific ?? target.endpoint;
  if (endpoint !== undefined) return endpoint.replace(/\/+$/, '');
  const { endpointProvider } = client.config;
  const { url } = endpointProvider({ Region: target.region, UseDualStack: false, UseFIPS: false });
  return url.href.replace(/\/+$/, '');
}
