import type { Value } from '../../../resources/value.ts';
import type { Conditions } from './conditions.ts';
import type { Environment } from './evaluate.ts';
import { type ParameterValues, referencedParameter } from './parameters.ts';
import type { Template } from './template.ts';
import { templateError } from './template-error.ts';

/** The account, region and names of a stack, for the pseudo parameters. */
export interface StackIdentity {
  readonly accountId: string;
  readonly region: string;
  readonly stackId: string;
  readonly stackName: string;
}

const PSEUDO_PARAMETERS = new Set([
  'AWS::AccountId',
  'AWS::NoValue',
  'AWS::NotificationARNs',
  'AWS::Partition',
  'AWS::Region',
  'AWS::StackId',
  'AWS::StackName',
  'AWS::URLSuffix',
]);

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html */
export function isPseudoParameter(name: string): boolean {
  return PSEUDO_PARAMETERS.has(name);
}

/** Returns the partition of a region. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return 'aws';
}

function pseudoParameter(name: string, identity: StackIdentity): Value | undefined {
  switch (name) {
    case 'AWS::AccountId':
      return identity.accountId;
    case 'AWS::NotificationARNs':
      return [];
    case 'AWS::Partition':
      return partitionOf(identity.region);
    case 'AWS::Region':
      return identity.region;
    case 'AWS::StackId':
      return identity.stackId;
    case 'AWS::StackName':
      return identity.stackName;
    case 'AWS::URLSuffix':
      return identity.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    default:
      return undefined;
  }
}

/** An environment with parameters, pseudo parameters and mappings, but without conditions and resources. */
export function parameterEnvironment(
  template: Template,
  parameters: ParameterValues,
  identity: StackIdentity,
): Environment {
  return {
    parameter: (name) => {
      const declaration = template.parameters.get(name);
      const value = parameters.get(name);
      return declaration === undefined || value === undefined
        ? pseudoParameter(name, identity)
        : referencedParameter(declaration, value);
    },
    mappings: template.mappings,
    conditions: new Map(),
    resource: (logicalId) => {
      throw templateError(
        `Unresolved dependencies [${logicalId}]. Cannot reference resources in the Conditions block of the template`,
      );
    },
    attribute: (logicalId) => {
      throw templateError(
        `Unresolved dependencies [${logicalId}]. Cannot reference resources in the Conditions block of the template`,
      );
    },
  };
}

/** The complete environment for a template's resources and outputs. */
export function resourceEnvironment(
  base: Environment,
  conditions: Conditions,
  resources: Pick<Environment, 'resource' | 'attribute'>,
): Environment {
  return { ...base, conditions, resource: resources.resource, attribute: resources.attribute };
}
