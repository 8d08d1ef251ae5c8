import { probeDeployment } from '../contract/probe-deployment.ts';
import {
  type Artifacts,
  type ArtifactsPlan,
  makeArtifacts,
  planArtifacts,
} from '../deploy/artifacts/make-artifacts.ts';
import { type DeployResult, deployProject } from '../deploy/deploy-project.ts';
import type { ShedbenchError } from '../errors.ts';
import { EXIT } from '../errors.ts';
import type { AsLambdaChoice } from '../model/as-lambda.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import { FUNCTION_DEFAULTS } from '../model/defaults.ts';
import type { Deployment } from '../model/deployment.ts';
import { DEFAULT_PROJECT } from '../model/project.ts';
import { type Selector, targetFlags } from '../model/selector.ts';
import type { Architecture } from '../model/target.ts';
import { stopAndForget, tellWhatIsLeft, warnOf } from '../session/after-failure.ts';
import { asLambdaOption, deployDeps, isLocal, openSession, type Session } from '../session/session.ts';

/** The options that say what is deployed. */
export interface StackOptions extends Selector {
  readonly runtimes?: readonly string[];
  readonly handlerDirs: readonly string[];
  /** A folder of builds with which the others are compared. */
  readonly againstDir?: string;
  /** As typed: `node=nodejs22.x,nodejs24.x`. */
  readonly lambdaRuntimes?: readonly string[];
  readonly architecture?: Architecture;
  readonly memorySizeMB?: number;
  readonly allowOrigin?: string;
  readonly logRetentionDays?: number;
  /** Only for the local cloud: functions run at Lambda's speed. */
  readonly asLambda?: AsLambdaChoice;
}

export interface DeployCommandOptions extends StackOptions {
  readonly planOnly: boolean;
  readonly probe: boolean;
  /** Do not ask before an update that loses data. */
  readonly assumeYes: boolean;
}

export interface DeployCommandResult extends DeployResult {
  readonly schema: 'shedbench/deploy@1';
  /** Runtimes that were left out because their build failed. */
  readonly failedBuilds: readonly { readonly runtime: string; readonly message: string }[];
}

/**
 * Creates or updates the project's stacks according to the options. Exit 4 if a runtime's build failed and the others
 * were deployed, 1 if a loss of data was declined.
 *
 * @throws ShedbenchError exit 2, 3, 4 or 130 as its parts
 */
export async function deploy(
  options: DeployCommandOptions,
  deps: CommandDeps,
): Promise<CommandResult<DeployCommandResult>> {
  const asLambda = asLambdaOption(options, 'deploy', deps);
  const plan = await planDeploy(options, deps);
  const session = await openSession(options, { startLocal: true, ...asLambda }, deps);
  try {
    const { result, artifacts } = await deployWith(session, plan, options, deps);
    if (options.planOnly) await stopAfterPlan(session, deps);
    else session.keepLocalCloud();
    return {
      exitCode:
        artifacts.failed.length > 0
          ? EXIT.toolchain
          : result.outcome === 'declined'
            ? EXIT.fellShort
            : EXIT.ok,
      data: { schema: 'shedbench/deploy@1', ...result, failedBuilds: artifacts.failed.map(toFailedBuild) },
    };
  } catch (error) {
    // A failure here is a warning: the first error stays the one reported.
    await tellWhatIsLeft('deploy', session, { ...options, local: isLocal(options, deps) }, deps).catch(
      (second: unknown) => warnOf(second, 'cloud-not-stopped', deps),
    );
    throw error;
  } finally {
    session.close();
  }
}

/** Without a running local cloud, a plan starts an empty one, and ends it afterwards. */
async function stopAfterPlan(session: Session, deps: CommandDeps): Promise<void> {
  if (!session.startedLocalCloud) return;
  await stopAndForget(deps);
  deps.emit({
    type: 'note',
    message:
      'No local cloud was running, so this plan is for a new one. The one that was started for the plan is stopped.',
  });
}

/** Determines the runtimes of a deploy, and refuses what can be refused before the target is opened. */
export async function planDeploy(options: DeployCommandOptions, deps: CommandDeps): Promise<ArtifactsPlan> {
  const project = options.project ?? DEFAULT_PROJECT;
  return await planArtifacts({ ...options, project }, isLocal(options, deps), deps);
}

/** Deploys on an open session, and does not end its local cloud. */
export async function deployWith(
  session: Session,
  plan: ArtifactsPlan,
  options: DeployCommandOptions,
  deps: CommandDeps,
): Promise<{ readonly result: DeployResult; readonly artifacts: Artifacts }> {
  const { project } = plan;
  const artifacts = await makeArtifacts(plan, deps);
  const result = await deployProject(
    {
      project,
      runtimes: artifacts.packaged,
      architecture: artifacts.architecture,
      memorySizeMB: options.memorySizeMB ?? FUNCTION_DEFAULTS.memorySizeMB,
      allowOrigin: options.allowOrigin ?? FUNCTION_DEFAULTS.allowOrigin,
      logRetentionDays: options.logRetentionDays ?? FUNCTION_DEFAULTS.logRetentionDays,
      planOnly: options.planOnly,
      confirmDataLoss: async (losses) => {
        if (options.assumeYes) return true;
        const names = losses.map(({ name, reason }) => `${name} (${reason})`).join(', ');
        return await deps.confirm(`This deletes data for good: ${names}. Go on?`);
      },
      ...(options.probe
        ? { probe: (deployment: Deployment) => probeDeployment(deployment, session, deps) }
        : {}),
      pickUpCommand: `shedbench deploy${targetFlags({ ...options, project, local: isLocal(options, deps) })}`,
    },
    deployDeps(session, deps),
  );
  return { result, artifacts };
}

function toFailedBuild({ runtime, error }: { readonly runtime: string; readonly error: ShedbenchError }) {
  return { runtime, message: error.message };
}
