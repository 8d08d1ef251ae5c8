/** The project name used when none is given. */
export const DEFAULT_PROJECT = 'sheepshed';

/**
 * What CloudFormation takes as the start of a stack's name. Lambda, API Gateway and CloudWatch Logs take the same
 * characters, and CloudFormation names the bucket in small letters by itself.
 */
export const PROJECT_NAME_PATTERN = /^[A-Za-z][A-Za-z0-9-]*$/;

/**
 * Project plus runtime label, in characters: a function's name has at most 64, the longest tail
 * (`-post-sheep-random` with its separators) takes the rest.
 */
export const MAX_PROJECT_AND_RUNTIME_LENGTH = 45;

export function assetsStackName(project: string): string {
  return `${project}-assets`;
}

export function fleetStackName(project: string): string {
  return `${project}-fleet`;
}

/** The function that sends load from the region. */
export function loaderFunctionName(project: string): string {
  return `${project}-fleet-loader`;
}

export function apiStackName(project: string, runtime: string): string {
  return `${project}-${runtime}-api`;
}

/** The tags that every stack and resource of ours carries; stacks without them are never touched. */
export const TAG_PROJECT = 'shedbench:project';
export const TAG_RUNTIME = 'shedbench:runtime';
export const TAG_VERSION = 'shedbench:version';
