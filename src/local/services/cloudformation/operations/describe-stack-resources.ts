import type { Operation, OperationInput } from '../../../protocols/operation.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { validationError } from '../engine/template-error.ts';
import { stackNameInput, textInput } from '../input.ts';
import { resourceShape } from '../shapes.ts';
import type { Stack } from '../stack.ts';

/** AWS returns only the first hundred; ListStackResources has pages. */
const MAX_RESOURCES = 100;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html */
export function describeStackResources(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const stack = stackOf(deps, input);
    const logicalId = textInput(input, 'LogicalResourceId');
    const records = [...stack.resources.values()].filter(
      (record) => logicalId === undefined || record.logicalId === logicalId,
    );
    return { StackResources: records.slice(0, MAX_RESOURCES).map((record) => resourceShape(stack, record)) };
  };
}

function stackOf(deps: CloudFormationDeps, input: OperationInput): Stack {
  const physicalId = textInput(input, 'PhysicalResourceId');
  if (textInput(input, 'StackName') !== undefined) {
    if (physicalId !== undefined) {
      throw validationError('StackName and PhysicalResourceId cannot be specified together');
    }
    return deps.store.describe(stackNameInput(input));
  }
  if (physicalId === undefined) {
    throw validationError('Either StackName or PhysicalResourceId must be specified');
  }
  const owner = deps.store
    .all()
    .find((stack) =>
      [...stack.resources.values()].some((record) => record.current?.physicalId === physicalId),
    );
  if (owner === undefined) throw validationError(`Stack for ${physicalId} does not exist`);
  return owner;
}
