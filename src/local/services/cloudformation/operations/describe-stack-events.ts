import type { Operation } from '../../../protocols/operation.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { stackNameInput, textInput } from '../input.ts';
import { pageOf } from '../page.ts';
import { resourceEventShape } from '../shapes.ts';

/**
 * Returns the events of a stack, newest first.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
 */
export function describeStackEvents(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const stack = deps.store.get(stackNameInput(input));
    const page = pageOf(
      [...stack.events].reverse(),
      `DescribeStackEvents ${stack.id}`,
      textInput(input, 'NextToken'),
      deps.pageSize,
    );
    return {
      StackEvents: page.items.map((event) => ({
        StackId: stack.id,
        StackName: stack.name,
        OperationId: event.operationId,
        ...resourceEventShape(event),
        ClientRequestToken: event.clientRequestToken,
      })),
      NextToken: page.nextToken,
    };
  };
}
