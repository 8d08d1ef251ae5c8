import type { OperationInput } from '../../protocols/operation.ts';
import { ServiceError } from '../../seams.ts';
import type { ChangeSet } from './change-set.ts';
import type { CloudFormationDeps } from './deps.ts';
import { validationError } from './engine/template-error.ts';
import { requiredText, stackNameInput, textInput } from './input.ts';

/**
 * Finds the change set that a request names by id, or by stack and name. Of several with that name, the newest.
 * @throws ServiceError `ChangeSetNotFound` (404), or `ValidationError` for the stack
 */
export function findChangeSet(deps: CloudFormationDeps, input: OperationInput): ChangeSet {
  const changeSet = lookUpChangeSet(deps, input);
  if (changeSet === undefined) {
    throw new ServiceError(
      'ChangeSetNotFound',
      `ChangeSet [${requiredText(input, 'ChangeSetName')}] does not exist`,
      404,
    );
  }
  return changeSet;
}

/** Like `findChangeSet`, but returns undefined if there is none. */
export function lookUpChangeSet(deps: CloudFormationDeps, input: OperationInput): ChangeSet | undefined {
  const name = requiredText(input, 'ChangeSetName');
  if (name.startsWith('arn:')) return deps.store.findChangeSet(name);
  if (textInput(input, 'StackName') === undefined) {
    throw validationError('StackName must be specified if ChangeSetName is not specified as an ARN.');
  }
  const stack = deps.store.get(stackNameInput(input));
  return deps.store.changeSetsOf(stack).findLast((changeSet) => changeSet.name === name);
}
