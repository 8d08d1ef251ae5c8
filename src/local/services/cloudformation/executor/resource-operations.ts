import type { PhysicalResource, ResourceScope } from '../../../resources/resource-type.ts';
import { type Properties, sameValue, tagsIn } from '../../../resources/value.ts';
import type { Cloud } from '../../../seams.ts';
import { replaces } from '../engine/changes.ts';
import type { Environment } from '../engine/evaluate.ts';
import { type PreparedResource, problemText, resolveProperties } from '../engine/prepare.ts';
import { validationError } from '../engine/template-error.ts';
import type { DeployedResource, ResourceRecord, Stack } from '../stack.ts';
import { failureReason } from './failure.ts';
import { physicalName } from './physical-name.ts';
import type { Clock, Recorder } from './recorder.ts';

export interface ExecutorDeps extends Clock {
  readonly cloud: Cloud;
  /** Returns that many random characters of `0-9a-z`. */
  randomText(length: number): string;
}

const REPLACING = 'Requested update requires the creation of a new physical resource; hence creating one.';

/** Creates, updates and deletes single resources of a stack, and records the events. */
export class ResourceOperations {
  readonly #deps: ExecutorDeps;
  readonly #stack: Stack;
  readonly #recorder: Recorder;
  /** Logical ids that were reported as cancelled while their operation still ran. */
  readonly #cancelled = new Set<string>();

  constructor(deps: ExecutorDeps, stack: Stack, recorder: Recorder) {
    this.#deps = deps;
    this.#stack = stack;
    this.#recorder = recorder;
  }

  /** Reports resources in progress as cancelled. What they create nevertheless is kept for the rollback. */
  cancel(logicalIds: readonly string[], reasons: { create: string; update: string }): void {
    for (const id of logicalIds) {
      const record = this.#stack.resources.get(id);
      if (record === undefined) continue;
      this.#cancelled.add(id);
      const creating = record.status === 'CREATE_IN_PROGRESS';
      this.#recorder.resourceStatus(record, creating ? 'CREATE_FAILED' : 'UPDATE_FAILED', {
        physicalId: record.current?.physicalId ?? '',
        reason: creating ? reasons.create : reasons.update,
        ...(record.current === undefined ? {} : { properties: record.current.properties }),
      });
    }
  }

  /** Creates a resource that the stack does not have. Like the methods below, it resolves to whether it succeeded. */
  async create(
    resource: PreparedResource,
    environment: Environment,
    stackTags: Readonly<Record<string, string>>,
  ): Promise<boolean> {
    const { logicalId } = resource.declaration;
    const record: ResourceRecord = {
      logicalId,
      type: resource.type,
      status: 'CREATE_IN_PROGRESS',
      statusReason: undefined,
      updatedAtMs: 0,
      current: undefined,
      attempted: undefined,
      leftovers: this.#stack.resources.get(logicalId)?.leftovers ?? [],
    };
    this.#stack.resources.set(logicalId, record);
    let properties: Properties | undefined;
    try {
      properties = this.#resolve(resource, environment);
      this.#recorder.resourceStatus(record, 'CREATE_IN_PROGRESS', { physicalId: '', properties });
      const made = await this.#make(record, resource, properties, stackTags, (deployed, reason) => {
        record.current = deployed;
        if (this.#cancelled.has(logicalId)) return;
        this.#recorder.resourceStatus(record, 'CREATE_IN_PROGRESS', {
          physicalId: deployed.physicalId,
          properties: deployed.properties,
          reason,
        });
      });
      record.current = made;
      if (this.#cancelled.has(logicalId)) return false;
      this.#recorder.resourceStatus(record, 'CREATE_COMPLETE', { physicalId: made.physicalId, properties });
      return true;
    } catch (error) {
      this.#fail(record, 'CREATE_FAILED', error, properties);
      return false;
    }
  }

  /**
   * Changes an existing resource to match the template. It may need no change, an update in place, or a replacement.
   */
  async update(
    resource: PreparedResource,
    environment: Environment,
    stackTags: Readonly<Record<string, string>>,
    record: ResourceRecord,
    before: DeployedResource,
  ): Promise<boolean> {
    let properties: Properties;
    try {
      properties = this.#resolve(resource, environment);
    } catch (error) {
      this.#fail(record, 'UPDATE_FAILED', error, undefined);
      return false;
    }
    const tags = this.#tagsOf(resource, properties, stackTags);
    const settled = { ...before, declaration: resource.declaration, dependencies: resource.dependencies };
    const same = sameValue(before.properties, properties) && sameValue(before.tags, tags);
    if (same && record.status !== 'UPDATE_FAILED') {
      record.current = settled;
      return true;
    }
    return this.#mustReplace(resource, before.properties, properties)
      ? this.#replace(resource, properties, stackTags, record, before)
      : this.updateInPlace(record, { ...settled, properties, tags }, before);
  }

  /** Updates a physical resource in place, to another of its deployed states. */
  async updateInPlace(
    record: ResourceRecord,
    target: DeployedResource,
    before: DeployedResource,
  ): Promise<boolean> {
    const event = { physicalId: before.physicalId, properties: target.properties };
    this.#recorder.resourceStatus(record, 'UPDATE_IN_PROGRESS', event);
    record.attempted = target;
    try {
      const scope = this.#scope(record, target.tags, () => undefined, 'UPDATE_IN_PROGRESS', event);
      // A type without an update can't be changed in place: every property requires a replacement.
      const updated = await record.type.update?.(scope, target.properties, before);
      record.current = { ...target, ...updated };
      record.attempted = undefined;
      if (this.#cancelled.has(record.logicalId)) return false;
      this.#recorder.resourceStatus(record, 'UPDATE_COMPLETE', event);
      return true;
    } catch (error) {
      this.#fail(record, 'UPDATE_FAILED', error, target.properties);
      return false;
    }
  }

  /**
   * Deletes a physical resource, or keeps it if its policy says so.
   * @param current whether it is the logical id's current resource; the record is left unchanged for a replaced one
   */
  async delete(
    record: ResourceRecord,
    deployed: DeployedResource,
    options: { readonly current: boolean; readonly retain: boolean },
  ): Promise<boolean> {
    const event = {
      physicalId: deployed.physicalId,
      properties: deployed.properties,
      quiet: !options.current,
    };
    const gone = (): void => {
      if (options.current) record.current = undefined;
      else record.leftovers = record.leftovers.filter((leftover) => leftover !== deployed);
    };
    if (options.retain) {
      this.#recorder.resourceStatus(record, 'DELETE_SKIPPED', event);
      gone();
      return true;
    }
    this.#recorder.resourceStatus(record, 'DELETE_IN_PROGRESS', event);
    try {
      await deployed.type.delete(
        this.#scope(record, deployed.tags, () => undefined, 'DELETE_IN_PROGRESS', event),
        deployed,
      );
      this.#recorder.resourceStatus(record, 'DELETE_COMPLETE', event);
      gone();
      return true;
    } catch (error) {
      this.#recorder.resourceStatus(record, 'DELETE_FAILED', { ...event, reason: this.#reason(error) });
      return false;
    }
  }

  async #replace(
    resource: PreparedResource,
    properties: Properties,
    stackTags: Readonly<Record<string, string>>,
    record: ResourceRecord,
    before: DeployedResource,
  ): Promise<boolean> {
    const { logicalId } = record;
    this.#recorder.resourceStatus(record, 'UPDATE_IN_PROGRESS', {
      physicalId: before.physicalId,
      properties,
      reason: REPLACING,
    });
    let half: DeployedResource | undefined;
    try {
      const name = resource.type.fixedName?.(properties);
      if (name !== undefined && name === resource.type.fixedName?.(before.properties)) {
        throw validationError(
          `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${name} and update the stack again.`,
        );
      }
      const made = await this.#make(record, resource, properties, stackTags, (deployed, reason) => {
        half = deployed;
        if (this.#cancelled.has(logicalId)) return;
        this.#recorder.resourceStatus(record, 'UPDATE_IN_PROGRESS', {
          physicalId: deployed.physicalId,
          properties,
          reason,
        });
      });
      record.current = made;
      record.leftovers = [...record.leftovers, before];
      if (this.#cancelled.has(logicalId)) return false;
      this.#recorder.resourceStatus(record, 'UPDATE_COMPLETE', { physicalId: made.physicalId, properties });
      return true;
    } catch (error) {
      if (half !== undefined) record.leftovers = [...record.leftovers, half];
      this.#fail(record, 'UPDATE_FAILED', error, properties);
      return false;
    }
  }

  async #make(
    record: ResourceRecord,
    resource: PreparedResource,
    properties: Properties,
    stackTags: Readonly<Record<string, string>>,
    onInitiated: (deployed: DeployedResource, reason: string) => void,
  ): Promise<DeployedResource> {
    const tags = this.#tagsOf(resource, properties, stackTags);
    const deployed = (physical: PhysicalResource): DeployedResource => ({
      ...physical,
      logicalId: record.logicalId,
      type: resource.type,
      declaration: resource.declaration,
      dependencies: resource.dependencies,
      properties,
      tags,
    });
    let initiated = false;
    const initiate = (physicalId: string): void => {
      if (initiated) return;
      initiated = true;
      onInitiated(deployed({ physicalId, attributes: {} }), 'Resource creation Initiated');
    };
    const status = record.status === 'CREATE_IN_PROGRESS' ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS';
    const scope = this.#scope(record, tags, initiate, status, { physicalId: '', properties });
    const physical = await resource.type.create(scope, properties);
    initiate(physical.physicalId);
    return deployed(physical);
  }

  #resolve(resource: PreparedResource, environment: Environment): Properties {
    const { properties, problems } = resolveProperties(
      resource.type,
      resource.declaration.properties,
      environment,
    );
    if (problems.length > 0) throw validationError(problemText(resource.declaration.logicalId, problems));
    return properties;
  }

  #mustReplace(resource: PreparedResource, before: Properties, after: Properties): boolean {
    return Object.entries(resource.type.properties).some(
      ([name, spec]) =>
        !sameValue(before[name], after[name]) && replaces(spec.update, before[name], after[name]),
    );
  }

  #tagsOf(
    resource: PreparedResource,
    properties: Properties,
    stackTags: Readonly<Record<string, string>>,
  ): Readonly<Record<string, string>> {
    if (!resource.type.taggable) return {};
    const system =
      resource.type.systemTags === true
        ? {
            'aws:cloudformation:stack-name': this.#stack.name,
            'aws:cloudformation:stack-id': this.#stack.id,
            'aws:cloudformation:logical-id': resource.declaration.logicalId,
          }
        : {};
    return { ...stackTags, ...tagsIn(properties), ...system };
  }

  #scope(
    record: ResourceRecord,
    tags: Readonly<Record<string, string>>,
    initiated: (physicalId: string) => void,
    status: 'CREATE_IN_PROGRESS' | 'UPDATE_IN_PROGRESS' | 'DELETE_IN_PROGRESS',
    event: { readonly physicalId: string; readonly properties: Properties },
  ): ResourceScope {
    let physicalId = event.physicalId;
    return {
      cloud: this.#deps.cloud,
      stackName: this.#stack.name,
      stackId: this.#stack.id,
      logicalId: record.logicalId,
      tags,
      generateName: (limits) =>
        physicalName(this.#stack.name, record.logicalId, limits, (length) => this.#deps.randomText(length)),
      newId: () => this.#deps.newId(),
      initiated: (id) => {
        physicalId = id;
        initiated(id);
      },
      progress: (detail) => {
        if (this.#cancelled.has(record.logicalId)) return;
        this.#recorder.resourceStatus(record, status, {
          physicalId,
          properties: event.properties,
          reason: detail,
        });
      },
    };
  }

  #fail(
    record: ResourceRecord,
    status: 'CREATE_FAILED' | 'UPDATE_FAILED',
    error: unknown,
    properties: Properties | undefined,
  ): void {
    const reason = this.#reason(error);
    if (this.#cancelled.has(record.logicalId)) return;
    this.#recorder.resourceStatus(record, status, {
      physicalId: record.current?.physicalId ?? '',
      reason,
      ...(properties === undefined ? {} : { properties }),
    });
  }

  #reason(error: unknown): string {
    return failureReason(
      error,
      () => this.#deps.newId(),
      (message) => this.#deps.cloud.log(message),
    );
  }
}
