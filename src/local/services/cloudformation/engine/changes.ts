import type { PhysicalResource, ResourceType } from '../../../resources/resource-type.ts';
import type { UpdateBehaviour } from '../../../resources/schema.ts';
import {
  canonicalJson,
  hasUnknown,
  isValueList,
  isValueObject,
  KNOWN_AFTER_APPLY,
  type Properties,
  sameValue,
  type Value,
  type ValueObject,
} from '../../../resources/value.ts';
import type { Environment } from './evaluate.ts';
import type { ParameterValues } from './parameters.ts';
import { type PreparedResource, type PreparedTemplate, resolveProperties } from './prepare.ts';
import { type References, referencesIn } from './references.ts';
import type { ResourceDeclaration } from './template.ts';

/** A deployed resource, for the comparison. */
export interface ComparedResource extends PhysicalResource {
  readonly logicalId: string;
  readonly type: ResourceType;
  readonly declaration: ResourceDeclaration;
  readonly properties: Properties;
  readonly tags: Readonly<Record<string, string>>;
}

/** The current state of a stack. */
export interface ComparedStack {
  readonly resources: ReadonlyMap<string, ComparedResource>;
  readonly parameters: ParameterValues;
  readonly tags: Readonly<Record<string, string>>;
}

export type ChangeScope = 'Properties' | 'Metadata' | 'Tags' | 'DeletionPolicy' | 'UpdateReplacePolicy';
export type RequiresRecreation = 'Never' | 'Conditionally' | 'Always';
export type ChangeSource =
  | 'DirectModification'
  | 'ParameterReference'
  | 'ResourceReference'
  | 'ResourceAttribute';

export interface ChangeDetail {
  readonly attribute: ChangeScope;
  readonly name?: string;
  readonly requiresRecreation: RequiresRecreation;
  readonly evaluation: 'Static' | 'Dynamic';
  readonly source: ChangeSource;
  readonly causingEntity?: string;
  readonly before?: string;
  readonly after?: string;
}

/** One change of a change set. */
export interface ResourceChange {
  readonly action: 'Add' | 'Modify' | 'Remove';
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId?: string;
  readonly replacement?: 'True' | 'False' | 'Conditional';
  readonly policyAction?: 'Delete' | 'Retain' | 'ReplaceAndDelete' | 'ReplaceAndRetain';
  readonly scope: readonly ChangeScope[];
  readonly details: readonly ChangeDetail[];
  readonly beforeContext?: string;
  readonly afterContext?: string;
}

/**
 * Determines what an update would do to each resource, as AWS evaluates it before execution. The evaluation is static
 * if the values are known, and dynamic if they depend on another resource that changes.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets-view.html
 */
export function compareStack(
  before: ComparedStack,
  after: PreparedTemplate,
  tags: ComparedStack['tags'],
): readonly ResourceChange[] {
  const changes = new Map<string, ResourceChange>();
  const environment = after.environment({
    resource: (id) => {
      const existing = before.resources.get(id);
      const replaced = changes.get(id)?.replacement;
      return existing === undefined || (replaced !== undefined && replaced !== 'False')
        ? KNOWN_AFTER_APPLY
        : existing.physicalId;
    },
    attribute: (id, attribute) => {
      const existing = before.resources.get(id);
      return existing === undefined || changes.has(id)
        ? KNOWN_AFTER_APPLY
        : (existing.attributes[attribute] ?? KNOWN_AFTER_APPLY);
    },
  });
  const tagsChanged = !sameValue(before.tags, tags);
  for (const id of after.order) {
    const resource = after.resources.get(id);
    if (resource === undefined) continue;
    const existing = before.resources.get(id);
    const change =
      existing === undefined
        ? addition(resource, environment)
        : modification(existing, resource, environment, { changes, before, after, tagsChanged });
    if (change !== undefined) changes.set(id, change);
  }
  const removals = [...before.resources.values()]
    .filter((resource) => !after.resources.has(resource.logicalId))
    .map(removal);
  return [...changes.values(), ...removals];
}

function addition(resource: PreparedResource, environment: Environment): ResourceChange {
  const { properties } = resolveProperties(resource.type, resource.declaration.properties, environment);
  return {
    action: 'Add',
    logicalId: resource.declaration.logicalId,
    type: resource.type.type,
    scope: [],
    details: [],
    afterContext: context(properties),
  };
}

function removal(resource: ComparedResource): ResourceChange {
  return {
    action: 'Remove',
    logicalId: resource.logicalId,
    type: resource.type.type,
    physicalId: resource.physicalId,
    policyAction: resource.declaration.deletionPolicy === 'Delete' ? 'Delete' : 'Retain',
    scope: [],
    details: [],
    beforeContext: context(resource.properties),
  };
}

interface Surroundings {
  readonly changes: ReadonlyMap<string, ResourceChange>;
  readonly before: ComparedStack;
  readonly after: PreparedTemplate;
  readonly tagsChanged: boolean;
}

function modification(
  existing: ComparedResource,
  resource: PreparedResource,
  environment: Environment,
  surroundings: Surroundings,
): ResourceChange | undefined {
  const { declaration, type } = resource;
  const { properties } = resolveProperties(type, declaration.properties, environment);
  const details: ChangeDetail[] = [];
  const names = new Set([...Object.keys(existing.properties), ...Object.keys(properties)]);
  for (const name of names) {
    details.push(...propertyDetails(name, existing, resource, properties, surroundings));
  }
  if (type.taggable && surroundings.tagsChanged) {
    details.push({
      attribute: 'Tags',
      requiresRecreation: 'Never',
      evaluation: 'Static',
      source: 'DirectModification',
    });
  }
  details.push(...attributeDetails(existing.declaration, declaration));
  if (details.length === 0) return undefined;
  const replacement = replacementOf(details);
  return {
    action: 'Modify',
    logicalId: declaration.logicalId,
    type: type.type,
    physicalId: existing.physicalId,
    replacement,
    ...(replacement === 'False'
      ? {}
      : {
          policyAction:
            declaration.updateReplacePolicy === 'Retain' ? 'ReplaceAndRetain' : 'ReplaceAndDelete',
        }),
    scope: [...new Set(details.map((detail) => detail.attribute))],
    details,
    beforeContext: context(existing.properties),
    afterContext: context(properties),
  };
}

/** The changes of one property, each with its cause. Empty if the property does not change. */
function propertyDetails(
  name: string,
  existing: ComparedResource,
  resource: PreparedResource,
  properties: Properties,
  { changes, before, after }: Surroundings,
): readonly ChangeDetail[] {
  const declared = resource.declaration.properties[name];
  const previous = existing.declaration.properties[name];
  const oldValue = existing.properties[name];
  const newValue = properties[name];
  const behaviour = resource.type.properties[name]?.update ?? 'in-place';
  const isTags = resource.type.taggable && name === 'Tags';
  const target = {
    ...(isTags ? { attribute: 'Tags' as const } : { attribute: 'Properties' as const, name }),
    ...(oldValue === undefined ? {} : { before: shown(oldValue) }),
    ...(newValue === undefined ? {} : { after: shown(newValue) }),
    requiresRecreation: recreation(behaviour, oldValue, newValue),
  };
  const references =
    declared === undefined
      ? undefined
      : referencesIn(declared, (condition) => after.conditions.get(condition));
  const causes: ChangeCause[] = references === undefined ? [] : resourceCauses(references, changes);
  if (!sameValue(oldValue, newValue)) {
    const changedParameters = [...(references?.names ?? [])].filter(
      (parameter) =>
        after.parameters.has(parameter) &&
        after.parameters.get(parameter) !== before.parameters.get(parameter),
    );
    for (const parameter of changedParameters) {
      causes.push({ evaluation: 'Static', source: 'ParameterReference', causingEntity: parameter });
    }
    const textChanged = !sameValue(declared, previous);
    const explained = causes.length > 0 || (newValue !== undefined && hasUnknown(newValue));
    if (textChanged || !explained || changedParameters.length > 0) {
      // If a parameter changed, AWS can't tell whether the text changed as well.
      const evaluation = changedParameters.length > 0 && !textChanged ? 'Dynamic' : 'Static';
      causes.push({ evaluation, source: 'DirectModification' });
    }
  }
  return causes.map((cause) => ({ ...target, ...cause }));
}

type ChangeCause = Pick<ChangeDetail, 'evaluation' | 'source' | 'causingEntity'>;

/** The referenced resources that change too, so that their future Ref or attribute is not known yet. */
function resourceCauses({ names, attributes }: References, changes: Surroundings['changes']): ChangeCause[] {
  const causes: ChangeCause[] = [];
  for (const id of names) {
    const replaced = changes.get(id)?.replacement;
    if (replaced === 'True' || replaced === 'Conditional') {
      const evaluation = replaced === 'True' ? 'Static' : 'Dynamic';
      causes.push({ evaluation, source: 'ResourceReference', causingEntity: id });
    }
  }
  for (const { logicalId, attribute } of attributes) {
    if (changes.get(logicalId)?.action === 'Modify') {
      causes.push({
        evaluation: 'Dynamic',
        source: 'ResourceAttribute',
        causingEntity: `${logicalId}.${attribute}`,
      });
    }
  }
  return causes;
}

function attributeDetails(before: ResourceDeclaration, after: ResourceDeclaration): readonly ChangeDetail[] {
  const changed: ChangeScope[] = [];
  if (!sameValue(before.metadata, after.metadata)) changed.push('Metadata');
  if (before.deletionPolicy !== after.deletionPolicy) changed.push('DeletionPolicy');
  if (before.updateReplacePolicy !== after.updateReplacePolicy) changed.push('UpdateReplacePolicy');
  return changed.map((attribute) => ({
    attribute,
    requiresRecreation: 'Never',
    evaluation: 'Static',
    source: 'DirectModification',
  }));
}

/** Whether a change from one value to another replaces the resource. */
export function replaces(
  behaviour: UpdateBehaviour,
  before: Value | undefined,
  after: Value | undefined,
): boolean {
  if (behaviour === 'in-place') return false;
  return behaviour === 'replace' || behaviour.replaces(before, after);
}

function recreation(
  behaviour: UpdateBehaviour,
  before: Value | undefined,
  after: Value | undefined,
): RequiresRecreation {
  if (behaviour === 'in-place') return 'Never';
  if (behaviour === 'replace') return 'Always';
  if (after !== undefined && hasUnknown(after)) return 'Conditionally';
  return behaviour.replaces(before, after) ? 'Always' : 'Never';
}

/**
 * The change with the most impact decides. A certain `Always` replaces the resource, an uncertain one may.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
 */
function replacementOf(details: readonly ChangeDetail[]): 'True' | 'False' | 'Conditional' {
  if (details.some((detail) => detail.requiresRecreation === 'Always' && detail.evaluation === 'Static')) {
    return 'True';
  }
  return details.some((detail) => detail.requiresRecreation !== 'Never') ? 'Conditional' : 'False';
}

function context(properties: ValueObject): string {
  return canonicalJson({ Properties: properties });
}

function shown(value: Value): string {
  return isValueList(value) || isValueObject(value) || value === KNOWN_AFTER_APPLY
    ? canonicalJson(value).replace(/^"|"$/g, '')
    : String(value);
}
