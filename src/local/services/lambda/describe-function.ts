import { DEFAULT_EPHEMERAL_STORAGE_MB } from '../../sandboxes/deployed-version.ts';
import type { FunctionVersion, LambdaFunction } from './lambda-function.ts';

/**
 * A function in the form of the API, `FunctionConfiguration`, which several operations return.
 * @param qualifier the qualifier of the request, with which the ARN then ends
 */
export function describeConfiguration(
  lambda: LambdaFunction,
  version: FunctionVersion,
  qualifier?: string,
): object {
  const { configuration, deployed } = version;
  const isLatest = version === lambda.latest;
  return {
    FunctionName: configuration.functionName,
    FunctionArn:
      qualifier === undefined ? configuration.functionArn : `${configuration.functionArn}:${qualifier}`,
    Runtime: configuration.runtime,
    Role: configuration.roleArn,
    Handler: configuration.handler,
    CodeSize: version.codeSize,
    Description: configuration.description ?? '',
    Timeout: configuration.timeoutSeconds,
    MemorySize: configuration.memorySizeMB,
    LastModified: new Date(version.lastModifiedEpochMs).toISOString().replace('Z', '+0000'),
    CodeSha256: version.codeSha256,
    Version: deployed.versionName,
    ...(Object.keys(configuration.environment).length === 0
      ? {}
      : { Environment: { Variables: configuration.environment } }),
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: version.revisionId,
    State: 'Active',
    ...(isLatest && lambda.isUpdating ? UPDATING : { LastUpdateStatus: 'Successful' }),
    PackageType: 'Zip',
    Architectures: [configuration.architecture],
    EphemeralStorage: { Size: configuration.ephemeralStorageMB ?? DEFAULT_EPHEMERAL_STORAGE_MB },
    ...(configuration.layers === undefined || configuration.layers.length === 0
      ? {}
      : { Layers: configuration.layers.map((Arn) => ({ Arn })) }),
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: 'Text', LogGroup: configuration.logGroup },
  };
}

/**
 * The members that report an update in progress.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
 */
export const UPDATING = {
  LastUpdateStatus: 'InProgress',
  LastUpdateStatusReason: 'The function is being created.',
  LastUpdateStatusReasonCode: 'Creating',
};
