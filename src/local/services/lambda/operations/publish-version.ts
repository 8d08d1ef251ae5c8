import type { Operation } from '../../../protocols/operation.ts';
import { invalid } from '../check-function.ts';
import { describeConfiguration } from '../describe-function.ts';
import { unqualifiedName } from '../function-name.ts';
import type { FunctionRegistry } from '../function-registry.ts';
import { onlyKnown, optionalString } from '../input.ts';
import { checkRevision } from './update-function-configuration.ts';

/**
 * Publishes the current `$LATEST` as a version, which has its own environments.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
 */
export function publishVersion(registry: FunctionRegistry): Operation {
  return async (input) => {
    const name = unqualifiedName(input.FunctionName);
    onlyKnown(input, ['FunctionName', 'CodeSha256', 'Description', 'RevisionId']);
    const lambda = registry.describe(name);
    checkRevision(lambda, input);
    const codeSha256 = optionalString(input, 'CodeSha256');
    if (codeSha256 !== undefined && codeSha256 !== lambda.latest.codeSha256) {
      throw invalid(
        `CodeSHA256 (${codeSha256}) is different from current CodeSHA256 in $LATEST (${lambda.latest.codeSha256}). Please try again with the CodeSHA256 in $LATEST.`,
      );
    }
    const version = registry.publishVersion(name, optionalString(input, 'Description'));
    return describeConfiguration(lambda, version, version.deployed.versionName);
  };
}
