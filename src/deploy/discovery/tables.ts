import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { isNotFound } from '../../aws/failure-kind.ts';
import type { StackContext } from '../stacks/stack-context.ts';

/** True for a table that exists and is not being deleted. */
export async function tableExists(
  context: StackContext,
  tableName: string,
  signal: AbortSignal,
): Promise<boolean> {
  const dynamodb = await context.clients.dynamodb();
  try {
    const answer = await context.patience.call(
      (abortSignal) => dynamodb.send(new DescribeTableCommand({ TableName: tableName }), { abortSignal }),
      signal,
    );
    return answer.Table?.TableStatus !== 'DELETING';
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
