import type { DoorRequest } from '../seams.ts';

/** The decoded input of an operation. Its values are not checked yet. */
export type OperationInput = Readonly<Record<string, unknown>>;

export interface OperationContext {
  readonly request: DoorRequest;
}

/**
 * One AWS operation. Returns the members of its output; undefined members are left out.
 * @throws ServiceError for the client; any other error is a bug, which is logged and answered as `InternalFailure`
 * (500)
 */
export type Operation = (input: OperationInput, context: OperationContext) => Promise<object | undefined>;
