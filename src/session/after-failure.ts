import { ShedbenchError } from '../errors.ts';
import type { CommandDeps } from '../model/command.ts';
import { DEFAULT_PROJECT } from '../model/project.ts';
import { type Selector, targetFlags } from '../model/selector.ts';
import { forgetLocalDeployments, readRecords } from '../store/deployments.ts';
import { isCloudUp } from '../targets/local-cloud-queries.ts';
import type { Session } from './session.ts';

/**
 * Reports what is left after a failure or interrupt of a command that deploys, and the command that deletes it. A local
 * cloud that this command started is stopped after an interrupt. After a failure it continues to run if something is
 * deployed in it, because its logs show the cause and another deploy of this folder may use it. If a local cloud ended
 * by itself, that is reported, and its leftovers are removed.
 */
export async function tellWhatIsLeft(
  what: 'bench' | 'deploy',
  session: Pick<Session, 'startedLocalCloud' | 'keepLocalCloud'>,
  selector: Selector,
  deps: CommandDeps,
): Promise<void> {
  const note = (message: string): void => deps.emit({ type: 'note', message });
  const interrupted = deps.interrupt.first.aborted;
  if (selector.local && !interrupted && !(await isCloudUp(deps))) {
    const stood = await standsHere({ local: true }, deps);
    await stopAndForget(deps);
    if (stood)
      note(
        'The local cloud has ended, and all that was deployed in it is lost: shedbench local logs says why.',
      );
    return;
  }
  if (!session.startedLocalCloud) {
    if (interrupted || (what === 'bench' && (await standsHere(selector, deps)))) {
      note(
        `Project ${selector.project ?? DEFAULT_PROJECT} is left as it is. To delete it: shedbench teardown${targetFlags(selector)}`,
      );
    }
    return;
  }
  if (!interrupted && (await standsHere({ local: true }, deps))) {
    session.keepLocalCloud();
    note(
      'The local cloud continues to run with what is deployed in it: shedbench local logs says more, shedbench teardown --local ends it.',
    );
    return;
  }
  await stopAndForget(deps);
  note(`The local cloud that this ${what} started is stopped: nothing is left deployed.`);
}

/** Ends the folder's local cloud, or removes the leftovers of one, and removes the records of its deployments. */
export async function stopAndForget(deps: CommandDeps): Promise<void> {
  const { stopLocalCloud } = await import('../targets/local-cloud.ts');
  await stopLocalCloud({ folder: deps.cwd, now: deps.now, sleep: deps.sleep, emit: deps.emit });
  await forgetLocalDeployments(deps.cwd, deps.emit);
}

/** Whether a deploy of this folder reached its first stack. The record is written before that stack is created. */
async function standsHere(selector: Selector, deps: CommandDeps): Promise<boolean> {
  const records = await readRecords(deps.cwd, deps.emit);
  return records.some(
    ({ project, target }) =>
      (target.kind === 'local') === selector.local &&
      (selector.project === undefined || project === selector.project),
  );
}

/** Emits a failure of cleaning up as a warning. It never hides the first failure. */
export function warnOf(error: unknown, code: string, deps: Pick<CommandDeps, 'emit'>): void {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof ShedbenchError ? error.hint : undefined;
  deps.emit({ type: 'warning', code, message, ...(hint === undefined ? {} : { hint }) });
}
