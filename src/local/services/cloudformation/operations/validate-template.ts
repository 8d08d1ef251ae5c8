import type { Operation } from '../../../protocols/operation.ts';
import { requiredTemplateBody } from '../definition.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { checkTemplate } from '../engine/prepare.ts';
import { parseTemplate } from '../engine/template.ts';
import { declarationShape } from '../shapes.ts';
import { capabilityShape } from '../template-capabilities.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ValidateTemplate.html */
export function validateTemplate(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const template = parseTemplate(requiredTemplateBody(deps, input));
    checkTemplate(template, deps.registry);
    return {
      Parameters: [...template.parameters.values()].map((declaration) =>
        declarationShape(declaration, false),
      ),
      Description: template.description,
      ...capabilityShape(template, deps.registry),
      DeclaredTransforms: [],
    };
  };
}
