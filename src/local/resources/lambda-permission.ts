import { ServiceError } from '../seams.ts';
import { calling } from './handler-error.ts';
import type { ResourceType } from './resource-type.ts';
import { notEmulated, replacing, required, text } from './schema.ts';
import { requiredString, stringIn } from './value.ts';

const SERVICE = 'Lambda';
const MAX_ID_LENGTH = 100;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html */
export const PERMISSION: ResourceType = {
  type: 'AWS::Lambda::Permission',
  properties: {
    FunctionName: required(replacing(text({ minLength: 1, maxLength: 140 }))),
    Action: required(replacing(text({ pattern: /^(lambda:[*]|lambda:[a-zA-Z]+|[*])$/ }))),
    Principal: required(replacing(text({ minLength: 1, maxLength: 256 }))),
    SourceArn: replacing(text({ pattern: /^arn:aws[a-zA-Z0-9-]*:[a-zA-Z0-9-]+:/, maxLength: 1024 })),
    ...notEmulated([
      'EventSourceToken',
      'FunctionUrlAuthType',
      'InvokedViaFunctionUrl',
      'PrincipalOrgID',
      'SourceAccount',
    ]),
  },
  attributes: ['Id'],
  taggable: false,
  create: async (scope, properties) => {
    const statementId = scope.generateName({ maxLength: MAX_ID_LENGTH });
    const sourceArn = stringIn(properties, 'SourceArn');
    await calling(SERVICE, scope.newId, () =>
      scope.cloud.lambda.addPermission(functionNameIn(requiredString(properties, 'FunctionName')), {
        statementId,
        action: requiredString(properties, 'Action'),
        principal: requiredString(properties, 'Principal'),
        ...(sourceArn === undefined ? {} : { sourceArn }),
      }),
    );
    return { physicalId: statementId, attributes: { Id: statementId } };
  },
  delete: async (scope, existing) => {
    const name = functionNameIn(requiredString(existing.properties, 'FunctionName'));
    if (!scope.cloud.lambda.functionExists(name)) return;
    try {
      scope.cloud.lambda.removePermission(name, existing.physicalId);
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'ResourceNotFoundException') return;
      throw error;
    }
  },
};

/** Extracts the name from a function's name, partial ARN or ARN. */
function functionNameIn(nameOrArn: string): string {
  const parts = nameOrArn.split(':');
  const at = parts.indexOf('function');
  return (at === -1 ? parts[0] : parts[at + 1]) ?? nameOrArn;
}
