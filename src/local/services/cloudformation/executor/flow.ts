import { type Environment, evaluate } from '../engine/evaluate.ts';
import type { Dependencies } from '../engine/graph.ts';
import type { PreparedTemplate } from '../engine/prepare.ts';
import type { Stack, StackOperation, StackOutput } from '../stack.ts';
import type { Recorder } from './recorder.ts';
import { type ExecutorDeps, ResourceOperations } from './resource-operations.ts';

/** Why an operation is stopped early. It is the abort signal's reason. */
export type StopReason = 'delete' | 'cancel' | 'timeout' | 'shutdown';

/** What every flow uses. */
export interface FlowContext {
  readonly deps: ExecutorDeps;
  readonly stack: Stack;
  readonly operation: StackOperation;
  readonly recorder: Recorder;
  readonly signal: AbortSignal;
}

export function resourceOperations(context: FlowContext): ResourceOperations {
  return new ResourceOperations(context.deps, context.stack, context.recorder);
}

/** An environment that resolves references with the stack's current resources. */
export function currentEnvironment(stack: Stack, prepared: PreparedTemplate): Environment {
  return prepared.environment({
    resource: (id) => stack.resources.get(id)?.current?.physicalId,
    attribute: (id, attribute) => stack.resources.get(id)?.current?.attributes[attribute],
  });
}

export function dependenciesOf(prepared: PreparedTemplate): Dependencies {
  return new Map(
    prepared.order.map((id) => [id, prepared.resources.get(id)?.dependencies ?? new Set<string>()]),
  );
}

/** Evaluates the outputs with the stack's current resources. @throws ServiceError if a function can't be resolved */
export function evaluateOutputs(
  prepared: PreparedTemplate,
  environment: Environment,
): readonly StackOutput[] {
  return prepared.outputs.map((output) => {
    const value = evaluate(output.value, environment);
    return {
      key: output.key,
      value: Array.isArray(value) ? value.map(String).join(',') : String(value ?? ''),
      ...(output.description === undefined ? {} : { description: output.description }),
    };
  });
}

/** Returns why the flow was stopped. Undefined if it may continue. */
export function stopReason(signal: AbortSignal): StopReason | undefined {
  return signal.aborted ? (signal.reason as StopReason) : undefined;
}
