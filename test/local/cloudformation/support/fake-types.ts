import { HandlerError } from '../../../../src/local/resources/handler-error.ts';
import type {
  ExistingResource,
  ResourceScope,
  ResourceType,
  TypeRegistry,
} from '../../../../src/local/resources/resource-type.ts';
import {
  boolean,
  inPlace,
  integer,
  list,
  notEmulated,
  object,
  replacing,
  required,
  tagList,
  text,
} from '../../../../src/local/resources/schema.ts';
import { type Properties, stringIn } from '../../../../src/local/resources/value.ts';

/** What a fake resource does next, by logical id and verb. */
export type Behaviour = (context: { attempt: number; properties: Properties }) => Promise<void> | void;

/**
 * A world of `Test::Fake::Thing`s: what exists, what was called in which order, and what is told to fail or to wait.
 */
export class FakeWorld {
  /** Physical id → properties. */
  readonly existing = new Map<string, Properties>();
  readonly calls: string[] = [];
  /** Logical id → the tags that its last create or update was given. */
  readonly tags = new Map<string, Readonly<Record<string, string>>>();
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #attempts = new Map<string, number>();

  /** `on('create A', …)`: runs inside the operation, before it takes effect. */
  on(call: string, behaviour: Behaviour): void {
    this.#behaviours.set(call, behaviour);
  }

  /** The operation fails with AWS's form of a handler error. */
  fail(call: string, message = 'no'): void {
    this.on(call, () => {
      throw new HandlerError('InvalidRequest', message);
    });
  }

  /** The operation waits until the returned function is called. */
  hold(call: string): () => void {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.on(call, () => gate);
    return release;
  }

  heal(call: string): void {
    this.#behaviours.delete(call);
  }

  async act(call: string, properties: Properties): Promise<void> {
    this.calls.push(call);
    const attempt = (this.#attempts.get(call) ?? 0) + 1;
    this.#attempts.set(call, attempt);
    await this.#behaviours.get(call)?.({ attempt, properties });
  }
}

/** Types over a FakeWorld: a Thing, and a Role that needs CAPABILITY_IAM. */
export function fakeTypes(world: FakeWorld): TypeRegistry {
  const thing: ResourceType = {
    type: 'Test::Fake::Thing',
    properties: {
      Name: replacing(text({ minLength: 1, maxLength: 20 })),
      Color: inPlace(text({ enum: ['red', 'green', 'blue'] })),
      Size: inPlace(integer({ min: 1, max: 10 })),
      Flag: inPlace(boolean),
      Link: inPlace(text()),
      Parts: inPlace(list(object({ Id: { schema: text(), required: true }, Weight: { schema: integer() } }))),
      Kind: {
        schema: text(),
        update: { replaces: (before, after) => before !== undefined && after === 'other' },
      },
      Tags: inPlace(tagList()),
      ...notEmulated(['Exotic']),
    },
    attributes: ['Arn', 'Color'],
    taggable: true,
    systemTags: true,
    fixedName: (properties) => (typeof properties.Name === 'string' ? properties.Name : undefined),
    exists: (_cloud, name) => world.existing.has(name),
    holdsData: (_cloud, physicalId) => world.existing.get(physicalId)?.Flag === true,
    create: async (scope, properties) => {
      const id = stringIn(properties, 'Name') ?? scope.generateName({ maxLength: 63 });
      await world.act(`create ${scope.logicalId}`, properties);
      if (world.existing.has(id)) throw new HandlerError('AlreadyExists', `${id} already exists`);
      world.existing.set(id, properties);
      world.tags.set(scope.logicalId, scope.tags);
      scope.initiated(id);
      await world.act(`stabilize ${scope.logicalId}`, properties);
      return physical(id, properties);
    },
    update: async (scope, properties, before) => {
      await world.act(`update ${scope.logicalId}`, properties);
      world.existing.set(before.physicalId, properties);
      world.tags.set(scope.logicalId, scope.tags);
      return physical(before.physicalId, properties);
    },
    delete: (scope, existing) => remove(world, scope, existing),
  };
  const role: ResourceType = {
    ...thing,
    type: 'Test::Fake::Role',
    capability: (properties) => (properties.Name === undefined ? 'CAPABILITY_IAM' : 'CAPABILITY_NAMED_IAM'),
  };
  const pin: ResourceType = {
    type: 'Test::Fake::Pin',
    properties: { Place: required(replacing(text())) },
    attributes: [],
    taggable: false,
    create: async (scope, properties) => {
      await world.act(`create ${scope.logicalId}`, properties);
      const id = scope.generateName({ maxLength: 63 });
      world.existing.set(id, properties);
      return { physicalId: id, attributes: {} };
    },
    delete: (scope, existing) => remove(world, scope, existing),
  };
  return new Map([thing, role, pin].map((type) => [type.type, type]));
}

async function remove(world: FakeWorld, scope: ResourceScope, existing: ExistingResource): Promise<void> {
  await world.act(`delete ${scope.logicalId}`, existing.properties);
  world.existing.delete(existing.physicalId);
}

function physical(
  id: string,
  properties: Properties,
): { physicalId: string; attributes: Record<string, string> } {
  return {
    physicalId: id,
    attributes: { Arn: `arn:test:::${id}`, Color: stringIn(properties, 'Color') ?? 'none' },
  };
}
