import type { AwsClients } from '../../aws/clients.ts';
import { classifyFailure } from '../../aws/failure-kind.ts';
import { EXIT, ShedbenchError } from '../../errors.ts';
import type { Emit } from '../../model/events.ts';
import type { Interrupt } from '../../model/interrupt.ts';
import type { Identity } from '../../model/target.ts';
import type { Patience } from './patience.ts';

/** What `deploy`, `teardown` and `status` are given by their command. */
export interface DeployDeps {
  readonly clients: AwsClients;
  readonly identity: Identity;
  /** The folder whose `.shedbench/` holds the records. */
  readonly cwd: string;
  readonly toolVersion: string;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Resolves after `ms`; rejects when the signal is aborted first. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly emit: Emit;
  readonly interrupt: Interrupt;
}

/** The same with what one command's calls share. */
export interface StackContext extends DeployDeps {
  readonly patience: Patience;
  /** The command that picks up again, for whoever lets go in the middle. */
  readonly pickUpCommand: string;
}

/** The end of a command that a person stopped (exit 130). */
export function interrupted(message: string, hint: string): ShedbenchError {
  return new ShedbenchError({ code: 'interrupted', message, hint, exitCode: EXIT.interrupted });
}

/** The end of a command that was let go of while CloudFormation works on (exit 130). */
export function detached(context: Pick<StackContext, 'pickUpCommand'>): ShedbenchError {
  return new ShedbenchError({
    code: 'detached',
    message: 'Let go: CloudFormation goes on by itself with what it was asked',
    hint: `Pick up again with: ${context.pickUpCommand}`,
    exitCode: EXIT.interrupted,
  });
}

/**
 * For the points where CloudFormation works on nothing, so that a second Ctrl-C leaves nothing to let go of.
 * @throws ShedbenchError `interrupted` once the person asked to stop
 */
export function stopIfInterrupted(context: StackContext, what: string): void {
  if (context.interrupt.first.aborted) throw interrupted(what, `Go on with: ${context.pickUpCommand}`);
}

/**
 * The outcome of work that the first Ctrl-C cuts short, `interrupted` where it did; for what leaves nothing behind.
 */
export async function untilInterrupted<T>(context: StackContext, work: Promise<T>, what: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    // Only what the Ctrl-C itself ended: a failure that came at the same time must not hide behind it.
    const { first, second } = context.interrupt;
    const ended = classifyFailure(error) === 'aborted' || error === first.reason || error === second.reason;
    if (ended) stopIfInterrupted(context, what);
    throw error;
  }
}

/** The work's outcome, or `detached` where it ended because of the second Ctrl-C. */
export async function untilDetached<T>(context: StackContext, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (context.interrupt.second.aborted) throw detached(context);
    throw error;
  }
}
