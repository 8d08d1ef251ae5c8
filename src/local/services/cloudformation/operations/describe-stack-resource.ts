import type { Operation } from '../../../protocols/operation.ts';
import { canonicalJson } from '../../../resources/value.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { validationError } from '../engine/template-error.ts';
import { requiredText, stackNameInput } from '../input.ts';
import { resourceShape } from '../shapes.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html */
export function describeStackResource(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const name = stackNameInput(input);
    const stack = deps.store.get(name);
    const logicalId = requiredText(input, 'LogicalResourceId');
    const record = stack.resources.get(logicalId);
    if (record === undefined) {
      throw validationError(`Resource ${logicalId} does not exist for stack ${stack.name}`);
    }
    const { Timestamp, ...shape } = resourceShape(stack, record) as { Timestamp: Date };
    const metadata = record.current?.declaration.metadata;
    return {
      StackResourceDetail: {
        ...shape,
        LastUpdatedTimestamp: Timestamp,
        Metadata: metadata === undefined ? undefined : canonicalJson(metadata),
      },
    };
  };
}
