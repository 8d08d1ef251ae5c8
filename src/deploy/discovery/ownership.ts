import { awsError, type ShedbenchError } from '../../errors.ts';
import { apiStackName, assetsStackName, TAG_PROJECT, TAG_RUNTIME, TAG_VERSION } from '../../model/project.ts';

type Tags = Readonly<Record<string, string>>;

/** The tags of a stack of ours, which CloudFormation hands on to every resource that can bear some. */
export function stackTags(project: string, runtime: string | undefined, toolVersion: string): Tags {
  return {
    [TAG_PROJECT]: project,
    ...(runtime === undefined ? {} : { [TAG_RUNTIME]: runtime }),
    [TAG_VERSION]: toolVersion,
  };
}

/** True where the tags say that shedbench made it for this project. */
export function isOfProject(tags: Tags, project: string): boolean {
  return tags[TAG_PROJECT] === project;
}

/** Which of a project's stacks a stack is, by its tags and name; undefined for one that only looks like it. */
export function roleOf(
  stack: { readonly stackName: string; readonly tags: Tags },
  project: string,
): { readonly kind: 'assets' } | { readonly kind: 'api'; readonly runtime: string } | undefined {
  if (!isOfProject(stack.tags, project)) return undefined;
  if (stack.stackName === assetsStackName(project)) return { kind: 'assets' };
  const runtime = stack.tags[TAG_RUNTIME];
  if (runtime !== undefined && stack.stackName === apiStackName(project, runtime)) {
    return { kind: 'api', runtime };
  }
  return undefined;
}

/** The error for something of somebody else's that bears a name we need (exit 3); it is never touched. */
export function nameClash(what: string, name: string, owner: string): ShedbenchError {
  return awsError(
    'name-clash',
    `${what} ${name} is there already and is not of this project (${owner}); it stays untouched`,
    'Take another project name: --project NAME',
  );
}
