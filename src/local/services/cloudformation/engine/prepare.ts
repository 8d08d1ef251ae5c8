import type { ResourceType, TypeRegistry } from '../../../resources/resource-type.ts';
import { checkProperties, type PropertyProblem } from '../../../resources/schema.ts';
import {
  KNOWN_AFTER_APPLY,
  type Properties,
  type Value,
  type ValueObject,
} from '../../../resources/value.ts';
import { type Conditions, evaluateConditions } from './conditions.ts';
import {
  isPseudoParameter,
  parameterEnvironment,
  resourceEnvironment,
  type StackIdentity,
} from './environment.ts';
import { type Environment, evaluate, evaluateObject } from './evaluate.ts';
import { topologicalOrder } from './graph.ts';
import type { ParameterValues } from './parameters.ts';
import { type References, referencesIn } from './references.ts';
import type { OutputDeclaration, ResourceDeclaration, Template } from './template.ts';
import { formatError, templateError, validationError } from './template-error.ts';

/** A resource of a template whose condition is true. */
export interface PreparedResource {
  readonly declaration: ResourceDeclaration;
  readonly type: ResourceType;
  /** Logical ids of the resources that must exist first, by DependsOn or by reference. */
  readonly dependencies: ReadonlySet<string>;
}

export interface ResourceProblem extends PropertyProblem {
  readonly logicalId: string;
  readonly type: string;
}

/** A template with its parameters, and everything that is known before a resource is created. */
export interface PreparedTemplate {
  readonly template: Template;
  readonly parameters: ParameterValues;
  readonly conditions: Conditions;
  readonly resources: ReadonlyMap<string, PreparedResource>;
  /** Logical ids, each after its dependencies. */
  readonly order: readonly string[];
  readonly outputs: readonly OutputDeclaration[];
  /** Problems of properties that are visible before resources exist. */
  readonly problems: readonly ResourceProblem[];
  readonly capabilities: readonly string[];
  /** Returns the environment to resolve properties or outputs with, given the resources that exist. */
  environment(resources: Pick<Environment, 'resource' | 'attribute'>): Environment;
}

/** Resolves references before any resource exists. */
const NOTHING_EXISTS: Pick<Environment, 'resource' | 'attribute'> = {
  resource: () => KNOWN_AFTER_APPLY,
  attribute: () => KNOWN_AFTER_APPLY,
};

/**
 * Checks types, references and functions of a template, independent of parameter values.
 * @throws ServiceError `ValidationError`
 */
export function checkTemplate(template: Template, registry: TypeRegistry): void {
  const unrecognized = [...template.resources.values()]
    .map((resource) => resource.type)
    .filter((type, index, types) => !registry.has(type) && types.indexOf(type) === index);
  if (unrecognized.length > 0) throw formatError(`Unrecognized resource types: [${unrecognized.join(', ')}]`);
  for (const condition of template.conditions.values()) referencesIn(condition);
  const unresolved = new Set<string>();
  for (const resource of template.resources.values()) {
    const references = referencesIn(resource.properties);
    checkConditions(template, references, resource.condition, 'Resources');
    for (const id of resource.dependsOn) if (!template.resources.has(id)) unresolved.add(id);
    for (const id of unknownNames(template, references)) unresolved.add(id);
    checkAttributes(template, registry, references);
  }
  if (unresolved.size > 0) throw unresolvedError([...unresolved], 'Resources');
  for (const output of template.outputs.values()) {
    const references = referencesIn(output.value);
    checkConditions(template, references, output.condition, 'Outputs');
    const unknown = unknownNames(template, references);
    if (unknown.length > 0) throw unresolvedError(unknown, 'Outputs');
    checkAttributes(template, registry, references);
  }
}

/**
 * Evaluates conditions, sorts the resources and checks their properties.
 * @throws ServiceError `ValidationError`; invalid properties are returned as `problems`
 */
export function prepareTemplate(
  template: Template,
  parameters: ParameterValues,
  identity: StackIdentity,
  registry: TypeRegistry,
): PreparedTemplate {
  checkTemplate(template, registry);
  const base = parameterEnvironment(template, parameters, identity);
  const conditions = evaluateConditions(template.conditions, (value) => evaluate(value, base) ?? '');
  const holds = (condition: string | undefined): boolean =>
    condition === undefined || conditions.get(condition) === true;
  const resources = new Map<string, PreparedResource>();
  for (const declaration of template.resources.values()) {
    const type = registry.get(declaration.type);
    if (type !== undefined && holds(declaration.condition)) {
      resources.set(declaration.logicalId, {
        declaration,
        type,
        dependencies: dependenciesOf(template, declaration, conditions),
      });
    }
  }
  const outputs = [...template.outputs.values()].filter((output) => holds(output.condition));
  checkPresence(resources, outputs, conditions, template);
  const present = new Map(
    [...resources].map(([id, resource]) => [
      id,
      new Set([...resource.dependencies].filter((need) => resources.has(need))),
    ]),
  );
  const { order, circular } = topologicalOrder(present);
  if (circular.length > 0) {
    throw validationError(`Circular dependency between resources: [${circular.join(', ')}]`);
  }
  const environment = (known: Pick<Environment, 'resource' | 'attribute'>): Environment =>
    resourceEnvironment(base, conditions, known);
  const { problems, capabilities } = inspect(resources, environment(NOTHING_EXISTS));
  for (const output of outputs) evaluate(output.value, environment(NOTHING_EXISTS));
  return {
    template,
    parameters,
    conditions,
    resources: new Map(
      [...resources].map(([id, resource]) => [
        id,
        { ...resource, dependencies: present.get(id) ?? new Set() },
      ]),
    ),
    order,
    outputs,
    problems,
    capabilities,
    environment,
  };
}

export interface ResolvedProperties {
  readonly properties: Properties;
  readonly problems: readonly PropertyProblem[];
}

/** Resolves a resource's properties and converts them to the types of its schema. */
export function resolveProperties(
  type: ResourceType,
  declared: ValueObject,
  environment: Environment,
): ResolvedProperties {
  const checked = checkProperties(type.type, type.properties, evaluateObject(declared, environment));
  if (checked.problems.length > 0 || type.check === undefined) return checked;
  return { properties: checked.properties, problems: type.check(checked.properties) };
}

/** CloudFormation's text about invalid properties, for a stack event or an error. */
export function problemText(logicalId: string, problems: readonly PropertyProblem[]): string {
  const lines = problems.map((problem) => problem.message).join('\n');
  return `Properties validation failed for resource ${logicalId} with message:\n${lines}`;
}

function inspect(
  resources: ReadonlyMap<string, PreparedResource>,
  environment: Environment,
): { problems: readonly ResourceProblem[]; capabilities: readonly string[] } {
  const problems: ResourceProblem[] = [];
  const capabilities = new Set<string>();
  for (const [logicalId, resource] of resources) {
    const resolved = resolveProperties(resource.type, resource.declaration.properties, environment);
    for (const problem of resolved.problems) {
      problems.push({ ...problem, logicalId, type: resource.type.type });
    }
    const capability = resource.type.capability?.(resolved.properties);
    if (capability !== undefined) capabilities.add(capability);
  }
  // CAPABILITY_NAMED_IAM includes CAPABILITY_IAM.
  if (capabilities.has('CAPABILITY_NAMED_IAM')) capabilities.delete('CAPABILITY_IAM');
  return { problems, capabilities: [...capabilities] };
}

function dependenciesOf(
  template: Template,
  declaration: ResourceDeclaration,
  conditions: Conditions,
): ReadonlySet<string> {
  const references = referencesIn(declaration.properties, (condition) => conditions.get(condition));
  const ids = [
    ...declaration.dependsOn,
    ...references.names,
    ...references.attributes.map((reference) => reference.logicalId),
  ];
  return new Set(ids.filter((id) => template.resources.has(id)));
}

/** Throws for a reference to a resource that its condition excludes. Only DependsOn may name such a resource. */
function checkPresence(
  resources: ReadonlyMap<string, PreparedResource>,
  outputs: readonly OutputDeclaration[],
  conditions: Conditions,
  template: Template,
): void {
  const missing = (value: Value): readonly string[] => {
    const references = referencesIn(value, (condition) => conditions.get(condition));
    const ids = [...references.names, ...references.attributes.map((reference) => reference.logicalId)];
    return ids.filter((id) => template.resources.has(id) && !resources.has(id));
  };
  const inResources = [...resources.values()].flatMap((resource) => missing(resource.declaration.properties));
  if (inResources.length > 0) throw unresolvedError([...new Set(inResources)], 'Resources');
  const inOutputs = outputs.flatMap((output) => missing(output.value));
  if (inOutputs.length > 0) throw unresolvedError([...new Set(inOutputs)], 'Outputs');
}

function unknownNames(template: Template, references: References): readonly string[] {
  const known = (name: string): boolean =>
    template.parameters.has(name) || template.resources.has(name) || isPseudoParameter(name);
  return [
    ...[...references.names].filter((name) => !known(name)),
    ...references.attributes
      .map((reference) => reference.logicalId)
      .filter((id) => !template.resources.has(id)),
  ];
}

function checkConditions(
  template: Template,
  references: References,
  own: string | undefined,
  block: 'Resources' | 'Outputs',
): void {
  for (const condition of [...references.conditions, ...(own === undefined ? [] : [own])]) {
    if (!template.conditions.has(condition)) {
      throw formatError(`Unresolved condition dependency ${condition} in the ${block} block of the template`);
    }
  }
}

function checkAttributes(template: Template, registry: TypeRegistry, references: References): void {
  for (const { logicalId, attribute } of references.attributes) {
    const type = template.resources.get(logicalId)?.type;
    if (type !== undefined && registry.get(type)?.attributes.includes(attribute) !== true) {
      throw templateError(`resource ${logicalId} does not support attribute type ${attribute} in Fn::GetAtt`);
    }
  }
}

function unresolvedError(ids: readonly string[], block: 'Resources' | 'Outputs'): Error {
  return formatError(
    `Unresolved resource dependencies [${[...new Set(ids)].join(', ')}] in the ${block} block of the template`,
  );
}
