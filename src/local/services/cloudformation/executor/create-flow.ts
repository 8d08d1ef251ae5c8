import { ServiceError } from '../../../seams.ts';
import type { StackDefinition, StackOutput } from '../stack.ts';
import { deleteFlow, rollbackCreation } from './delete-flow.ts';
import { CREATION_CANCELLED, failedResources, UPDATE_CANCELLED } from './failure.ts';
import {
  currentEnvironment,
  dependenciesOf,
  evaluateOutputs,
  type FlowContext,
  resourceOperations,
  stopReason,
} from './flow.ts';
import { runGraph } from './scheduler.ts';
import { settle } from './update-flow.ts';

/**
 * Creates all resources of the template. The stack ends in CREATE_COMPLETE, or as its OnFailure says. A DeleteStack
 * meanwhile ends the flow without a further status.
 */
export async function createFlow(context: FlowContext, definition: StackDefinition): Promise<void> {
  const { stack, recorder, signal } = context;
  const { prepared } = definition;
  const operations = resourceOperations(context);
  const environment = currentEnvironment(stack, prepared);
  const run = await runGraph(
    dependenciesOf(prepared),
    async (id) => {
      const resource = prepared.resources.get(id);
      return resource === undefined || operations.create(resource, environment, definition.tags);
    },
    {
      stopOnFailure: true,
      signal,
      onStop: (ids) => operations.cancel(ids, { create: CREATION_CANCELLED, update: UPDATE_CANCELLED }),
    },
  );
  const stopped = stopReason(signal);
  if (stopped === 'delete' || stopped === 'shutdown') return;
  let reason =
    stopped === 'timeout'
      ? 'Stack creation time exceeded the specified timeout. '
      : failedResources('create', run.failed);
  let outputs: readonly StackOutput[] = [];
  if (!run.stopped) {
    try {
      outputs = evaluateOutputs(prepared, environment);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      reason = `${error.message}. `;
    }
  }
  if (!run.stopped && reason === '') {
    settle(stack, definition, outputs);
    recorder.stackStatus('CREATE_COMPLETE');
  } else if (stack.onFailure === 'DO_NOTHING') recorder.stackStatus('CREATE_FAILED', reason);
  else if (stack.onFailure === 'DELETE') {
    recorder.stackStatus('DELETE_IN_PROGRESS', `${reason}Delete requested by user.`);
    await deleteFlow(context, new Set());
  } else {
    recorder.stackStatus('ROLLBACK_IN_PROGRESS', `${reason}Rollback requested by user.`);
    await rollbackCreation(context);
  }
}
