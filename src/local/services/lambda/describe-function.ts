import { LATEST } from '../../sandboxes/log-lines.ts';
import type { LambdaFunction } from './function-registry.ts';

/** `FunctionConfiguration` of the API, which several operations answer with. */
export function describeConfiguration(lambda: LambdaFunction): object {
  const { configuration } = lambda;
  return {
    FunctionName: configuration.functionName,
    FunctionArn: configuration.functionArn,
    Runtime: configuration.runtime,
    Role: configuration.roleArn,
    Handler: configuration.handler,
    CodeSize: lambda.codeSize,
    Description: configuration.description ?? '',
    Timeout: configuration.timeoutSeconds,
    MemorySize: configuration.memorySizeMB,
    LastModified: new Date(lambda.lastModifiedEpochMs).toISOString().replace('Z', '+0000'),
    CodeSha256: lambda.codeSha256,
    Version: LATEST,
    ...(Object.keys(configuration.environment).length === 0
      ? {}
      : { Environment: { Variables: configuration.environment } }),
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: lambda.revisionId,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: [configuration.architecture],
    EphemeralStorage: { Size: EPHEMERAL_STORAGE_MB },
    LoggingConfig: { LogFormat: 'Text', LogGroup: configuration.logGroup },
  };
}

const EPHEMERAL_STORAGE_MB = 512;
