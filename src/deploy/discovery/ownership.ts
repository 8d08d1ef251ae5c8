import { awsError, type ShedbenchError } from '../../errors.ts';
import {
  apiStackName,
  assetsStackName,
  fleetStackName,
  TAG_PROJECT,
  TAG_RUNTIME,
  TAG_VERSION,
} from '../../model/project.ts';

type Tags = Readonly<Record<string, string>>;

/** The tags of a stack of shedbench. CloudFormation copies them to every resource that can have tags. */
export function stackTags(project: string, runtime: string | undefined, toolVersion: string): Tags {
  return {
    [TAG_PROJECT]: project,
    ...(runtime === undefined ? {} : { [TAG_RUNTIME]: runtime }),
    [TAG_VERSION]: toolVersion,
  };
}

/** Whether the tags say that shedbench created it for this project. */
export function isOfProject(tags: Tags, project: string): boolean {
  return tags[TAG_PROJECT] === project;
}

/** The bucket's stack, the loaders' stack, or the stack of one runtime's API. */
export type StackRole =
  | { readonly kind: 'assets' | 'fleet' }
  | { readonly kind: 'api'; readonly runtime: string };

/** Which of a project's stacks a stack is, by its tags and name. Undefined for a stack that only has a similar name. */
export function roleOf(
  stack: { readonly stackName: string; readonly tags: Tags },
  project: string,
): StackRole | undefined {
  if (!isOfProject(stack.tags, project)) return undefined;
  if (stack.stackName === assetsStackName(project)) return { kind: 'assets' };
  if (stack.stackName === fleetStackName(project)) return { kind: 'fleet' };
  const runtime = stack.tags[TAG_RUNTIME];
  if (runtime !== undefined && stack.stackName === apiStackName(project, runtime)) {
    return { kind: 'api', runtime };
  }
  return undefined;
}

/**
 * The error for a resource of somebody else that has a name which the project needs (exit 3). Such a resource is never
 * changed.
 */
export function nameClash(what: string, name: string, owner: string): ShedbenchError {
  return awsError(
    'name-clash',
    `${what} ${name} exists already and does not belong to this project (${owner}); it is left unchanged`,
    'Take another project name: --project NAME',
  );
}
