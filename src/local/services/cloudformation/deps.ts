import type { TypeRegistry } from '../../resources/resource-type.ts';
import type { Cloud } from '../../seams.ts';
import type { Executor } from './executor/executor.ts';
import type { StackStore } from './store.ts';

/** What every operation of the service uses. */
export interface CloudFormationDeps {
  readonly cloud: Cloud;
  readonly store: StackStore;
  readonly executor: Executor;
  readonly registry: TypeRegistry;
  /** How many items a page of a Describe or List answer has. */
  readonly pageSize: number;
  /** Generates a UUID. */
  newId(): string;
  /** Runs work that continues after the answer. Closing the service waits for it. */
  background(work: () => Promise<void>): void;
}
