import { setImmediate as turn } from 'node:timers/promises';
import type {
  OnFailure,
  OperationType,
  Stack,
  StackDefinition,
  StackOperation,
  StackStatus,
} from '../stack.ts';
import { createFlow } from './create-flow.ts';
import { deleteFlow, rollbackCreation } from './delete-flow.ts';
import type { FlowContext, StopReason } from './flow.ts';
import { beginOperation, Recorder } from './recorder.ts';
import type { ExecutorDeps } from './resource-operations.ts';
import { rollbackUpdate, updateFlow } from './update-flow.ts';

const USER_INITIATED = 'User Initiated';
const MS_PER_MINUTE = 60_000;

/** The status after a flow failed because of a bug. A later operation can start from it. */
const AFTER_BUG: Partial<Record<StackStatus, StackStatus>> = {
  CREATE_IN_PROGRESS: 'CREATE_FAILED',
  ROLLBACK_IN_PROGRESS: 'ROLLBACK_FAILED',
  DELETE_IN_PROGRESS: 'DELETE_FAILED',
  UPDATE_IN_PROGRESS: 'UPDATE_FAILED',
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'UPDATE_FAILED',
  UPDATE_ROLLBACK_IN_PROGRESS: 'UPDATE_ROLLBACK_FAILED',
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'UPDATE_ROLLBACK_FAILED',
};

export interface CreateOptions {
  readonly onFailure: OnFailure;
  readonly retainExceptOnCreate: boolean;
  readonly timeoutMinutes?: number;
  readonly token?: string;
}

export interface UpdateOptions {
  readonly disableRollback: boolean;
  readonly retainExceptOnCreate: boolean;
  readonly token?: string;
}

/**
 * Runs operations, at most one flow per stack at a time. Every method sets the stack's first status before it returns.
 * The rest runs in the background.
 */
export class Executor {
  readonly #deps: ExecutorDeps;
  readonly #flows = new Set<Promise<void>>();
  readonly #controllers = new Set<AbortController>();

  constructor(deps: ExecutorDeps) {
    this.#deps = deps;
  }

  create(stack: Stack, definition: StackDefinition, options: CreateOptions): StackOperation {
    stack.definition = definition;
    stack.onFailure = options.onFailure;
    stack.retainExceptOnCreate = options.retainExceptOnCreate;
    stack.timeoutMinutes = options.timeoutMinutes;
    return this.#launch(
      stack,
      'CREATE_STACK',
      'CREATE_IN_PROGRESS',
      options.token,
      async (context, controller) => {
        const cancelTimer = startTimeout(controller, options.timeoutMinutes);
        try {
          await createFlow(context, definition);
        } finally {
          cancelTimer();
        }
      },
    );
  }

  update(stack: Stack, definition: StackDefinition, options: UpdateOptions): StackOperation {
    stack.definition = definition;
    stack.updatedAtMs = this.#deps.now();
    stack.onFailure = options.disableRollback ? 'DO_NOTHING' : 'ROLLBACK';
    stack.retainExceptOnCreate = options.retainExceptOnCreate;
    // A creation that failed without a rollback has only the empty state to return to.
    stack.stable ??= { definition, resources: new Map(), outputs: [] };
    return this.#launch(stack, 'UPDATE_STACK', 'UPDATE_IN_PROGRESS', options.token, (context) =>
      updateFlow(context, definition, options),
    );
  }

  /** Ends a creation in progress first. */
  delete(stack: Stack, retained: ReadonlySet<string>, token: string | undefined): StackOperation {
    this.#stop(stack, 'delete');
    stack.deletedAtMs = undefined;
    return this.#launch(stack, 'DELETE_STACK', 'DELETE_IN_PROGRESS', token, (context) =>
      deleteFlow(context, retained),
    );
  }

  cancelUpdate(stack: Stack): void {
    this.#stop(stack, 'cancel');
  }

  /** Continues a rollback that ended in UPDATE_ROLLBACK_FAILED. */
  continueRollback(stack: Stack, skipped: ReadonlySet<string>, token: string | undefined): StackOperation {
    return this.#launch(stack, 'CONTINUE_ROLLBACK', 'UPDATE_ROLLBACK_IN_PROGRESS', token, (context) =>
      rollbackUpdate(context, skipped),
    );
  }

  /** Rolls back a stack whose operation failed with rollback disabled. */
  rollback(stack: Stack, token: string | undefined): StackOperation {
    return stack.status === 'CREATE_FAILED'
      ? this.#launch(stack, 'ROLLBACK', 'ROLLBACK_IN_PROGRESS', token, rollbackCreation)
      : this.#launch(stack, 'ROLLBACK', 'UPDATE_ROLLBACK_IN_PROGRESS', token, (context) =>
          rollbackUpdate(context, new Set()),
        );
  }

  /** Stops all flows. Resolves when none runs any more. */
  async close(): Promise<void> {
    for (const controller of this.#controllers) controller.abort('shutdown' satisfies StopReason);
    await Promise.all(this.#flows);
  }

  #stop(stack: Stack, reason: StopReason): void {
    stack.running?.controller.abort(reason);
  }

  #launch(
    stack: Stack,
    type: OperationType,
    status: StackStatus,
    token: string | undefined,
    flow: (context: FlowContext, controller: AbortController) => Promise<void>,
  ): StackOperation {
    const previous = stack.running?.done;
    const operation = beginOperation(stack, this.#deps, type, token);
    const recorder = new Recorder(stack, this.#deps, operation);
    const controller = new AbortController();
    recorder.stackStatus(status, USER_INITIATED);
    const run = async (): Promise<void> => {
      await previous;
      // The request that started this is answered first.
      await turn();
      try {
        await flow({ deps: this.#deps, stack, operation, recorder, signal: controller.signal }, controller);
      } catch (error) {
        this.#deps.cloud.log(
          `${type} of ${stack.name} failed because of a bug: ${error instanceof Error ? error.stack : String(error)}`,
        );
        const left = AFTER_BUG[stack.status];
        const reason = `Internal Failure: ${error instanceof Error ? error.message : String(error)}`;
        if (left !== undefined) recorder.stackStatus(left, reason);
      }
      operation.endedAtMs = this.#deps.now();
      operation.status = succeeded(type, stack.status) ? 'SUCCEEDED' : 'FAILED';
    };
    const done = run();
    stack.running = { operation, controller, done };
    this.#flows.add(done);
    this.#controllers.add(controller);
    void done.finally(() => {
      this.#flows.delete(done);
      this.#controllers.delete(controller);
      if (stack.running?.operation === operation) stack.running = undefined;
    });
    return operation;
  }
}

function succeeded(type: OperationType, status: StackStatus): boolean {
  switch (type) {
    case 'CREATE_STACK':
      return status === 'CREATE_COMPLETE';
    case 'UPDATE_STACK':
      return status === 'UPDATE_COMPLETE';
    case 'DELETE_STACK':
      return status === 'DELETE_COMPLETE';
    case 'ROLLBACK':
    case 'CONTINUE_ROLLBACK':
      return status === 'ROLLBACK_COMPLETE' || status === 'UPDATE_ROLLBACK_COMPLETE';
    case 'CREATE_CHANGESET':
      return false;
  }
}

function startTimeout(controller: AbortController, minutes: number | undefined): () => void {
  if (minutes === undefined) return () => undefined;
  const timer = setTimeout(() => controller.abort('timeout' satisfies StopReason), minutes * MS_PER_MINUTE);
  timer.unref();
  return () => clearTimeout(timer);
}
