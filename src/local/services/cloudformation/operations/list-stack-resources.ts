import type { Operation } from '../../../protocols/operation.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { stackNameInput, textInput } from '../input.ts';
import { pageOf } from '../page.ts';
import { resourceSummaryShape } from '../shapes.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html */
export function listStackResources(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const stack = deps.store.describe(stackNameInput(input));
    const page = pageOf(
      [...stack.resources.values()],
      `ListStackResources ${stack.id}`,
      textInput(input, 'NextToken'),
      deps.pageSize,
    );
    return {
      StackResourceSummaries: page.items.map((record) => resourceSummaryShape(stack, record)),
      NextToken: page.nextToken,
    };
  };
}
