import type { Operation, OperationInput } from '../../../protocols/operation.ts';
import { ServiceError } from '../../../seams.ts';
import { DEFINITION_INPUTS, readDefinition, refuseProblems } from '../definition.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { validationError } from '../engine/template-error.ts';
import { stackArn } from '../ids.ts';
import {
  booleanInput,
  disableRollbackInput,
  enumInput,
  newStackNameInput,
  refuseOthers,
  textInput,
  tokenInput,
} from '../input.ts';
import { type OnFailure, Stack } from '../stack.ts';
import { isRepeated, useToken } from '../token.ts';

const INPUTS = [
  ...DEFINITION_INPUTS,
  'ClientRequestToken',
  'DeploymentConfig',
  'DisableRollback',
  'DisableValidation',
  'EnableTerminationProtection',
  'OnFailure',
  'RetainExceptOnCreate',
  'RoleARN',
  'StackName',
  'TimeoutInMinutes',
];
const MAX_TIMEOUT_MINUTES = 43_200;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
export function createStack(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const name = newStackNameInput(input);
    refuseOthers(input, INPUTS);
    const token = tokenInput(input);
    const onFailure = onFailureInput(input);
    const timeoutMinutes = timeoutInput(input);
    const existing = deps.store.find(name);
    if (existing !== undefined && existing.status !== 'REVIEW_IN_PROGRESS') {
      if (isRepeated(existing, token, 'CreateStack')) return { StackId: existing.id };
      throw new ServiceError('AlreadyExistsException', `Stack [${name}] already exists`);
    }
    const id = existing?.id ?? stackArn(deps.cloud, name, deps.newId());
    const definition = readDefinition(deps, input, { id, name }, undefined);
    if (booleanInput(input, 'DisableValidation') !== true) refuseProblems(definition.prepared);
    const stack =
      existing ?? new Stack({ id, name, createdAtMs: deps.cloud.now(), status: 'CREATE_IN_PROGRESS' });
    if (existing === undefined) deps.store.add(stack);
    for (const changeSet of deps.store.changeSetsOf(stack)) changeSet.executionStatus = 'OBSOLETE';
    stack.terminationProtection = booleanInput(input, 'EnableTerminationProtection') === true;
    stack.roleArn = textInput(input, 'RoleARN');
    useToken(stack, token, 'CreateStack');
    const operation = deps.executor.create(stack, definition, {
      onFailure,
      retainExceptOnCreate: booleanInput(input, 'RetainExceptOnCreate') === true,
      ...(timeoutMinutes === undefined ? {} : { timeoutMinutes }),
      ...(token === undefined ? {} : { token }),
    });
    return { StackId: stack.id, OperationId: operation.id };
  };
}

function onFailureInput(input: OperationInput): OnFailure {
  const onFailure = enumInput(input, 'OnFailure', ['ROLLBACK', 'DO_NOTHING', 'DELETE']);
  const disableRollback = disableRollbackInput(input);
  if (onFailure !== undefined && disableRollback !== undefined) {
    throw validationError('You can specify only one of DisableRollback or OnFailure.');
  }
  return onFailure ?? (disableRollback === true ? 'DO_NOTHING' : 'ROLLBACK');
}

function timeoutInput(input: OperationInput): number | undefined {
  const text = textInput(input, 'TimeoutInMinutes');
  if (text === undefined) return undefined;
  const minutes = Number(text);
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > MAX_TIMEOUT_MINUTES) {
    throw validationError(
      `1 validation error detected: Value '${text}' at 'timeoutInMinutes' failed to satisfy constraint: Member must have value greater than or equal to 1`,
    );
  }
  return minutes;
}
