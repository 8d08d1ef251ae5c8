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

/** `DeployDeps` and what all calls of one command share. */
export interface StackContext extends DeployDeps {
  readonly patience: Patience;
  /** The command that continues after an interruption. */
  readonly pickUpCommand: string;
}

/** The error of a command that a person stopped (exit 130). */
export function interrupted(message: string, hint: string): ShedbenchError {
  return new ShedbenchError({ code: 'interrupted', message, hint, exitCode: EXIT.interrupted });
}

/** The error of a command that a person left while CloudFormation continues (exit 130). */
export function detached(context: Pick<StackContext, 'pickUpCommand'>): ShedbenchError {
  return new ShedbenchError({
    code: 'detached',
    message: 'Stopped watching: CloudFormation continues by itself',
    hint: `Continue with: ${context.pickUpCommand}`,
    exitCode: EXIT.interrupted,
  });
}

/**
 * Ends the command after a Ctrl-C. To be called while CloudFormation runs no operation of this command.
 * @throws ShedbenchError `interrupted` once the person asked to stop
 */
export function stopIfInterrupted(context: StackContext, what: string): void {
  if (context.interrupt.first.aborted) throw interrupted(what, `Continue with: ${context.pickUpCommand}`);
}

/**
 * Waits for work and returns its result. Throws `interrupted` if the first Ctrl-C ended the work. Only for work that
 * leaves nothing behind.
 */
export async function untilInterrupted<T>(context: StackContext, work: Promise<T>, what: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    // Only if the Ctrl-C itself ended the work, because another failure at the same moment has to be reported.
    const { first, second } = context.interrupt;
    const ended = classifyFailure(error) === 'aborted' || error === first.reason || error === second.reason;
    if (ended) stopIfInterrupted(context, what);
    throw error;
  }
}

/** Waits for work and returns its result. Throws `detached` if the second Ctrl-C ended the work. */
export async function untilDetached<T>(context: StackContext, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (context.interrupt.second.aborted) throw detached(context);
    throw error;
  }
}
