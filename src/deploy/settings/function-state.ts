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

/** What of a Lambda function can be changed here, and how to tell whether somebody else changed it. */
export interface FunctionState {
  readonly name: string;
  readonly memorySizeMB: number;
  /** Environment variables by name. */
  readonly variables: Readonly<Record<string, string>>;
  /** Lambda's id of this state of the function: an update that names it fails where the function changed since. */
  readonly revisionId: string;
  /** A hash over everything that decides what a call runs. It stays where only `revisionId` changes. */
  readonly fingerprint: string;
  /** Why the last update failed, or why the function can't be called; undefined where all is well. */
  readonly failure: string | undefined;
}

/** The settings that an update sets; what is undefined stays. */
export interface WantedState {
  readonly memorySizeMB?: number;
  readonly variables?: Readonly<Record<string, string>>;
}

/** Lambda's functions, one request at a time, with patience for outages. */
export interface FunctionApi {
  /**
   * The state of a function once no update of it is under way.
   * @param reference name or ARN without a qualifier
   * @throws ShedbenchError `function-not-found`, `environment-unreadable`, `update-too-slow` (exit 3)
   */
  settled(reference: string, signal: AbortSignal): Promise<FunctionState>;
  /**
   * Asks for an update of exactly the state that is given; `refused` where the function is no longer in that state or
   * another update is under way.
   */
  update(state: FunctionState, wanted: WantedState, signal: AbortSignal): Promise<'accepted' | 'refused'>;
}

/** A function in a VPC or with a large package takes a minute at most. */
const UPDATE_LIMIT_MS = 5 * 60_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;

/** Answers of Lambda to an update that came too late: another state, or another update under way. */
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

/** Whether no update is under way. @see https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html */
function isSettled({ State, LastUpdateStatus }: FunctionConfiguration): boolean {
  return State !== 'Pending' && LastUpdateStatus !== 'InProgress';
}

function stateOf(reference: string, configuration: FunctionConfiguration): FunctionState {
  const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason, Environment } = configuration;
  // The variables of an answer with an error are missing: to write them back would delete them.
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
