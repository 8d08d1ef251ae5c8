import { apiBaseUrl } from '../../aws/aws-endpoint.ts';
import { awsError } from '../../errors.ts';
import type { DeployedFunction, DeployedRuntime } from '../../model/deployment.ts';
import { TAG_PROJECT } from '../../model/project.ts';
import { logGroupName, type Route } from '../../model/route.ts';
import type { Target } from '../../model/target.ts';
import { findFunctions } from '../discovery/functions.ts';
import { describeStackResources, type StackDescription } from './stack-api.ts';
import type { StackContext } from './stack-context.ts';
import { ROUTE_WORDS, UNKNOWN_SDK } from './stack-specs.ts';

/** The one stage of the API, as the template names it. */
const STAGE_NAME = 'v1';

/** The bucket of an assets stack. @throws ShedbenchError `outputs-missing` (exit 3) */
export async function bucketOf(context: StackContext, stack: StackDescription): Promise<string> {
  const bucket = stack.outputs.BucketName ?? (await physicalIds(context, stack)).get('AssetsBucket');
  if (bucket !== undefined && bucket !== '') return bucket;
  throw outputMissing(stack, 'BucketName');
}

/**
 * An API stack with its outputs. moto gives no outputs for a stack that was created by a change set; they are then derived from
 * the resources and the functions.
 */
export async function apiOutputs(
  context: StackContext,
  stack: StackDescription,
  runtime: string,
): Promise<StackDescription> {
  const project = stack.tags[TAG_PROJECT];
  if (Object.keys(stack.outputs).length > 0 || project === undefined) return stack;
  const { second } = context.interrupt;
  const [resources, functions] = await Promise.all([
    physicalIds(context, stack),
    findFunctions(context, project, runtime, second),
  ]);
  const { region } = context.clients.target;
  const restApiId = resources.get('RestApi') ?? '';
  const [first] = functions;
  const outputs: Record<string, string> = {
    ApiUrl: `https://${restApiId}.execute-api.${region}.amazonaws.com/${STAGE_NAME}`,
    RestApiId: restApiId,
    StageName: STAGE_NAME,
    TableName: resources.get('ShedTable') ?? '',
    LambdaRuntime: first?.lambdaRuntime ?? '',
    Architecture: first?.architecture ?? '',
    MemorySize: String(first?.memorySizeMB ?? ''),
  };
  for (const { route, name, arn } of functions) {
    outputs[`${ROUTE_WORDS[route]}FunctionName`] = name;
    outputs[`${ROUTE_WORDS[route]}FunctionArn`] = arn;
    outputs[`${ROUTE_WORDS[route]}LogGroupName`] = logGroupName(project, runtime, route);
  }
  return { ...stack, outputs };
}

async function physicalIds(
  context: StackContext,
  stack: StackDescription,
): Promise<ReadonlyMap<string, string>> {
  const resources = await describeStackResources(context, stack.stackId, context.interrupt.second);
  return new Map(
    resources.flatMap(({ logicalId, physicalId }) =>
      physicalId === undefined ? [] : [[logicalId, physicalId]],
    ),
  );
}

function outputMissing(stack: StackDescription, key: string) {
  return awsError(
    'outputs-missing',
    `Stack ${stack.stackName} has no output ${key}; another version of shedbench deployed it`,
    'Bring it up to date: shedbench deploy',
  );
}

/** What is known of a function's zip. */
export type DeployedCode = Pick<DeployedFunction, 'artifactSha256' | 'bundle'>;

/**
 * The description of an API stack, from its outputs.
 * @param artifacts what is known of each function's zip
 * @throws ShedbenchError `outputs-missing` (exit 3) for a stack that a much older or newer version deployed
 */
export function toDeployedRuntime(
  target: Pick<Target, 'endpoint'>,
  runtime: string,
  stack: StackDescription,
  artifacts: Partial<Readonly<Record<Route, DeployedCode>>>,
): DeployedRuntime {
  const output = (key: string): string => {
    const value = stack.outputs[key];
    if (value !== undefined && value !== '') return value;
    throw outputMissing(stack, key);
  };
  const toFunction = (route: Route): DeployedFunction => {
    const word = ROUTE_WORDS[route];
    return {
      functionName: output(`${word}FunctionName`),
      functionArn: output(`${word}FunctionArn`),
      logGroupName: output(`${word}LogGroupName`),
      ...artifacts[route],
    };
  };
  const restApiId = output('RestApiId');
  const { Sdk: sdk = UNKNOWN_SDK } = stack.outputs;
  return {
    runtime,
    stackName: stack.stackName,
    stackId: stack.stackId,
    apiUrl: apiBaseUrl(target, restApiId, output('StageName'), output('ApiUrl')),
    restApiId,
    tableName: output('TableName'),
    lambdaRuntime: output('LambdaRuntime'),
    ...(sdk === UNKNOWN_SDK ? {} : { sdk }),
    functions: {
      cat: toFunction('cat'),
      sheep: toFunction('sheep'),
      dog: toFunction('dog'),
      wolf: toFunction('wolf'),
    },
  };
}
