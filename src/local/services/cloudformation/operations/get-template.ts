import type { Operation, OperationInput } from '../../../protocols/operation.ts';
import { findChangeSet } from '../change-set-input.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { validationError } from '../engine/template-error.ts';
import { enumInput, stackNameInput, textInput } from '../input.ts';

/**
 * Returns the template as it was sent. Without transforms the processed template is the same.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
 */
export function getTemplate(deps: CloudFormationDeps): Operation {
  return async (input) => {
    enumInput(input, 'TemplateStage', ['Original', 'Processed']);
    return { TemplateBody: bodyOf(deps, input), StagesAvailable: ['Original', 'Processed'] };
  };
}

function bodyOf(deps: CloudFormationDeps, input: OperationInput): string {
  if (textInput(input, 'ChangeSetName') !== undefined) {
    return findChangeSet(deps, input).definition.templateBody;
  }
  const name = stackNameInput(input);
  const { definition } = deps.store.describe(name);
  if (definition === undefined) throw validationError(`Template for stack ${name} does not exist`);
  return definition.templateBody;
}
