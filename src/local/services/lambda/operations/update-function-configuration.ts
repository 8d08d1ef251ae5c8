import type { Operation, OperationInput } from '../../../protocols/operation.ts';
import type { FunctionConfiguration, RoleStore } from '../../../seams.ts';
import { invalid } from '../check-function.ts';
import { describeConfiguration, UPDATING } from '../describe-function.ts';
import type { FunctionRegistry } from '../function-registry.ts';
import { functionToUpdate } from '../function-to-update.ts';
import { onlyKnown, optionalNumber, optionalObject, optionalString, optionalTextMap } from '../input.ts';

const KNOWN_MEMBERS = [
  'FunctionName',
  'Description',
  'Environment',
  'EphemeralStorage',
  'Handler',
  'LoggingConfig',
  'MemorySize',
  'RevisionId',
  'Role',
  'Runtime',
  'SnapStart',
  'Timeout',
  'TracingConfig',
];

/**
 * Changes a function's configuration and ends its environments, so that the next call is a cold start. Omitted members
 * are unchanged. As on AWS, the answer says `InProgress`, but here the update is already complete.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
 */
export function updateFunctionConfiguration(
  registry: FunctionRegistry,
  roles: Pick<RoleStore, 'isAssumableBy'>,
): Operation {
  return async (input) => {
    const lambda = functionToUpdate(registry, input, KNOWN_MEMBERS);
    const configuration = changed(lambda.latest.configuration, input);
    const roleName = configuration.roleArn.slice(configuration.roleArn.lastIndexOf('/') + 1);
    if (!roles.isAssumableBy(roleName, 'lambda.amazonaws.com')) {
      throw invalid('The role defined for the function cannot be assumed by Lambda.');
    }
    await registry.updateFunction(configuration, undefined);
    return { ...describeConfiguration(lambda, lambda.latest), ...UPDATING };
  };
}

function changed(before: FunctionConfiguration, input: OperationInput): FunctionConfiguration {
  const description = optionalString(input, 'Description') ?? before.description;
  const ephemeralStorageMB =
    optionalNumber(optionalObject(input, 'EphemeralStorage') ?? {}, 'Size') ?? before.ephemeralStorageMB;
  const environment = optionalObject(input, 'Environment');
  const logging = optionalObject(input, 'LoggingConfig') ?? {};
  onlyKnown(logging, ['LogFormat', 'LogGroup']);
  refuseOther(logging, 'LogFormat', 'Text');
  refuseOther(optionalObject(input, 'TracingConfig') ?? {}, 'Mode', 'PassThrough');
  refuseOther(optionalObject(input, 'SnapStart') ?? {}, 'ApplyOn', 'None');
  return {
    ...before,
    handler: optionalString(input, 'Handler') ?? before.handler,
    logGroup: optionalString(logging, 'LogGroup') ?? before.logGroup,
    memorySizeMB: optionalNumber(input, 'MemorySize') ?? before.memorySizeMB,
    roleArn: optionalString(input, 'Role') ?? before.roleArn,
    runtime: optionalString(input, 'Runtime') ?? before.runtime,
    timeoutSeconds: optionalNumber(input, 'Timeout') ?? before.timeoutSeconds,
    ...(ephemeralStorageMB === undefined ? {} : { ephemeralStorageMB }),
    ...(description === undefined ? {} : { description }),
    ...(environment === undefined ? {} : { environment: optionalTextMap(environment, 'Variables') ?? {} }),
  };
}

/** @throws ServiceError `InvalidParameterValueException` for a value that has no effect here */
function refuseOther(input: OperationInput, name: string, only: string): void {
  const value = optionalString(input, name) ?? only;
  if (value !== only) throw invalid(`${name} ${value} is not emulated by the local cloud, only ${only} is`);
}
