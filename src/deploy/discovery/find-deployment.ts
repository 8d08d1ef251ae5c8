import { translateAwsError } from '../../aws/errors.ts';
import { FUNCTION_DEFAULTS } from '../../model/defaults.ts';
import { DEPLOYMENT_SCHEMA, type DeployedRuntime, type Deployment } from '../../model/deployment.ts';
import { TAG_PROJECT, TAG_VERSION } from '../../model/project.ts';
import { ROUTES, type Route } from '../../model/route.ts';
import { ARCHITECTURES, type Architecture } from '../../model/target.ts';
import { readRecords, recordFileName } from '../../store/deployments.ts';
import { createPatience } from '../stacks/patience.ts';
import { describeAllStacks, describeStack } from '../stacks/stack-api.ts';
import type { DeployDeps, StackContext } from '../stacks/stack-context.ts';
import { apiOutputs, type DeployedCode, toDeployedRuntime } from '../stacks/stack-outputs.ts';
import { conditionOf } from '../stacks/stack-state.ts';
import { findProject, type ProjectStack } from './find-project.ts';

/** What is known of a deployment before its stacks are described. */
interface Known {
  readonly project: string;
  readonly record: Deployment | undefined;
}

/**
 * The current deployment of a project: the stacks that the record of this folder names, else those found by project
 * name, region and tags. The artifact hashes come from the record, because no stack has them.
 * @param knownRuntimes labels of the runtimes to look up by name where the caller may not list all stacks
 * @returns undefined if the project has no complete API stack
 * @throws ShedbenchError as `translateAwsError` returns it (exit 3)
 */
export async function findDeployment(
  project: string,
  deps: DeployDeps,
  knownRuntimes: readonly string[] = [],
): Promise<Deployment | undefined> {
  return withContext(deps, async (context) => {
    const { kind, region } = context.clients.target;
    const fileName = recordFileName({
      project,
      target: { kind, region, accountId: context.identity.accountId },
    });
    const records = await readRecords(context.cwd, context.emit);
    const record = records.find((each) => recordFileName(each) === fileName);
    const recorded = record === undefined ? [] : await recordedStacks(context, record);
    if (recorded.length > 0) return toDeployment(context, { project, record }, recorded);
    const found = await findProject(context, project, knownRuntimes, context.interrupt.first);
    return toDeployment(context, { project, record }, found.stacks);
  });
}

/**
 * Every project of the region that has a complete API stack, found by tags alone.
 * @throws ShedbenchError as `translateAwsError` returns it (exit 3)
 */
export async function findDeployments(deps: DeployDeps): Promise<readonly Deployment[]> {
  return withContext(deps, async (context) => {
    const stacks = await describeAllStacks(context, context.interrupt.first);
    const projects = [...new Set(stacks.flatMap(({ tags }) => tags[TAG_PROJECT] ?? []))].sort();
    const found = await Promise.all(
      projects.map(async (project) => {
        const ofProject = await findProject(context, project, [], context.interrupt.first, stacks);
        return toDeployment(context, { project, record: undefined }, ofProject.stacks);
      }),
    );
    return found.filter((deployment) => deployment !== undefined);
  });
}

async function withContext<T>(deps: DeployDeps, work: (context: StackContext) => Promise<T>): Promise<T> {
  const patience = createPatience({ ...deps, target: deps.clients.target });
  try {
    return await work({ ...deps, patience, pickUpCommand: 'shedbench status' });
  } catch (error) {
    throw translateAwsError(error, deps.clients.target);
  }
}

async function recordedStacks(context: StackContext, record: Deployment): Promise<readonly ProjectStack[]> {
  const found = await Promise.all(
    record.runtimes.map(async ({ runtime, stackName }) => {
      const stack = await describeStack(context, stackName, context.interrupt.first);
      return stack === undefined || stack.tags[TAG_PROJECT] !== record.project
        ? []
        : [{ stack, kind: 'api' as const, runtime }];
    }),
  );
  return found.flat();
}

async function toDeployment(
  context: StackContext,
  { project, record }: Known,
  stacks: readonly ProjectStack[],
): Promise<Deployment | undefined> {
  const apis = await Promise.all(
    stacks.flatMap(({ stack, runtime }) =>
      runtime !== undefined && conditionOf(stack.status) === 'standing'
        ? [apiOutputs(context, stack, runtime).then((withOutputs) => ({ stack: withOutputs, runtime }))]
        : [],
    ),
  );
  const first = apis[0]?.stack;
  if (first === undefined) return undefined;
  const { target } = context.clients;
  const runtimes = apis.map(({ stack, runtime }) =>
    toDeployedRuntime(target, runtime, stack, artifactsOf(record, runtime, stack.stackId)),
  );
  return {
    schema: DEPLOYMENT_SCHEMA,
    state: record?.state ?? 'deployed',
    project,
    target: {
      kind: target.kind,
      region: target.region,
      accountId: context.identity.accountId,
      ...(target.endpoint === undefined ? {} : { endpoint: target.endpoint }),
      ...(target.profile === undefined ? {} : { profile: target.profile }),
    },
    architecture:
      toArchitecture(first.outputs.Architecture) ?? record?.architecture ?? FUNCTION_DEFAULTS.architecture,
    memorySizeMB: Number(first.outputs.MemorySize ?? record?.memorySizeMB ?? 0),
    templateSha256: record?.templateSha256 ?? '',
    toolVersion: first.tags[TAG_VERSION] ?? '',
    createdAtEpochMs: Math.min(...apis.map(({ stack }) => stack.createdAtEpochMs)),
    updatedAtEpochMs: Math.max(...apis.map(({ stack }) => stack.updatedAtEpochMs)),
    runtimes,
  };
}

/** The hashes and sizes of the uploaded zips. The record has them only if it is about the same stack. */
function artifactsOf(
  record: Deployment | undefined,
  runtime: string,
  stackId: string,
): Partial<Record<Route, DeployedCode>> {
  const recorded: DeployedRuntime | undefined = record?.runtimes.find(
    (each) => each.runtime === runtime && each.stackId === stackId,
  );
  if (recorded === undefined) return {};
  return Object.fromEntries(
    ROUTES.flatMap((route) => {
      const { artifactSha256, bundle } = recorded.functions[route];
      if (artifactSha256 === undefined) return [];
      return [[route, { artifactSha256, ...(bundle === undefined ? {} : { bundle }) }]];
    }),
  );
}

function toArchitecture(output: string | undefined): Architecture | undefined {
  return ARCHITECTURES.find((each) => each === output);
}
