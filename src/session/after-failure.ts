import { ShedbenchError } from '../errors.ts';
import type { CommandDeps } from '../model/command.ts';
import { DEFAULT_PROJECT } from '../model/project.ts';
import { type Selector, targetFlags } from '../model/selector.ts';
import { forgetLocalDeployments, readRecords } from '../store/deployments.ts';
import { isCloudUp } from '../targets/local-cloud-queries.ts';
import type { Session } from './session.ts';

/**
 * After a failure or an interrupt of what deploys: says what stands, and the command that ends it. A local cloud that
 * this command started is stopped after an interrupt; after a failure it stays as long as something stands in it, since
 * its logs say what failed, and another deploy of this folder may be at work in it. A local cloud that ended by itself
 * is told as gone, and its remains are cleared away.
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
    if (stood) note('The local cloud is gone, with all that stood in it: shedbench local logs says why.');
    return;
  }
  if (!session.startedLocalCloud) {
    if (interrupted || (what === 'bench' && (await standsHere(selector, deps)))) {
      note(
        `Project ${selector.project ?? DEFAULT_PROJECT} is left as it stands. To delete it: shedbench teardown${targetFlags(selector)}`,
      );
    }
    return;
  }
  if (!interrupted && (await standsHere({ local: true }, deps))) {
    session.keepLocalCloud();
    note(
      'The local cloud stays up with what stands in it: shedbench local logs says more, shedbench teardown --local ends it.',
    );
    return;
  }
  await stopAndForget(deps);
  note(`The local cloud that this ${what} started is stopped: nothing is left deployed.`);
}

/** Ends the folder's local cloud, or clears away what one left, with the records of what stood in it. */
export async function stopAndForget(deps: CommandDeps): Promise<void> {
  const { stopLocalCloud } = await import('../targets/local-cloud.ts');
  await stopLocalCloud({ folder: deps.cwd, now: deps.now, sleep: deps.sleep, emit: deps.emit });
  await forgetLocalDeployments(deps.cwd, deps.emit);
}

/** Whether a deploy of this folder got as far as its first stack: the record is written before it. */
async function standsHere(selector: Selector, deps: CommandDeps): Promise<boolean> {
  const records = await readRecords(deps.cwd, deps.emit);
  return records.some(
    ({ project, target }) =>
      (target.kind === 'local') === selector.local &&
      (selector.project === undefined || project === selector.project),
  );
}

/** A failure while clearing up, as a warning: it never hides the first failure. */
export function warnOf(error: unknown, code: string, deps: Pick<CommandDeps, 'emit'>): void {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof ShedbenchError ? error.hint : undefined;
  deps.emit({ type: 'warning', code, message, ...(hint === undefined ? {} : { hint }) });
}
