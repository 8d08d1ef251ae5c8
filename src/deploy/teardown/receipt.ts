import { classifyFailure } from '../../aws/failure-kind.ts';
import type { ReceiptLine } from '../../model/deploy-plan.ts';
import { findFunctions, functionExists } from '../discovery/functions.ts';
import { findLogGroups, logGroupExists } from '../discovery/log-groups.ts';
import { tableExists } from '../discovery/tables.ts';
import { describeStack, type StackDescription, type StackResource } from '../stacks/stack-api.ts';
import type { StackContext } from '../stacks/stack-context.ts';
import { bucketExists } from './empty-bucket.ts';

/** A stack that a teardown tried to delete, and the result. */
export interface TornStack {
  readonly stack: StackDescription;
  readonly runtime: string | undefined;
  /** The resources before the deletion. */
  readonly resources: readonly StackResource[];
  readonly deleted: boolean;
  /** The last status of each resource in the events of the deletion, by logical id. */
  readonly endings: ReadonlyMap<string, string>;
}

/** The state of one resource after everything was deleted. */
type Fate = 'deleted' | 'left' | 'retained';

const STACK_TYPE = 'AWS::CloudFormation::Stack';
const FUNCTION_TYPE = 'AWS::Lambda::Function';
const LOG_GROUP_TYPE = 'AWS::Logs::LogGroup';
const TABLE_TYPE = 'AWS::DynamoDB::Table';
const BUCKET_TYPE = 'AWS::S3::Bucket';

/**
 * Checks, type by type, whether everything that was to be deleted is gone. For functions, log groups, tables and
 * buckets it asks their own services, because leftovers of these cost money or block names. For all others it relies on
 * CloudFormation: asking IAM would take permissions that nothing else needs.
 */
export async function makeReceipt(
  context: StackContext,
  project: string,
  torn: readonly TornStack[],
  sweptLogGroups: readonly string[],
  signal: AbortSignal,
): Promise<readonly ReceiptLine[]> {
  const fates = torn.flatMap(fatesOf);
  const stackLine = await checkStacks(context, torn, signal);
  const types = [...new Set([...fates.map(({ resource }) => resource.resourceType), LOG_GROUP_TYPE])].sort();
  const lines = await Promise.all(
    types.map(async (resourceType): Promise<ReceiptLine> => {
      const ofType = fates.filter(({ resource }) => resource.resourceType === resourceType);
      const names = (fate: Fate): readonly string[] =>
        ofType.filter((each) => each.fate === fate).map(({ resource }) => nameOf(resource));
      const retained = names('retained');
      const asked = await askService(context, project, resourceType, torn, ofType, signal);
      const left = (asked ?? names('left')).filter((name) => !retained.includes(name));
      const swept = resourceType === LOG_GROUP_TYPE ? sweptLogGroups.length : 0;
      const found = Math.max(ofType.length + swept, left.length + retained.length);
      return {
        resourceType,
        found,
        deleted: found - left.length - retained.length,
        left,
        retained,
        checkedWith: asked === undefined ? 'cloudformation' : 'service',
      };
    }),
  );
  return [stackLine, ...lines];
}

function nameOf(resource: StackResource): string {
  return resource.physicalId ?? resource.logicalId;
}

/**
 * The fate of each resource of a stack, by the events of its deletion. The resources of a deleted stack are not listed
 * again, because the events say the same and moto creates them again when asked.
 */
function fatesOf(torn: TornStack): readonly { readonly resource: StackResource; readonly fate: Fate }[] {
  return torn.resources
    .filter(({ status }) => status !== 'DELETE_COMPLETE')
    .map((resource) => {
      const ending = torn.endings.get(resource.logicalId);
      if (ending === 'DELETE_SKIPPED') return { resource, fate: 'retained' };
      // A stack is DELETE_COMPLETE once all of its resources are; some endpoints have no events for resources.
      const gone = ending === 'DELETE_COMPLETE' || torn.deleted;
      return { resource, fate: gone ? 'deleted' : 'left' };
    });
}

async function checkStacks(
  context: StackContext,
  torn: readonly TornStack[],
  signal: AbortSignal,
): Promise<ReceiptLine> {
  const still = await Promise.all(
    torn.map(async ({ stack }) => {
      const now = await describeStack(context, stack.stackId, signal);
      return now === undefined || now.status === 'DELETE_COMPLETE' ? [] : [stack.stackName];
    }),
  );
  const left = still.flat();
  return {
    resourceType: STACK_TYPE,
    found: torn.length,
    deleted: torn.length - left.length,
    left,
    retained: [],
    checkedWith: 'service',
  };
}

/** The resources of a type that their service still has. Undefined if the service is not asked or may not be asked. */
async function askService(
  context: StackContext,
  project: string,
  resourceType: string,
  torn: readonly TornStack[],
  ofType: readonly { readonly resource: StackResource }[],
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const runtimes = torn.flatMap(({ runtime }) => (runtime === undefined ? [] : [runtime]));
  // The resources without a runtime (the loader and its log group) are looked for by their own names.
  const loose = torn
    .filter(({ runtime }) => runtime === undefined)
    .flatMap(({ resources }) => resources)
    .flatMap((each) => (each.resourceType === resourceType ? (each.physicalId ?? []) : []));
  try {
    switch (resourceType) {
      case FUNCTION_TYPE:
        return [
          ...(await collect(runtimes, (runtime) => findFunctions(context, project, runtime, signal))).map(
            ({ name }) => name,
          ),
          ...(await collect(loose, async (name) =>
            (await functionExists(context, name, signal)) ? [name] : [],
          )),
        ];
      case LOG_GROUP_TYPE:
        return [
          ...(await collect(runtimes, (runtime) => findLogGroups(context, project, runtime, signal))).map(
            ({ name }) => name,
          ),
          ...(await collect(loose, async (name) =>
            (await logGroupExists(context, name, signal)) ? [name] : [],
          )),
        ];
      case TABLE_TYPE:
        return await collect(physicalIds(ofType), async (name) =>
          (await tableExists(context, name, signal)) ? [name] : [],
        );
      case BUCKET_TYPE:
        return await collect(physicalIds(ofType), async (name) =>
          (await bucketExists(context, name, signal)) ? [name] : [],
        );
      default:
        return undefined;
    }
  } catch (error) {
    const kind = classifyFailure(error);
    // Without permission to read, the receipt relies on CloudFormation, and its line says so.
    if (kind === 'access-denied' || kind === 'unsupported') return undefined;
    throw error;
  }
}

async function collect<In, Out>(
  items: readonly In[],
  look: (item: In) => Promise<readonly Out[]>,
): Promise<readonly Out[]> {
  return (await Promise.all(items.map(look))).flat();
}

function physicalIds(ofType: readonly { readonly resource: StackResource }[]): readonly string[] {
  return ofType.flatMap(({ resource }) => (resource.physicalId === undefined ? [] : [resource.physicalId]));
}
