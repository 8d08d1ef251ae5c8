import { ROUTES, type Route } from './route.ts';
import type { Architecture, TargetKind } from './target.ts';

export const DEPLOYMENT_SCHEMA = 'shedbench/deployment@1';

/** The size of a function's code, bytes: the uploaded zip, and the files that Lambda unzips before a cold start. */
export interface BundleSize {
  readonly zipBytes: number;
  readonly unzippedBytes: number;
  /**
   * Of these, what the AWS SDK and its dependencies take; 0 where the runtime brings the SDK. Absent if nobody can
   * tell.
   */
  readonly sdkBytes?: number;
}

export interface DeployedFunction {
  readonly functionName: string;
  readonly functionArn: string;
  readonly logGroupName: string;
  /** SHA-256 of the artifact zip, hex; undefined for a deployment found without its record. */
  readonly artifactSha256?: string;
  /** Undefined for a deployment found without its record. */
  readonly bundle?: BundleSize;
}

/** One runtime's API stack, as described by its outputs. */
export interface DeployedRuntime {
  readonly runtime: string;
  readonly stackName: string;
  readonly stackId: string;
  /** Base URL with the stage and without a trailing slash. */
  readonly apiUrl: string;
  readonly restApiId: string;
  readonly tableName: string;
  readonly lambdaRuntime: string;
  /** The AWS SDK with which the functions call DynamoDB, from the runtime's manifest. */
  readonly sdk?: string;
  readonly functions: Readonly<Record<Route, DeployedFunction>>;
}

/**
 * The record that `deploy` writes to `.shedbench/deployments/`. Later commands use it if it exists, but do not need
 * it.
 */
export interface Deployment {
  readonly schema: typeof DEPLOYMENT_SCHEMA;
  /** `creating` from before the first create; `deployed` once every stack and the probe are done. */
  readonly state: 'creating' | 'deployed' | 'failed';
  readonly project: string;
  readonly target: {
    readonly kind: TargetKind;
    readonly region: string;
    readonly accountId: string;
    readonly endpoint?: string;
    readonly profile?: string;
  };
  readonly architecture: Architecture;
  readonly memorySizeMB: number;
  readonly templateSha256: string;
  readonly toolVersion: string;
  readonly createdAtEpochMs: number;
  readonly updatedAtEpochMs: number;
  readonly runtimes: readonly DeployedRuntime[];
}

/** The names of all functions of these runtimes. */
export function functionNames(runtimes: readonly DeployedRuntime[]): string[] {
  return runtimes.flatMap(({ functions }) => ROUTES.map((route) => functions[route].functionName));
}
