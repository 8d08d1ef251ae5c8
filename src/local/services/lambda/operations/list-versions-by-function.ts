import type { Operation } from '../../../protocols/operation.ts';
import { describeConfiguration } from '../describe-function.ts';
import { unqualifiedName } from '../function-name.ts';
import type { FunctionRegistry } from '../function-registry.ts';
import { pageOf } from '../input.ts';

/** Lists `$LATEST` and the published versions. @see https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html */
export function listVersionsByFunction(registry: FunctionRegistry): Operation {
  return async (input, { request }) => {
    const lambda = registry.describe(unqualifiedName(input.FunctionName));
    const page = pageOf(lambda.versions(), (version) => version.deployed.versionName, request);
    return {
      Versions: page.items.map((version) =>
        describeConfiguration(lambda, version, version.deployed.versionName),
      ),
      ...page.nextMarker,
    };
  };
}
