import { apiStackName, assetsStackName, fleetStackName, loaderFunctionName } from '../../model/project.ts';
import { functionName, ROUTES, type Route } from '../../model/route.ts';
import type { Architecture } from '../../model/target.ts';
import type { PackagedRuntime } from '../artifacts/package-functions.ts';
import { stackTags } from '../discovery/ownership.ts';
import { forOrigin, type Template } from './template.ts';

/** The wanted state of a stack. */
export interface StackSpec {
  readonly stackName: string;
  /** Undefined for the stacks of the bucket and of the loaders. */
  readonly runtime: string | undefined;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** The names of the stack's functions. */
  readonly functions: readonly string[];
}

/** Settings that all functions of a deployment share. */
export interface FunctionSettings {
  readonly architecture: Architecture;
  readonly memorySizeMB: number;
  readonly allowOrigin: string;
  readonly logRetentionDays: number;
}

/** The wanted state of the stack with the bucket for the functions' code. */
export function assetsSpec(project: string, template: Template, toolVersion: string): StackSpec {
  return {
    stackName: assetsStackName(project),
    runtime: undefined,
    template,
    parameters: { ProjectName: project, ToolVersion: toolVersion },
    tags: stackTags(project, undefined, toolVersion),
    functions: [],
  };
}

/** What the loader function is made from. */
export interface LoaderSettings {
  readonly architecture: Architecture;
  readonly memorySizeMB: number;
  readonly codeBucket: string;
  readonly codeKey: string;
}

/** The wanted state of the stack with the function that sends load from the region. */
export function fleetSpec(
  project: string,
  settings: LoaderSettings,
  template: Template,
  toolVersion: string,
): StackSpec {
  return {
    stackName: fleetStackName(project),
    runtime: undefined,
    template,
    parameters: {
      ProjectName: project,
      Architecture: settings.architecture,
      MemorySize: String(settings.memorySizeMB),
      CodeBucket: settings.codeBucket,
      CodeKey: settings.codeKey,
      ToolVersion: toolVersion,
    },
    tags: stackTags(project, undefined, toolVersion),
    functions: [loaderFunctionName(project)],
  };
}
/** The value of the template's parameter `Sdk` for a manifest without an SDK, because an output must not be empty. */
export const UNKNOWN_SDK = 'unknown';

/** How `templates/api.yaml` spells a route in its parameters and outputs. */
export const ROUTE_WORDS: Readonly<Record<Route, string>> = {
  cat: 'Cat',
  sheep: 'Sheep',
  dog: 'Dog',
  wolf: 'Wolf',
};

/** The value of the template's parameter `MockUri` for an endpoint that is not AWS. Nothing is called at this URI. */
const MOCK_URI = 'mock';

/**
 * The wanted state of the stack with one runtime's API.
 * @param isForeign true for an endpoint that is not AWS
 */
export function apiSpec(
  project: string,
  packaged: PackagedRuntime,
  settings: FunctionSettings,
  codeBucket: string,
  template: Template,
  toolVersion: string,
  isForeign: boolean,
): StackSpec {
  const runtime = packaged.manifest.label;
  const code = Object.fromEntries(
    ROUTES.flatMap((route) => {
      const { s3Key, handler } = packaged.functions[route];
      return [
        [`${ROUTE_WORDS[route]}CodeKey`, s3Key],
        [`${ROUTE_WORDS[route]}Handler`, handler],
      ];
    }),
  );
  return {
    stackName: apiStackName(project, runtime),
    runtime,
    template: forOrigin(template, settings.allowOrigin),
    parameters: {
      ProjectName: project,
      RuntimeLabel: runtime,
      LambdaRuntime: packaged.manifest.lambdaRuntime,
      Sdk: packaged.manifest.sdk ?? UNKNOWN_SDK,
      Architecture: settings.architecture,
      MemorySize: String(settings.memorySizeMB),
      CodeBucket: codeBucket,
      ...code,
      AllowOrigin: settings.allowOrigin,
      LogRetentionDays: String(settings.logRetentionDays),
      ...(isForeign ? { MockUri: MOCK_URI } : {}),
      ToolVersion: toolVersion,
    },
    tags: stackTags(project, runtime, toolVersion),
    functions: ROUTES.map((route) => functionName(project, runtime, route)),
  };
}
