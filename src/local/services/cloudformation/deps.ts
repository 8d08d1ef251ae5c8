import type { TypeRegistry } from '../../resources/resource-type.ts';
import type { Cloud } from '../../seams.ts';
import type { Executor } from './executor/executor.ts';
import type { StackStore } from './store.ts';

/** What every operation of the service works with. */
export interface CloudFormationDeps {
  readonly cloud: Cloud;
  readonly store: StackStore;
  readonly executor: Executor;
  readonly registry: TypeRegistry;
  /** Items of one page of a Describe or List answer. */
  readonly pageSize: number;
  /** A new UUID. */
  newId(): string;
  /** Runs what goes on after an answer; the service's close waits for it. */
  background(work: () => Promise<void>): void;
}
