import { GetStageCommand } from '@aws-sdk/client-api-gateway';
import { isNotFound } from '../../aws/failure-kind.ts';
import type { StackContext } from '../stacks/stack-context.ts';

/** True for a stage that exists. */
export async function stageExists(
  context: StackContext,
  restApiId: string,
  stageName: string,
  signal: AbortSignal,
): Promise<boolean> {
  const apiGateway = await context.clients.apiGateway();
  try {
    await context.patience.call(
      (abortSignal) => apiGateway.send(new GetStageCommand({ restApiId, stageName }), { abortSignal }),
      signal,
    );
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
