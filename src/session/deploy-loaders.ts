import { type DeployedFleet, deployFleet } from '../deploy/fleet/deploy-fleet.ts';
import type { CommandDeps } from '../model/command.ts';
import { FUNCTION_DEFAULTS } from '../model/defaults.ts';
import { type Selector, targetFlags } from '../model/selector.ts';
import type { Architecture } from '../model/target.ts';
import { deployDeps, type Session } from './session.ts';

/** The architecture of this machine, and so of the functions that a local cloud can run. */
const HOST_ARCHITECTURE: Architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';

/**
 * Deploys the loader function to the target of a session. On AWS it runs on arm64, which costs a fifth less for the same
 * work; on a local cloud, on the machine's own architecture.
 * @throws ShedbenchError as `deployFleet`
 */
export async function deployLoaders(
  project: string,
  session: Session,
  selector: Selector,
  deps: CommandDeps,
): Promise<DeployedFleet> {
  const isLocal = session.target.kind === 'local';
  return await deployFleet(
    {
      project,
      architecture: isLocal ? HOST_ARCHITECTURE : FUNCTION_DEFAULTS.architecture,
      pickUpCommand: `shedbench load${targetFlags({ ...selector, project, local: isLocal })} --from lambda`,
    },
    deployDeps(session, deps),
  );
}
