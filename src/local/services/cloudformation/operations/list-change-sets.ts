import type { Operation } from '../../../protocols/operation.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { stackNameInput, textInput } from '../input.ts';
import { pageOf } from '../page.ts';

/**
 * Returns the active change sets, without executed and obsolete ones.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListChangeSets.html
 */
export function listChangeSets(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const stack = deps.store.get(stackNameInput(input));
    const active = deps.store
      .changeSetsOf(stack)
      .filter((changeSet) => ['AVAILABLE', 'UNAVAILABLE'].includes(changeSet.executionStatus));
    const page = pageOf(active, `ListChangeSets ${stack.id}`, textInput(input, 'NextToken'), deps.pageSize);
    return {
      Summaries: page.items.map((changeSet) => ({
        StackId: changeSet.stackId,
        StackName: changeSet.stackName,
        ChangeSetId: changeSet.id,
        ChangeSetName: changeSet.name,
        ExecutionStatus: changeSet.executionStatus,
        Status: changeSet.status,
        StatusReason: changeSet.statusReason,
        CreationTime: new Date(changeSet.createdAtMs),
        Description: changeSet.description,
        IncludeNestedStacks: false,
      })),
      NextToken: page.nextToken,
    };
  };
}
