import type { ChangeSet } from './change-set.ts';
import { validationError } from './engine/template-error.ts';
import type { Stack } from './stack.ts';

/** All stacks of the cloud, also deleted ones, which are found by id only. AWS keeps them for 90 days. */
export class StackStore {
  readonly #byId = new Map<string, Stack>();
  readonly #changeSets = new Map<string, ChangeSet>();

  add(stack: Stack): void {
    this.#byId.set(stack.id, stack);
  }

  /** Newest first. */
  all(): readonly Stack[] {
    return [...this.#byId.values()].reverse();
  }

  /** Finds a stack by id, or by name if it is not deleted. */
  find(nameOrId: string): Stack | undefined {
    if (nameOrId.startsWith('arn:')) return this.#byId.get(nameOrId);
    return this.all().find((stack) => stack.name === nameOrId && stack.status !== 'DELETE_COMPLETE');
  }

  /** @throws ServiceError in the words of the Describe operations */
  describe(nameOrId: string): Stack {
    const stack = this.find(nameOrId);
    if (stack === undefined) throw validationError(`Stack with id ${nameOrId} does not exist`);
    return stack;
  }

  /** @throws ServiceError in the words of the operations that change a stack or read its events */
  get(nameOrId: string): Stack {
    const stack = this.find(nameOrId);
    if (stack === undefined) throw validationError(`Stack [${nameOrId}] does not exist`);
    return stack;
  }

  addChangeSet(changeSet: ChangeSet): void {
    this.#changeSets.set(changeSet.id, changeSet);
  }

  removeChangeSet(changeSet: ChangeSet): void {
    this.#changeSets.delete(changeSet.id);
  }

  findChangeSet(id: string): ChangeSet | undefined {
    return this.#changeSets.get(id);
  }

  /** The change sets of a stack, in the order of their creation. */
  changeSetsOf(stack: Stack): readonly ChangeSet[] {
    return [...this.#changeSets.values()].filter((changeSet) => changeSet.stackId === stack.id);
  }
}
