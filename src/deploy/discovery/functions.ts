import { GetFunctionCommand } from '@aws-sdk/client-lambda';
import { classifyFailure, isNotFound } from '../../aws/failure-kind.ts';
import { LAMBDA_DEFAULTS } from '../../model/defaults.ts';
import { functionName, ROUTES, type Route } from '../../model/route.ts';
import type { StackContext } from '../stacks/stack-context.ts';

/** A Lambda function that has one of the project's names. */
export interface FoundFunction {
  readonly name: string;
  readonly route: Route;
  readonly arn: string;
  /** Lambda's identifier of its runtime. */
  readonly lambdaRuntime: string;
  readonly architecture: string;
  readonly memorySizeMB: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** Whether a function of this name exists, whoever made it. */
export async function functionExists(
  context: StackContext,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  const lambda = await context.clients.lambda();
  try {
    await context.patience.call(
      (abortSignal) => lambda.send(new GetFunctionCommand({ FunctionName: name }), { abortSignal }),
      signal,
    );
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** Which of a runtime's four functions exist, whoever made them. */
export async function findFunctions(
  context: StackContext,
  project: string,
  runtime: string,
  signal: AbortSignal,
): Promise<readonly FoundFunction[]> {
  const lambda = await context.clients.lambda();
  const answers = await Promise.all(
    ROUTES.map(async (route): Promise<readonly FoundFunction[]> => {
      const name = functionName(project, runtime, route);
      try {
        const answer = await context.patience.call(
          (abortSignal) => lambda.send(new GetFunctionCommand({ FunctionName: name }), { abortSignal }),
          signal,
        );
        const { Configuration: configuration } = answer;
        return [
          {
            name,
            route,
            arn: configuration?.FunctionArn ?? '',
            lambdaRuntime: configuration?.Runtime ?? '',
            architecture: configuration?.Architectures?.[0] ?? LAMBDA_DEFAULTS.architecture,
            memorySizeMB: configuration?.MemorySize ?? 0,
            tags: answer.Tags ?? {},
          },
        ];
      } catch (error) {
        // If the endpoint does not know the operation, a clash of names only shows when the stack is created.
        if (isNotFound(error) || classifyFailure(error) === 'unsupported') return [];
        throw error;
      }
    }),
  );
  return answers.flat();
}
