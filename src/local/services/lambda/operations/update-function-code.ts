import type { Operation, OperationInput } from '../../../protocols/operation.ts';
import { type FunctionCode, type ObjectStore, ServiceError } from '../../../seams.ts';
import { invalid } from '../check-function.ts';
import { describeConfiguration, UPDATING } from '../describe-function.ts';
import type { FunctionRegistry } from '../function-registry.ts';
import { functionToUpdate } from '../function-to-update.ts';
import { flag, optionalString } from '../input.ts';

const KNOWN_MEMBERS = [
  'FunctionName',
  'Architectures',
  'Publish',
  'RevisionId',
  'S3Bucket',
  'S3Key',
  'S3ObjectVersion',
  'ZipFile',
];

/**
 * Replaces a function's code, from bytes or from S3, and ends its environments.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
 */
export function updateFunctionCode(
  registry: FunctionRegistry,
  objects: Pick<ObjectStore, 'readObject'>,
): Operation {
  return async (input) => {
    const lambda = functionToUpdate(registry, input, KNOWN_MEMBERS);
    const { configuration } = lambda.latest;
    const architecture = architectureOf(input) ?? configuration.architecture;
    await registry.updateFunction({ ...configuration, architecture }, codeOf(input, objects));
    const version = flag(input, 'Publish')
      ? registry.publishVersion(configuration.functionName, undefined)
      : lambda.latest;
    return { ...describeConfiguration(lambda, version), ...UPDATING };
  };
}

function architectureOf(input: OperationInput): 'arm64' | 'x86_64' | undefined {
  const given = input.Architectures ?? undefined;
  if (given === undefined) return undefined;
  const [architecture] = Array.isArray(given) && given.length === 1 ? given : [];
  if (architecture === 'arm64' || architecture === 'x86_64') return architecture;
  throw invalid('Architectures must hold either arm64 or x86_64');
}

/** @throws ServiceError `InvalidParameterValueException` if the request has neither a zip nor an S3 object */
function codeOf(input: OperationInput, objects: Pick<ObjectStore, 'readObject'>): FunctionCode {
  const zipFile = optionalString(input, 'ZipFile');
  if (zipFile !== undefined) return { zip: Buffer.from(zipFile, 'base64') };
  const bucket = optionalString(input, 'S3Bucket');
  const key = optionalString(input, 'S3Key');
  if (bucket === undefined || key === undefined) throw invalid('Please provide a source for function code.');
  try {
    return { zip: objects.readObject(bucket, key, optionalString(input, 'S3ObjectVersion')) };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw invalid(
      `Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`,
    );
  }
}
