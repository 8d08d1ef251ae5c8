import type { Operation } from '../../../protocols/operation.ts';
import { canonicalJson } from '../../../resources/value.ts';
import { templateBodyInput } from '../definition.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { checkTemplate } from '../engine/prepare.ts';
import { parseTemplate } from '../engine/template.ts';
import { validationError } from '../engine/template-error.ts';
import { refuseOthers, stackNameInput, textInput } from '../input.ts';
import { declarationShape, resourceTypes } from '../shapes.ts';
import { capabilityShape } from '../template-capabilities.ts';

const FORMAT_VERSION = '2010-09-09';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplateSummary.html */
export function getTemplateSummary(deps: CloudFormationDeps): Operation {
  return async (input) => {
    refuseOthers(input, ['StackName', 'TemplateBody', 'TemplateURL']);
    const given = templateBodyInput(deps, input);
    const named = textInput(input, 'StackName') === undefined ? undefined : stackNameInput(input);
    if ((given === undefined) === (named === undefined)) {
      throw validationError('Exactly one of StackName, TemplateBody or TemplateURL must be specified.');
    }
    const body =
      given ?? (named === undefined ? undefined : deps.store.describe(named).definition?.templateBody);
    if (body === undefined) throw validationError(`Template for stack ${named} does not exist`);
    const template = parseTemplate(body);
    checkTemplate(template, deps.registry);
    return {
      Parameters: [...template.parameters.values()].map((declaration) => declarationShape(declaration, true)),
      Description: template.description,
      ...capabilityShape(template, deps.registry),
      ResourceTypes: resourceTypes(template),
      Version: FORMAT_VERSION,
      Metadata: template.metadata === undefined ? undefined : canonicalJson(template.metadata),
      DeclaredTransforms: [],
    };
  };
}
