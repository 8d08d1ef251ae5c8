import { DEFAULT_EPHEMERAL_STORAGE_MB } from '../../sandboxes/deployed-version.ts';
import { reservedNames } from '../../sandboxes/environment-variables.ts';
import { type RuntimeFamily, runtimeFamily, supportedRuntimes } from '../../sandboxes/runtimes.ts';
import { type FunctionConfiguration, ServiceError } from '../../seams.ts';

/** The limits of a function. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MEMORY_MB = { least: 128, most: 10_240 } as const;
const EPHEMERAL_STORAGE_MB = { least: DEFAULT_EPHEMERAL_STORAGE_MB, most: 10_240 } as const;
const TIMEOUT_SECONDS = { least: 1, most: 900 } as const;
const MAX_ENVIRONMENT_BYTES = 4096;
const NAME = /^[a-zA-Z0-9-_]{1,64}$/;
const HANDLER = /^\S{1,128}$/;
const VARIABLE = /^[a-zA-Z][a-zA-Z0-9_]*$/;

/**
 * Checks a function's configuration as Lambda does.
 * @returns how its runtime is started
 * @throws ServiceError `InvalidParameterValueException`, `ValidationException`
 */
export function checkConfiguration(configuration: FunctionConfiguration): RuntimeFamily {
  const { functionName, handler, runtime, memorySizeMB, timeoutSeconds, environment } = configuration;
  if (!NAME.test(functionName)) {
    throw constraint(
      functionName,
      'functionName',
      `Member must satisfy regular expression pattern: ${NAME.source}`,
    );
  }
  const family = runtimeFamily(runtime);
  if (family === undefined) {
    throw invalid(
      `Value ${runtime} at 'runtime' is not a runtime of the local cloud, which has: ${supportedRuntimes().join(', ')}`,
    );
  }
  if (!HANDLER.test(handler)) {
    throw constraint(handler, 'handler', 'Member must satisfy regular expression pattern: [^\\s]+');
  }
  checkRange(memorySizeMB, 'memorySize', MEMORY_MB);
  checkRange(timeoutSeconds, 'timeout', TIMEOUT_SECONDS);
  checkRange(
    configuration.ephemeralStorageMB ?? DEFAULT_EPHEMERAL_STORAGE_MB,
    'ephemeralStorage.size',
    EPHEMERAL_STORAGE_MB,
  );
  const { reservedConcurrency } = configuration;
  if (
    reservedConcurrency !== undefined &&
    !(Number.isInteger(reservedConcurrency) && reservedConcurrency >= 0)
  ) {
    throw constraint(
      String(reservedConcurrency),
      'reservedConcurrentExecutions',
      'Member must have value greater than or equal to 0',
    );
  }
  checkEnvironment(environment);
  return family;
}

function checkRange(
  value: number,
  member: string,
  range: { readonly least: number; readonly most: number },
): void {
  if (!Number.isInteger(value) || value < range.least) {
    throw constraint(String(value), member, `Member must have value greater than or equal to ${range.least}`);
  }
  if (value > range.most) {
    throw constraint(String(value), member, `Member must have value less than or equal to ${range.most}`);
  }
}

function checkEnvironment(environment: Readonly<Record<string, string>>): void {
  const names = Object.keys(environment);
  for (const name of names) {
    if (!VARIABLE.test(name)) {
      throw constraint(name, 'environment.variables', `Map keys must satisfy ${VARIABLE.source}`);
    }
  }
  const reserved = reservedNames(names);
  if (reserved.length > 0) {
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  }
  const text = JSON.stringify(environment);
  if (names.length > 0 && Buffer.byteLength(text) > MAX_ENVIRONMENT_BYTES) {
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ${text}`,
    );
  }
}

/** AWS's common message about an invalid member. */
function constraint(value: string, member: string, rule: string): ServiceError {
  return new ServiceError(
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${rule}`,
  );
}

export function invalid(message: string): ServiceError {
  return new ServiceError('InvalidParameterValueException', message, 400, { Type: 'User' });
}
