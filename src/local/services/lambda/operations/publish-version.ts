import type { Operation } from '../../../protocols/operation.ts';
import { invalid } from '../check-function.ts';
import { describeConfiguration } from '../describe-function.ts';
import type { FunctionRegistry } from '../function-registry.ts';
import { functionToUpdate } from '../function-to-update.ts';
import { optionalString } from '../input.ts';

const KNOWN_MEMBERS = ['FunctionName', 'CodeSha256', 'Description', 'RevisionId'];

/**
 * Publishes the current `$LATEST` as a version, which has its own environments.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
 */
export function publishVersion(registry: FunctionRegistry): Operation {
  return async (input) => {
    const lambda = functionToUpdate(registry, input, KNOWN_MEMBERS);
    const codeSha256 = optionalString(input, 'CodeSha256');
    if (codeSha256 !== undefined && codeSha256 !== lambda.latest.codeSha256) {
      throw invalid(
        `CodeSHA256 (${codeSha256}) is different from current CodeSHA256 in $LATEST (${lambda.latest.codeSha256}). Please try again with the CodeSHA256 in $LATEST.`,
      );
    }
    const version = registry.publishVersion(
      lambda.latest.configuration.functionName,
      optionalString(input, 'Description'),
    );
    return describeConfiguration(lambda, version, version.deployed.versionName);
  };
}
