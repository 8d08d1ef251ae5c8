import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { translateAwsError } from '../../aws/errors.ts';
import { awsError } from '../../errors.ts';
import { assetsStackName, fleetStackName, loaderFunctionName } from '../../model/project.ts';
import type { Architecture } from '../../model/target.ts';
import { MB_PER_VCPU } from '../../model/vcpu.ts';
import { withStep } from '../../model/with-step.ts';
import { packageRoot } from '../artifacts/package-root.ts';
import {
  keyPrefix,
  OBJECT_PROJECT_METADATA,
  type UploadArtifact,
  uploadArtifacts,
} from '../artifacts/upload-artifacts.ts';
import { reproducibleZip } from '../artifacts/zip.ts';
import { executePrepared, prepareStack } from '../stacks/converge-stack.ts';
import { createPatience } from '../stacks/patience.ts';
import { checkOwner } from '../stacks/preflight.ts';
import { describeStack, type StackDescription } from '../stacks/stack-api.ts';
import {
  type DeployDeps,
  type StackContext,
  stopIfInterrupted,
  untilInterrupted,
} from '../stacks/stack-context.ts';
import { bucketOf } from '../stacks/stack-outputs.ts';
import { assetsSpec, fleetSpec, type StackSpec } from '../stacks/stack-specs.ts';
import { conditionOf } from '../stacks/stack-state.ts';
import { readTemplate } from '../stacks/template.ts';

/** A loader is one thread, so it gets one vCPU. */
export const LOADER_MEMORY_MB = MB_PER_VCPU;

/** How many change sets are tried when somebody else changes the stack meanwhile. */
const MAX_ATTEMPTS = 4;

export interface FleetDeployOptions {
  readonly project: string;
  readonly architecture: Architecture;
  /** The command that continues after an interruption. */
  readonly pickUpCommand: string;
}

/** The deployed loader function, and the bucket in which the flag to stop is put. */
export interface DeployedFleet {
  readonly functionName: string;
  readonly architecture: Architecture;
  readonly memorySizeMB: number;
  readonly bucket: string;
  /** The prefix of the keys of the project's objects in the bucket. */
  readonly keyPrefix: string;
  /** The tags of the project's objects. Teardown recognizes the objects by them. */
  readonly objectMetadata: Readonly<Record<string, string>>;
}

/**
 * Deploys the loader function that this version of shedbench needs, and the bucket for its code. Changes nothing if
 * both are deployed already.
 * @throws ShedbenchError what deploying a stack throws (exit 3 and 130)
 */
export async function deployFleet(options: FleetDeployOptions, deps: DeployDeps): Promise<DeployedFleet> {
  const patience = createPatience({ ...deps, target: deps.clients.target });
  const context: StackContext = { ...deps, patience, pickUpCommand: options.pickUpCommand };
  try {
    return await converge(options, context);
  } catch (error) {
    throw translateAwsError(error, deps.clients.target);
  }
}

async function converge(options: FleetDeployOptions, context: StackContext): Promise<DeployedFleet> {
  const { project, architecture } = options;
  const artifact = await packageLoader(project);
  const fleet = {
    functionName: loaderFunctionName(project),
    architecture,
    memorySizeMB: LOADER_MEMORY_MB,
    keyPrefix: keyPrefix(project),
    objectMetadata: { [OBJECT_PROJECT_METADATA]: project },
  };
  const standing = await findStanding(context, project, artifact.s3Key, architecture);
  if (standing !== undefined) return { ...fleet, bucket: standing };
  const [assetsTemplate, fleetTemplate] = await Promise.all([readTemplate('assets'), readTemplate('fleet')]);
  const assets = await convergeStack(
    context,
    project,
    assetsSpec(project, assetsTemplate, context.toolVersion),
  );
  const bucket = await bucketOf(context, assets);
  await untilInterrupted(
    context,
    uploadArtifacts(context, project, bucket, [artifact], context.interrupt.first),
    'Stopped while uploading the loader',
  );
  await convergeStack(
    context,
    project,
    fleetSpec(
      project,
      { architecture, memorySizeMB: LOADER_MEMORY_MB, codeBucket: bucket, codeKey: artifact.s3Key },
      fleetTemplate,
      context.toolVersion,
    ),
  );
  return { ...fleet, bucket };
}

/** The bucket, if both stacks exist and the loader has exactly this code. Undefined if something must be deployed. */
async function findStanding(
  context: StackContext,
  project: string,
  codeKey: string,
  architecture: Architecture,
): Promise<string | undefined> {
  const { first } = context.interrupt;
  const [assets, fleet] = await Promise.all(
    [assetsStackName(project), fleetStackName(project)].map((name) => describeStack(context, name, first)),
  );
  for (const stack of [assets, fleet]) {
    if (stack === undefined || conditionOf(stack.status) !== 'standing') return undefined;
    await checkOwner(context, project, stack, first);
  }
  const outputs = fleet?.outputs ?? {};
  const isThis = outputs.CodeKey === codeKey && outputs.Architecture === architecture;
  return isThis ? assets?.outputs.BucketName : undefined;
}

async function convergeStack(
  context: StackContext,
  project: string,
  spec: StackSpec,
): Promise<StackDescription> {
  return await withStep({ id: spec.stackName, title: `Stack ${spec.stackName}` }, context.emit, async () => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      stopIfInterrupted(context, `Stopped before ${spec.stackName} was changed`);
      const outcome = await executePrepared(context, await prepareStack(context, project, spec));
      if (outcome !== 'moved') return outcome.stack;
    }
    throw awsError(
      'stack-unsteady',
      `${spec.stackName} was changed by somebody else in each of the ${MAX_ATTEMPTS} attempts of this load`,
      `Wait until they are done, then: ${context.pickUpCommand}`,
    );
  });
}

/** The code of the loader: one file of the package. */
async function packageLoader(project: string): Promise<UploadArtifact> {
  const bytes = await readFile(join(packageRoot(), 'dist', 'loader.js'));
  // Node reads a file of this name as an ES module without a package.json.
  const zip = await reproducibleZip([{ name: 'index.mjs', bytes, mode: 0o644 }]);
  const sha256 = createHash('sha256').update(zip).digest('hex');
  return { zip, sha256, s3Key: `${keyPrefix(project)}fleet/loader-${sha256}.zip` };
}
