/** The project name used when none is given. */
export const DEFAULT_PROJECT = 'sheepshed';

/**
 * The form of a project's name, which begins the names of stacks. Lambda, API Gateway and CloudWatch Logs accept the
 * same characters, and CloudFormation uses small letters for the name of the bucket.
 */
export const PROJECT_NAME_PATTERN = /^[A-Za-z][A-Za-z0-9-]*$/;

/**
 * The largest length of project and runtime label together, in characters. A function's name has at most 64, and the
 * longest suffix (`-post-sheep-random` with its separators) needs the rest.
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

/** The tags of every stack and resource of this program. Stacks without them are never changed. */
export const TAG_PROJECT = 'shedbench:project';
export const TAG_RUNTIME = 'shedbench:runtime';
export const TAG_VERSION = 'shedbench:version';
