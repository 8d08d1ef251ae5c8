import type { Alias, LambdaFunction } from './lambda-function.ts';

/** An alias in the form of the API, `AliasConfiguration`. */
export function describeAlias(lambda: LambdaFunction, alias: Alias): object {
  return {
    AliasArn: `${lambda.arn}:${alias.name}`,
    Name: alias.name,
    FunctionVersion: alias.functionVersion,
    Description: alias.description,
    RevisionId: alias.revisionId,
  };
}
