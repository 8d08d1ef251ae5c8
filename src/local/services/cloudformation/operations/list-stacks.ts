import type { Operation } from '../../../protocols/operation.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { textInput, textListInput } from '../input.ts';
import { pageOf } from '../page.ts';
import { stackSummaryShape } from '../shapes.ts';

/**
 * Returns all stacks, also deleted ones, newest first.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html
 */
export function listStacks(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const filter = textListInput(input, 'StackStatusFilter') ?? [];
    const stacks = deps.store.all().filter((stack) => filter.length === 0 || filter.includes(stack.status));
    const scope = `ListStacks ${filter.join()}`;
    const page = pageOf(stacks, scope, textInput(input, 'NextToken'), deps.pageSize);
    return { StackSummaries: page.items.map(stackSummaryShape), NextToken: page.nextToken };
  };
}
