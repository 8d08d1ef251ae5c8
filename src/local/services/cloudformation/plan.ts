import { sameValue } from '../../resources/value.ts';
import { compareStack, type ResourceChange } from './engine/changes.ts';
import type { PreparedTemplate } from './engine/prepare.ts';
import { validationError } from './engine/template-error.ts';
import { currentEnvironment, evaluateOutputs } from './executor/flow.ts';
import type { DeployedResource, Stack, StackDefinition, StackStatus } from './stack.ts';

const UPDATABLE: readonly StackStatus[] = [
  'CREATE_COMPLETE',
  'CREATE_FAILED',
  'UPDATE_COMPLETE',
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_COMPLETE',
];

/** @throws ServiceError if the stack's status does not allow an update */
export function refuseUnlessUpdatable(stack: Stack): void {
  if (!UPDATABLE.includes(stack.status)) {
    throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
  }
}

export interface UpdatePlan {
  readonly changes: readonly ResourceChange[];
  /** Whether nothing would change. Outputs, tags and earlier failures count as changes too. */
  readonly isEmpty: boolean;
}

/**
 * Determines what an update to the definition would change.
 * @throws ServiceError if a logical id changes its type
 */
export function planUpdate(stack: Stack, definition: StackDefinition): UpdatePlan {
  const resources = currentResources(stack);
  refuseTypeChanges(resources, definition.prepared);
  const changes = compareStack(
    {
      resources,
      parameters: stack.definition?.prepared.parameters ?? new Map(),
      tags: stack.definition?.tags ?? {},
    },
    definition.prepared,
    definition.tags,
  );
  const failed = [...stack.resources.values()].some((record) => record.status.endsWith('_FAILED'));
  const isEmpty =
    changes.length === 0 &&
    !failed &&
    sameValue(stack.definition?.tags ?? {}, definition.tags) &&
    sameOutputs(stack, definition.prepared);
  return { changes, isEmpty };
}

/** The current resources by logical id. */
function currentResources(stack: Stack): ReadonlyMap<string, DeployedResource> {
  const resources = new Map<string, DeployedResource>();
  for (const record of stack.resources.values()) {
    if (record.current !== undefined) resources.set(record.logicalId, record.current);
  }
  return resources;
}

/** Called only if no resource changes, so every value is known. */
function sameOutputs(stack: Stack, prepared: PreparedTemplate): boolean {
  const outputs = evaluateOutputs(prepared, currentEnvironment(stack, prepared));
  return sameValue(outputs, stack.outputs);
}

function refuseTypeChanges(
  resources: ReadonlyMap<string, DeployedResource>,
  prepared: PreparedTemplate,
): void {
  const changed = [...resources.values()]
    .filter((resource) => {
      const now = prepared.resources.get(resource.logicalId);
      return now !== undefined && now.type !== resource.type;
    })
    .map((resource) => resource.logicalId);
  if (changed.length > 0) {
    throw validationError(
      `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${changed.join(', ')}]`,
    );
  }
}
