import type { Operation } from '../../../protocols/operation.ts';
import { describeAlias } from '../describe-alias.ts';
import { unqualifiedName } from '../function-name.ts';
import type { FunctionRegistry } from '../function-registry.ts';
import { pageOf } from '../input.ts';

/** Lists a function's aliases, or those of one version. @see https://docs.aws.amazon.com/lambda/latest/api/API_ListAliases.html */
export function listAliases(registry: FunctionRegistry): Operation {
  return async (input, { request }) => {
    const lambda = registry.describe(unqualifiedName(input.FunctionName));
    const version = request.query.get('FunctionVersion');
    const aliases = lambda.aliases().filter((alias) => version === null || alias.functionVersion === version);
    const page = pageOf(aliases, (alias) => alias.name, request);
    return { Aliases: page.items.map((alias) => describeAlias(lambda, alias)), ...page.nextMarker };
  };
}
