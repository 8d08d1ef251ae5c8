import { classifyFailure } from '../../aws/failure-kind.ts';
import { apiStackName, assetsStackName, fleetStackName } from '../../model/project.ts';
import { listChangeSets } from '../stacks/change-set.ts';
import {
  describeAllStacks,
  describeStack,
  describeStackResources,
  type StackDescription,
} from '../stacks/stack-api.ts';
import type { StackContext } from '../stacks/stack-context.ts';
import { labelsInBucket } from '../teardown/empty-bucket.ts';
import { labelsInLogGroups } from './log-groups.ts';
import { isOfProject, roleOf, type StackRole } from './ownership.ts';

/** A stack of a project. */
export interface ProjectStack {
  readonly stack: StackDescription;
  readonly kind: StackRole['kind'];
  /** Undefined for the stacks of the bucket and of the loaders. */
  readonly runtime: string | undefined;
}

/** What was found of a project, and how it was looked for. */
export interface FoundProject {
  readonly stacks: readonly ProjectStack[];
  /**
   * `tags`: every stack of the region was looked at. `names`: the caller may not list stacks, so only those under the names in
   * `names` were looked at, and a stack of another runtime would not have been found.
   */
  readonly searchedBy: 'tags' | 'names';
  /** The names that were looked up where `searchedBy` is `names`; otherwise empty. */
  readonly names: readonly string[];
  /** Stacks that have the project's tag under a name that shedbench does not give. They are left alone. */
  readonly strange: readonly string[];
}

/**
 * Finds the stacks of a project by its tags, without any record. If the caller may not list stacks, they are looked up
 * by name: the known runtimes, and every runtime that occurs in the project's bucket or log groups.
 * @param listed all stacks of the region, if they were listed already
 */
export async function findProject(
  context: StackContext,
  project: string,
  knownRuntimes: readonly string[],
  signal: AbortSignal,
  listed?: readonly StackDescription[],
): Promise<FoundProject> {
  const all = listed ?? (await listUnlessDenied(context, signal));
  const runtimes =
    all === undefined
      ? [...new Set([...knownRuntimes, ...(await witnessedRuntimes(context, project, signal))])]
      : knownRuntimes;
  const expected = new Map<string, Omit<ProjectStack, 'stack'>>([
    [assetsStackName(project), { kind: 'assets', runtime: undefined }],
    [fleetStackName(project), { kind: 'fleet', runtime: undefined }],
    ...runtimes.map((runtime) => [apiStackName(project, runtime), { kind: 'api', runtime }] as const),
  ]);
  const names = all === undefined ? [...expected.keys()] : [];
  const stacks = all ?? (await describeNamed(context, names, signal));
  const found: ProjectStack[] = [];
  const strange: string[] = [];
  for (const stack of stacks) {
    const role = roleOf(stack, project);
    const awaited = expected.get(stack.stackName);
    if (role !== undefined) {
      found.push({ stack, kind: role.kind, runtime: role.kind === 'api' ? role.runtime : undefined });
    } else if (isOfProject(stack.tags, project)) {
      strange.push(stack.stackName);
    } else if (awaited !== undefined && (await isOurReview(context, stack, signal))) {
      found.push({ stack, ...awaited });
    }
  }
  // The assets stack comes first, then the others by runtime. CloudFormation lists stacks by age.
  found.sort((left, right) => compare(left.runtime ?? '', right.runtime ?? ''));
  return { stacks: found, searchedBy: all === undefined ? 'names' : 'tags', names, strange };
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** All stacks of the region. Undefined if the caller may not list them. */
async function listUnlessDenied(
  context: StackContext,
  signal: AbortSignal,
): Promise<readonly StackDescription[] | undefined> {
  try {
    return await describeAllStacks(context, signal);
  } catch (error) {
    if (classifyFailure(error) === 'access-denied') return undefined;
    throw error;
  }
}

async function describeNamed(
  context: StackContext,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly StackDescription[]> {
  const named = await Promise.all(names.map((name) => describeStack(context, name, signal)));
  return named.filter((stack) => stack !== undefined);
}

/** The runtimes whose zips are in the project's bucket, and those that have log groups. */
async function witnessedRuntimes(
  context: StackContext,
  project: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const resources = await describeStackResources(context, assetsStackName(project), signal);
  const bucket = resources.find(
    ({ resourceType, status }) => resourceType === 'AWS::S3::Bucket' && status !== 'DELETE_COMPLETE',
  )?.physicalId;
  const [inBucket, inLogs] = await Promise.all([
    bucket === undefined || bucket === '' ? [] : labelsInBucket(context, project, bucket, signal),
    labelsInLogGroups(context, project, signal),
  ]);
  return [...inBucket, ...inLogs];
}

/** True for a stack without tags and resources that an abandoned change set of shedbench left behind. */
async function isOurReview(
  context: StackContext,
  stack: StackDescription,
  signal: AbortSignal,
): Promise<boolean> {
  if (stack.status !== 'REVIEW_IN_PROGRESS') return false;
  const changeSets = await listChangeSets(context, stack.stackId, signal);
  return changeSets.every(({ ours }) => ours);
}
