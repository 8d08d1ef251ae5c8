import type { Operation } from '../../../protocols/operation.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { stackNameInput, textInput } from '../input.ts';
import { pageOf } from '../page.ts';
import { stackShape } from '../shapes.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
export function describeStacks(deps: CloudFormationDeps): Operation {
  return async (input) => {
    if (textInput(input, 'StackName') !== undefined) {
      return { Stacks: [stackShape(deps.store.describe(stackNameInput(input)))] };
    }
    const standing = deps.store.all().filter((stack) => stack.status !== 'DELETE_COMPLETE');
    const page = pageOf(standing, 'DescribeStacks', textInput(input, 'NextToken'), deps.pageSize);
    return { Stacks: page.items.map(stackShape), NextToken: page.nextToken };
  };
}
