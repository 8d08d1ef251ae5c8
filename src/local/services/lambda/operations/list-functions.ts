import type { Operation } from '../../../protocols/operation.ts';
import { describeConfiguration } from '../describe-function.ts';
import type { FunctionRegistry } from '../function-registry.ts';
import { pageOf } from '../input.ts';

/**
 * Lists the functions by name; with `FunctionVersion=ALL` their published versions too.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
 */
export function listFunctions(registry: FunctionRegistry): Operation {
  return async (_input, { request }) => {
    const all = request.query.get('FunctionVersion') === 'ALL';
    const rows = registry.list().flatMap((lambda) =>
      (all ? lambda.versions() : [lambda.latest]).map((version) => ({
        lambda,
        version,
        key: `${lambda.latest.configuration.functionName}:${version.deployed.versionName}`,
      })),
    );
    const page = pageOf(rows, (row) => row.key, request);
    return {
      Functions: page.items.map(({ lambda, version }) =>
        describeConfiguration(lambda, version, all ? version.deployed.versionName : undefined),
      ),
      ...page.nextMarker,
    };
  };
}
