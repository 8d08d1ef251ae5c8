import type { DoorRequest } from '../seams.ts';

/** An operation's input as its protocol decoded it; every value still has to be checked. */
export type OperationInput = Readonly<Record<string, unknown>>;

export interface OperationContext {
  readonly request: DoorRequest;
}

/**
 * One AWS operation. Returns the members of its output (undefined ones are left out).
 * @throws ServiceError what the client sees; anything else is a bug, logged and answered as `InternalFailure` (500)
 */
export type Operation = (input: OperationInput, context: OperationContext) => Promise<object | undefined>;
