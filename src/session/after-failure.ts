import { ShedbenchError } from '../errors.ts';
import type { CommandDeps } from '../model/command.ts';
import { DEFAULT_PROJECT } from '../model/project.ts';
import { type Selector, targetFlags } from '../model/selector.ts';
import { forgetLocalDeployments, readRecords } from '../store/deployments.ts';
import type { Session } from './session.ts';

/**
 * After a failure or an interrupt of what deploys: says what stands, and the command that ends it. A local cloud that
 * this command started is stopped after an interrupt; after a failure it stays as long as something stands in it, since
 * its logs say what failed, and another deploy of this folder may be at work in it.
 */
export async function tellWhatIsLeft(
  what: 'bench' | 'deploy',
  session: Pick<Session, 'startedLocalCloud' | 'keepLocalCloud'>,
  selector: Selector,
  deps: CommandDeps,
): Promise<void> {
  const note = (message: string): void => deps.emit({ type: 'note', message });
  const interrupted = deps.interrupt.first.aborted;
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
  const { stopLocalCloud } = await import('../targets/local-cloud.ts');
  await stopLocalCloud({ folder: deps.cwd, now: deps.now, sleep: deps.sleep });
  await forgetLocalDeployments(deps.cwd, deps.emit);
  note(`The local cloud that this ${what} started is stopped: nothing is left deployed.`);
}

/** Whether a deploy of this folder got as far as its first stack: the record is written before it. */
async function standsHere(selector: Selector, deps: CommandDeps): Promise<boolean> {
  // What can't be read was warned about when the command began.
  const records = await readRecords(deps.cwd, () => {});
  return records.some(
    ({ project, target }) =>
      (target.kind === 'local') === selector.local &&
      (selector.project === undefined || project === selector.project),
  );
}

/** A failure while clearing up, as a warning: it never hides what failed first. */
export function warnOf(error: unknown, code: string, deps: Pick<CommandDeps, 'emit'>): void {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof ShedbenchError ? error.hint : undefined;
  deps.emit({ type: 'warning', code, message, ...(hint === undefined ? {} : { hint }) });
}
