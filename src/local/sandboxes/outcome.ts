import type { InvokeOutcome } from '../seams.ts';
import type { Fault } from './fault.ts';
import type { RuntimeResult } from './runtime-api.ts';

/** The outcome of an invocation that Lambda ended, for its caller. */
export function faultOutcome({ payload, errorType }: Fault, requestId: string): InvokeOutcome {
  return { kind: 'function-error', payload, requestId, errorType };
}

/** The outcome with the last lines of the log, if there are any. */
export function withTail(outcome: InvokeOutcome, logTail: Buffer | undefined): InvokeOutcome {
  return outcome.kind === 'throttled' || logTail === undefined ? outcome : { ...outcome, logTail };
}

/** The outcome of an invocation that the runtime answered, for its caller. */
export function outcomeOf(result: RuntimeResult, requestId: string): InvokeOutcome {
  return result.kind === 'ok'
    ? { kind: 'ok', payload: result.payload, requestId }
    : { kind: 'function-error', payload: result.payload, requestId, errorType: result.errorType };
}
