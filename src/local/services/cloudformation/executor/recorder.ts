import { canonicalJson, type Properties } from '../../../resources/value.ts';
import {
  type OperationType,
  type ResourceRecord,
  type ResourceStatus,
  STACK_TYPE,
  type Stack,
  type StackOperation,
  type StackStatus,
} from '../stack.ts';

export interface Clock {
  /** Epoch ms. */
  now(): number;
  /** Generates a UUID. */
  newId(): string;
}

/** Changes the status of a stack and its resources, and writes an event for every change. */
export class Recorder {
  readonly #stack: Stack;
  readonly #clock: Clock;
  readonly operation: StackOperation;

  constructor(stack: Stack, clock: Clock, operation: StackOperation) {
    this.#stack = stack;
    this.#clock = clock;
    this.operation = operation;
  }

  stackStatus(status: StackStatus, reason?: string): void {
    this.#stack.status = status;
    this.#stack.statusReason = reason;
    this.#push(this.#clock.newId(), this.#stack.name, this.#stack.id, STACK_TYPE, status, reason);
  }

  /**
   * @param physicalId the physical resource of the event; '' before it exists
   * @param quiet writes the event only; it is about a replaced resource, not the current one
   */
  resourceStatus(
    record: ResourceRecord,
    status: ResourceStatus,
    event: { physicalId: string; properties?: Properties; reason?: string; quiet?: boolean },
  ): void {
    const atEpochMs = this.#push(
      undefined,
      record.logicalId,
      event.physicalId,
      record.type.type,
      status,
      event.reason,
      event.properties,
    );
    if (event.quiet === true) return;
    record.status = status;
    record.statusReason = event.reason;
    record.updatedAtMs = atEpochMs;
  }

  #push(
    eventId: string | undefined,
    logicalId: string,
    physicalId: string,
    resourceType: string,
    status: StackStatus | ResourceStatus,
    reason: string | undefined,
    properties?: Properties,
  ): number {
    const last = this.#stack.events.at(-1)?.atEpochMs ?? 0;
    const atEpochMs = Math.max(this.#clock.now(), last + 1);
    this.#stack.events.push({
      eventId: eventId ?? `${logicalId}-${status}-${new Date(atEpochMs).toISOString()}`,
      operationId: this.operation.id,
      logicalId,
      physicalId,
      resourceType,
      status,
      atEpochMs,
      ...(reason === undefined ? {} : { reason }),
      ...(properties === undefined ? {} : { properties: canonicalJson(properties) }),
      ...(this.operation.clientRequestToken === undefined
        ? {}
        : { clientRequestToken: this.operation.clientRequestToken }),
    });
    return atEpochMs;
  }
}

/** Adds a new operation to the stack. */
export function beginOperation(
  stack: Stack,
  clock: Clock,
  type: OperationType,
  clientRequestToken: string | undefined,
): StackOperation {
  const operation: StackOperation = {
    id: clock.newId(),
    type,
    startedAtMs: clock.now(),
    status: 'IN_PROGRESS',
    ...(clientRequestToken === undefined ? {} : { clientRequestToken }),
  };
  stack.operations.push(operation);
  return operation;
}
