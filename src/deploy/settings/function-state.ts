import { createHash } from 'node:crypto';
import {
  type FunctionConfiguration,
  GetFunctionConfigurationCommand,
  type LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { errorCodeOf } from '../../aws/errors.ts';
import { isNotFound } from '../../aws/failure-kind.ts';
import { awsError, ShedbenchError } from '../../errors.ts';
import { createPatience, type Patience } from '../stacks/patience.ts';
import type { DeployDeps } from '../stacks/stack-context.ts';

/** The settings of a Lambda function that can be changed here, and how to detect changes by others. */
export interface FunctionState {
  readonly name: string;
  readonly memorySizeMB: number;
  /** Environment variables by name. */
  readonly variables: Readonly<Record<string, string>>;
  /** Lambda's id of this state. An update that names it fails if the function has changed since. */
  readonly revisionId: string;
  /** A hash over everything that determines what a call runs. It does not depend on `revisionId`. */
  readonly fingerprint: string;
  /** Why the last update failed, or why the function can't be called. Undefined if there is no problem. */
  readonly failure: string | undefined;
}

/** The settings to update. Undefined ones are unchanged. */
export interface WantedState {
  readonly memorySizeMB?: number;
  readonly variables?: Readonly<Record<string, string>>;
}

/** Reads and updates Lambda functions, one request at a time, with patience for outages. */
export interface FunctionApi {
  /**
   * Waits until no update of a function is in progress, and returns its state.
   * @param reference name or ARN without a qualifier
   * @throws ShedbenchError `function-not-found`, `environment-unreadable`, `update-too-slow` (exit 3)
   */
  settled(reference: string, signal: AbortSignal): Promise<FunctionState>;
  /**
   * Requests an update of a function in exactly the given state. `refused` if the function is in another state or
   * another update is in progress.
   */
  update(state: FunctionState, wanted: WantedState, signal: AbortSignal): Promise<'accepted' | 'refused'>;
}

/** The longest wait for an update. A function in a VPC or with a large package takes a minute at most. */
const UPDATE_LIMIT_MS = 5 * 60_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;

/** Lambda's errors for an update that came too late: the state has changed, or another update is in progress. */
const REFUSALS: ReadonlySet<string> = new Set(['PreconditionFailedException', 'ResourceConflictException']);

export async function openFunctionApi(deps: DeployDeps): Promise<FunctionApi> {
  const lambda = await deps.clients.lambda();
  const patience = createPatience({ ...deps, target: deps.clients.target });
  return {
    settled: (reference, signal) => settledState(reference, { lambda, patience, deps }, signal),
    update: async (state, wanted, signal) => {
      const { memorySizeMB, variables } = wanted;
      try {
        await patience.call(
          (abortSignal) =>
            lambda.send(
              new UpdateFunctionConfigurationCommand({
                FunctionName: state.name,
                RevisionId: state.revisionId,
                ...(memorySizeMB === undefined ? {} : { MemorySize: memorySizeMB }),
                ...(variables === undefined ? {} : { Environment: { Variables: { ...variables } } }),
              }),
              { abortSignal },
            ),
          signal,
        );
        return 'accepted';
      } catch (error) {
        if (REFUSALS.has(errorCodeOf(error))) return 'refused';
        throw error;
      }
    },
  };
}

interface Asking {
  readonly lambda: LambdaClient;
  readonly patience: Patience;
  readonly deps: DeployDeps;
}

async function settledState(reference: string, asking: Asking, signal: AbortSignal): Promise<FunctionState> {
  const { deps } = asking;
  const startedMs = deps.now();
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    const configuration = await configurationOf(reference, asking, signal);
    if (isSettled(configuration)) return stateOf(reference, configuration);
    if (deps.now() - startedMs > UPDATE_LIMIT_MS) {
      throw awsError(
        'update-too-slow',
        `Lambda has been updating the function ${reference} for ${UPDATE_LIMIT_MS / 60_000} minutes.`,
        `aws lambda get-function-configuration --function-name ${reference} says why`,
      );
    }
    await deps.sleep(pauseMs, signal);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }
}

async function configurationOf(
  reference: string,
  { lambda, patience, deps }: Asking,
  signal: AbortSignal,
): Promise<FunctionConfiguration> {
  try {
    return await patience.call(
      (abortSignal) =>
        lambda.send(new GetFunctionConfigurationCommand({ FunctionName: reference }), { abortSignal }),
      signal,
    );
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw awsError(
      'function-not-found',
      `There is no function ${reference} in ${deps.clients.target.region} of account ${deps.identity.accountId}.`,
      'Check its name and --region',
      error,
    );
  }
}

/** Whether no update is in progress. @see https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html */
function isSettled({ State, LastUpdateStatus }: FunctionConfiguration): boolean {
  return State !== 'Pending' && LastUpdateStatus !== 'InProgress';
}

function stateOf(reference: string, configuration: FunctionConfiguration): FunctionState {
  const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason, Environment } = configuration;
  // If reading the variables failed, the answer has none, and an update would delete them.
  if (Environment?.Error !== undefined) {
    throw awsError(
      'environment-unreadable',
      `The environment variables of ${reference} can't be read (${Environment.Error.ErrorCode}: ${Environment.Error.Message}), so they can't be changed without losing them.`,
      'Allow kms:Decrypt with the key of the function',
    );
  }
  return {
    name: configuration.FunctionName ?? reference,
    memorySizeMB: configuration.MemorySize ?? 0,
    variables: Environment?.Variables ?? {},
    revisionId: configuration.RevisionId ?? '',
    fingerprint: fingerprintOf(configuration),
    failure:
      State === 'Failed'
        ? (StateReason ?? 'no reason given')
        : LastUpdateStatus === 'Failed'
          ? (LastUpdateStatusReason ?? 'no reason given')
          : undefined,
  };
}

function fingerprintOf(configuration: FunctionConfiguration): string {
  const { CodeSha256, Runtime, Handler, MemorySize, Timeout, Environment, Architectures, Layers, Role } =
    configuration;
  const deciding = [
    CodeSha256,
    Runtime,
    Handler,
    MemorySize,
    Timeout,
    Object.entries(Environment?.Variables ?? {}).sort(),
    Architectures,
    Layers?.map(({ Arn }) => Arn),
    Role,
  ];
  return createHash('sha256').update(JSON.stringify(deciding)).digest('hex');
}

/** True for the error of a function that does not exist. */
export function isFunctionGone(error: unknown): boolean {
  return error instanceof ShedbenchError && error.code === 'function-not-found';
}
