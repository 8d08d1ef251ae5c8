import { classifyFailure } from '../../aws/failure-kind.ts';
import { apiStackName, assetsStackName } from '../../model/project.ts';
import { listChangeSets } from '../stacks/change-set.ts';
import { describeAllStacks, describeStack, type StackDescription } from '../stacks/stack-api.ts';
import type { StackContext } from '../stacks/stack-context.ts';
import { isOfProject, roleOf } from './ownership.ts';

/** A stack of a project. */
export interface ProjectStack {
  readonly stack: StackDescription;
  /** Undefined for the assets stack. */
  readonly runtime: string | undefined;
}

/** What was found of a project, and how widely was looked. */
export interface FoundProject {
  readonly stacks: readonly ProjectStack[];
  /** `tags`: every stack of the region was looked at; `names`: only those with a name that is known. */
  readonly searchedBy: 'tags' | 'names';
  /** Stacks that bear the project's tag under a name that is none of ours: they are left alone. */
  readonly strange: readonly string[];
}

/**
 * Finds the stacks of a project by its tags, without any record. Where the caller may not list all stacks, by the names
 * that the known runtimes' stacks have.
 * @param listed all stacks of the region, where they were listed already
 */
export async function findProject(
  context: StackContext,
  project: string,
  knownRuntimes: readonly string[],
  signal: AbortSignal,
  listed?: readonly StackDescription[],
): Promise<FoundProject> {
  const expected = new Map<string, string | undefined>([
    [assetsStackName(project), undefined],
    ...knownRuntimes.map((runtime) => [apiStackName(project, runtime), runtime] as const),
  ]);
  const { stacks, searchedBy } =
    listed === undefined
      ? await candidates(context, [...expected.keys()], signal)
      : { stacks: listed, searchedBy: 'tags' as const };
  const found: ProjectStack[] = [];
  const strange: string[] = [];
  for (const stack of stacks) {
    const role = roleOf(stack, project);
    if (role !== undefined) {
      found.push({ stack, runtime: role.kind === 'api' ? role.runtime : undefined });
    } else if (isOfProject(stack.tags, project)) {
      strange.push(stack.stackName);
    } else if (expected.has(stack.stackName) && (await isOurReview(context, stack, signal))) {
      found.push({ stack, runtime: expected.get(stack.stackName) });
    }
  }
  // The bucket's first, then by runtime: CloudFormation's own order is that of their age.
  found.sort((left, right) => compare(left.runtime ?? '', right.runtime ?? ''));
  return { stacks: found, searchedBy, strange };
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

async function candidates(
  context: StackContext,
  names: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly stacks: readonly StackDescription[]; readonly searchedBy: 'tags' | 'names' }> {
  try {
    return { stacks: await describeAllStacks(context, signal), searchedBy: 'tags' };
  } catch (error) {
    if (classifyFailure(error) !== 'access-denied') throw error;
  }
  const named = await Promise.all(names.map((name) => describeStack(context, name, signal)));
  return { stacks: named.filter((stack) => stack !== undefined), searchedBy: 'names' };
}

/** True for what an abandoned change set of ours left: a stack without tags and without resources. */
async function isOurReview(
  context: StackContext,
  stack: StackDescription,
  signal: AbortSignal,
): Promise<boolean> {
  if (stack.status !== 'REVIEW_IN_PROGRESS') return false;
  const changeSets = await listChangeSets(context, stack.stackId, signal);
  return changeSets.every(({ ours }) => ours);
}
