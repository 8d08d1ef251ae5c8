import type { AwsClients } from '../../../src/aws/clients.ts';
import type { DeployDeps } from '../../../src/deploy/stacks/stack-context.ts';
import type { ProgressEvent } from '../../../src/model/events.ts';
import type { FakeClock } from './clock.ts';

/** The parts of a fake account that a deploy uses. */
interface FakeParts {
  readonly clients: AwsClients;
  readonly cwd: string;
  readonly clock: FakeClock;
  /** Receives every progress event. */
  readonly events: ProgressEvent[];
  readonly first: AbortController;
  readonly second: AbortController;
}

/** The dependencies of a deploy in a fake account, on a fake clock. */
export function fakeDeployDeps({ clients, cwd, clock, events, first, second }: FakeParts): DeployDeps {
  return {
    clients,
    identity: { accountId: '123456789012', arn: 'arn:aws:iam::123456789012:user/jo' },
    cwd,
    toolVersion: '0.1.0',
    now: clock.now,
    random: () => 0.5,
    sleep: clock.sleep,
    emit: (event) => events.push(event),
    interrupt: { first: first.signal, second: second.signal },
  };
}
