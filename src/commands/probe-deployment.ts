import type { Deployment } from '../model/deployment.ts';
import type { CommandDeps } from './deps.ts';
import type { Session } from './session.ts';

// Filled in once contract/ is there.
export async function probeDeployment(_d: Deployment, _s: Session, _deps: CommandDeps): Promise<void> {}
