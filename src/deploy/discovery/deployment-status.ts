import { translateAwsError } from '../../aws/errors.ts';
import type { PlanHeading } from '../../model/deploy-plan.ts';
import type { DeployedRuntime } from '../../model/deployment.ts';
import { DEFAULT_PROJECT } from '../../model/project.ts';
import { createPatience } from '../stacks/patience.ts';
import { headingOf } from '../stacks/plan-steps.ts';
import { describeStackResources, type StackDescription } from '../stacks/stack-api.ts';
import type { DeployDeps, StackContext } from '../stacks/stack-context.ts';
import { apiOutputs, toDeployedRuntime } from '../stacks/stack-outputs.ts';
import { conditionOf, type StackCondition } from '../stacks/stack-state.ts';
import { findProject } from './find-project.ts';
import { findMissingParts } from './missing-parts.ts';

export interface StatusOptions {
  readonly project: string;
  /** Labels of the runtimes to look up by name where the caller may not list all stacks. */
  readonly knownRuntimes: readonly string[];
}

/** The current state of one stack of a project. */
export interface StackStatus {
  readonly stackName: string;
  readonly runtime?: string;
  readonly status: string;
  readonly condition: StackCondition;
  readonly statusReason?: string;
  readonly resources: number;
  readonly createdAtEpochMs: number;
  readonly updatedAtEpochMs: number;
  /** The version of shedbench that deployed it. */
  readonly toolVersion?: string;
  /** Present for a complete API stack. */
  readonly deployed?: DeployedRuntime;
  /** The parts of an existing stack that somebody deleted by hand: `log group /aws/lambda/…`. */
  readonly missing?: readonly string[];
  /** The command that repairs the stack, where that is needed. */
  readonly hint?: string;
}

export interface DeploymentStatus {
  readonly heading: PlanHeading;
  readonly searchedBy: 'tags' | 'names';
  /** The names of stacks that were looked up where `searchedBy` is `names`; otherwise empty. */
  readonly names: readonly string[];
  /** Empty if nothing is deployed. */
  readonly stacks: readonly StackStatus[];
}

/**
 * The state of all stacks of a project, found by tags and without any record. It changes nothing.
 * @throws ShedbenchError as `translateAwsError` returns it (exit 3)
 */
export async function deploymentStatus(options: StatusOptions, deps: DeployDeps): Promise<DeploymentStatus> {
  const { project } = options;
  const patience = createPatience({ ...deps, target: deps.clients.target });
  const context: StackContext = { ...deps, patience, pickUpCommand: 'shedbench status' };
  const { first } = context.interrupt;
  try {
    const found = await findProject(context, project, options.knownRuntimes, first);
    const stacks = await Promise.all(
      found.stacks.map(async ({ stack, runtime }): Promise<StackStatus> => {
        const condition = conditionOf(stack.status);
        const resources = await describeStackResources(context, stack.stackId, first);
        const stands = condition === 'standing' && runtime !== undefined;
        const toolVersion = stack.tags['shedbench:version'];
        const missing =
          condition === 'standing' ? await findMissingParts(context, stack, runtime, first) : [];
        return {
          stackName: stack.stackName,
          ...(runtime === undefined ? {} : { runtime }),
          status: stack.status,
          condition,
          ...(stack.statusReason === undefined ? {} : { statusReason: stack.statusReason }),
          resources: resources.filter(({ status }) => status !== 'DELETE_COMPLETE').length,
          createdAtEpochMs: stack.createdAtEpochMs,
          updatedAtEpochMs: stack.updatedAtEpochMs,
          ...(toolVersion === undefined ? {} : { toolVersion }),
          ...(stands ? { deployed: await deployedRuntime(context, stack, runtime) } : {}),
          ...(missing.length === 0
            ? hintFor(condition)
            : { missing, hint: hintForMissing(project, runtime) }),
        };
      }),
    );
    return { heading: headingOf(context, project), searchedBy: found.searchedBy, names: found.names, stacks };
  } catch (error) {
    throw translateAwsError(error, deps.clients.target);
  }
}

async function deployedRuntime(
  context: StackContext,
  stack: StackDescription,
  runtime: string,
): Promise<DeployedRuntime> {
  return toDeployedRuntime(context.clients.target, runtime, await apiOutputs(context, stack, runtime), {});
}

function hintForMissing(project: string, runtime: string | undefined): string {
  const flags = `${project === DEFAULT_PROJECT ? '' : ` --project ${project}`}${runtime === undefined ? '' : ` --runtime ${runtime}`}`;
  return `shedbench teardown${flags}, then shedbench deploy, creates them again`;
}

function hintFor(condition: StackCondition): { readonly hint?: string } {
  switch (condition) {
    case 'standing':
    case 'absent':
      return {};
    case 'busy':
      return { hint: 'shedbench deploy follows it to its end' };
    case 'half-deleted':
      return { hint: 'shedbench teardown finishes the deletion' };
    default:
      return { hint: 'shedbench deploy deletes it and creates it again' };
  }
}
