import { describe, expect, test } from 'vitest';
import { RESOURCE_TYPES } from '../../src/local/resources/registry.ts';
import { evaluateObject } from '../../src/local/services/cloudformation/engine/evaluate.ts';
import { prepareTemplate } from '../../src/local/services/cloudformation/engine/prepare.ts';
import { loaderFunctionName } from '../../src/model/project.ts';
import { template } from './support.ts';

const prepared = prepareTemplate(
  template('fleet'),
  new Map([
    ['ProjectName', 'flock'],
    ['Architecture', 'arm64'],
    ['MemorySize', '1769'],
    ['CodeBucket', 'flock-assets-bucket'],
    ['CodeKey', 'flock/fleet/loader-1.zip'],
    ['ToolVersion', '0.1.0'],
  ]),
  {
    accountId: '123456789012',
    region: 'eu-west-3',
    stackId: 'arn:aws:cloudformation:eu-west-3:123456789012:stack/flock-fleet/1',
    stackName: 'flock-fleet',
  },
  RESOURCE_TYPES,
);

function resolved(logicalId: string): Record<string, unknown> {
  const environment = prepared.environment({
    resource: (id) => `ref:${id}`,
    attribute: (id, attribute) => `arn:${id}.${attribute}`,
  });
  return { ...evaluateObject(prepared.resources.get(logicalId)?.declaration.properties ?? {}, environment) };
}

describe('templates/fleet.yaml', () => {
  test('the local cloud accepts the whole template, which needs only CAPABILITY_IAM', () => {
    expect(prepared.problems).toEqual([]);
    expect(prepared.capabilities).toEqual(['CAPABILITY_IAM']);
  });

  test('the template contains one function, its role and its log group', () => {
    expect([...prepared.resources.values()].map(({ type }) => type.type).sort()).toEqual([
      'AWS::IAM::Role',
      'AWS::Lambda::Function',
      'AWS::Logs::LogGroup',
    ]);
  });

  test('the template lets a loader write its own log lines, and nothing else', () => {
    expect(resolved('LoaderRole').Policies).toMatchObject([
      {
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              Resource: 'arn:LoaderLogGroup.Arn',
            },
          ],
        },
      },
    ]);
  });

  test('the template names function and log group as the model does, and has the longest timeout that Lambda allows', () => {
    expect(resolved('LoaderFunction')).toMatchObject({
      FunctionName: loaderFunctionName('flock'),
      MemorySize: '1769',
      Timeout: 900,
    });
    expect(resolved('LoaderLogGroup').LogGroupName).toBe(`/aws/lambda/${loaderFunctionName('flock')}`);
  });
});
