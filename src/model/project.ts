/** The project name used when none is given. */
export const DEFAULT_PROJECT = 'sheepshed';

/** What CloudFormation, S3 and Lambda accept alike as the head of every name. */
export const PROJECT_NAME_PATTERN = /^[a-z][a-z0-9-]*$/;

/**
 * Project plus runtime label, in characters: a function's name has at most 64, the longest tail
 * (`-post-sheep-random` with its separators) takes the rest.
 */
export const MAX_PROJECT_AND_RUNTIME_LENGTH = 45;

export function assetsStackName(project: string): string {
  return `${project}-assets`;
}

export function apiStackName(project: string, runtime: string): string {
  return `${project}-${runtime}-api`;
}

/** The tags that every stack and resource of ours carries; stacks without them are never touched. */
export const TAG_PROJECT = 'shedbench:project';
export const TAG_RUNTIME = 'shedbench:runtime';
export const TAG_VERSION = 'shedbench:version';
