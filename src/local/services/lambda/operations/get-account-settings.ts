import type { Operation } from '../../../protocols/operation.ts';
import type { FunctionRegistry } from '../function-registry.ts';

/**
 * The concurrent executions of an account without the limit for new ones.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const CONCURRENT_EXECUTIONS = 1000;
const TOTAL_CODE_BYTES = 80_530_636_800;
const UNZIPPED_CODE_BYTES = 262_144_000;
const ZIPPED_CODE_BYTES = 52_428_800;

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html */
export function getAccountSettings(registry: FunctionRegistry): Operation {
  return async () => {
    const functions = registry.list();
    const reserved = functions.reduce(
      (sum, lambda) => sum + (lambda.latest.configuration.reservedConcurrency ?? 0),
      0,
    );
    return {
      AccountLimit: {
        TotalCodeSize: TOTAL_CODE_BYTES,
        CodeSizeUnzipped: UNZIPPED_CODE_BYTES,
        CodeSizeZipped: ZIPPED_CODE_BYTES,
        ConcurrentExecutions: CONCURRENT_EXECUTIONS,
        UnreservedConcurrentExecutions: Math.max(0, CONCURRENT_EXECUTIONS - reserved),
      },
      AccountUsage: {
        TotalCodeSize: functions
          .flatMap((lambda) => lambda.versions())
          .reduce((sum, version) => sum + version.codeSize, 0),
        FunctionCount: functions.length,
      },
    };
  };
}
