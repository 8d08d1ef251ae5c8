import { isValueList, isValueObject, type Value, type ValueObject } from '../../../resources/value.ts';
import { formatError, validationError } from './template-error.ts';
import { parseTemplateText } from './template-text.ts';

export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate';

export interface ParameterDeclaration {
  readonly name: string;
  readonly type: string;
  readonly defaultValue?: string;
  readonly noEcho: boolean;
  readonly allowedValues?: readonly string[];
  readonly allowedPattern?: string;
  readonly constraintDescription?: string;
  readonly description?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minValue?: number;
  readonly maxValue?: number;
}

export interface ResourceDeclaration {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: ValueObject;
  readonly dependsOn: readonly string[];
  readonly condition?: string;
  readonly deletionPolicy: DeletionPolicy;
  readonly updateReplacePolicy: 'Delete' | 'Retain';
  readonly metadata?: Value;
}

export interface OutputDeclaration {
  readonly key: string;
  readonly value: Value;
  readonly description?: string;
  readonly condition?: string;
}

/** A template's parts, each in the template's order. Functions are not resolved. */
export interface Template {
  readonly description?: string;
  readonly metadata?: Value;
  readonly parameters: ReadonlyMap<string, ParameterDeclaration>;
  readonly mappings: ValueObject;
  readonly conditions: ReadonlyMap<string, Value>;
  readonly resources: ReadonlyMap<string, ResourceDeclaration>;
  readonly outputs: ReadonlyMap<string, OutputDeclaration>;
}

const SECTIONS = new Set([
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Resources',
  'Outputs',
]);
/**
 * Sections and attributes of AWS that the local cloud refuses, because ignoring them would deploy something else than
 * the template describes.
 */
const SECTIONS_NOT_EMULATED = new Set(['Transform', 'Rules', 'Hooks']);
const ATTRIBUTES = new Set([
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'Metadata',
]);
const ATTRIBUTES_NOT_EMULATED = new Set(['CreationPolicy', 'UpdatePolicy']);
const PARAMETER_MEMBERS = new Set([
  'Type',
  'Default',
  'NoEcho',
  'AllowedValues',
  'AllowedPattern',
  'ConstraintDescription',
  'Description',
  'MinLength',
  'MaxLength',
  'MinValue',
  'MaxValue',
]);
const PARAMETER_TYPES = new Set(['String', 'Number', 'List<Number>', 'CommaDelimitedList']);
const OUTPUT_MEMBERS = new Set(['Value', 'Description', 'Condition']);
const FORMAT_VERSION = '2010-09-09';
const MAX_RESOURCES = 500;
const MAX_PARAMETERS = 200;
const MAX_OUTPUTS = 200;

/**
 * Parses a template and checks its structure. Functions are not checked.
 * @throws ServiceError `ValidationError`
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
 */
export function parseTemplate(body: string): Template {
  const root = parseTemplateText(body);
  const unknown = Object.keys(root).filter((name) => !SECTIONS.has(name) && !SECTIONS_NOT_EMULATED.has(name));
  if (unknown.length > 0)
    throw validationError(`Invalid template property or properties [${unknown.join(', ')}]`);
  for (const name of Object.keys(root)) {
    if (SECTIONS_NOT_EMULATED.has(name)) {
      throw formatError(`the section ${name} is not emulated by the local cloud`);
    }
  }
  const version = root.AWSTemplateFormatVersion;
  if (version !== undefined && version !== FORMAT_VERSION) {
    throw formatError('unsupported value for AWSTemplateFormatVersion.');
  }
  const description = root.Description;
  if (description !== undefined && typeof description !== 'string') {
    throw formatError('Description must be a string.');
  }
  return {
    ...(description === undefined ? {} : { description }),
    ...(root.Metadata === undefined ? {} : { metadata: root.Metadata }),
    parameters: parameters(section(root, 'Parameters')),
    mappings: mappings(section(root, 'Mappings')),
    conditions: new Map(Object.entries(section(root, 'Conditions'))),
    resources: resources(root.Resources),
    outputs: outputs(section(root, 'Outputs')),
  };
}

function section(root: ValueObject, name: string): ValueObject {
  const value = root[name];
  if (value === undefined) return {};
  if (!isValueObject(value)) throw formatError(`${name} must be an object.`);
  return value;
}

function parameters(declared: ValueObject): ReadonlyMap<string, ParameterDeclaration> {
  limit(declared, MAX_PARAMETERS, 'parameters');
  return new Map(
    Object.entries(declared).map(([name, value]) => {
      alphanumeric('Parameter', name);
      if (!isValueObject(value)) throw formatError('Any Parameters member must be an object.');
      const unknown = Object.keys(value).find((member) => !PARAMETER_MEMBERS.has(member));
      if (unknown !== undefined) throw validationError(`Invalid template parameter property '${unknown}'`);
      if (value.Type === undefined) throw formatError('Every Parameters object must contain a Type member.');
      const type = scalar(value.Type, `Parameters/${name}/Type`);
      if (!PARAMETER_TYPES.has(type)) {
        throw formatError(
          type.startsWith('AWS::') || type.startsWith('List<')
            ? `the parameter type ${type} is not emulated by the local cloud`
            : `Unrecognized parameter type: ${type}`,
        );
      }
      const allowed = value.AllowedValues;
      if (allowed !== undefined && !isValueList(allowed)) {
        throw formatError(`Parameter '${name}' AllowedValues must be a list.`);
      }
      const text = (member: string): string | undefined =>
        value[member] === undefined ? undefined : scalar(value[member], `Parameters/${name}/${member}`);
      const numeric = (member: string): number | undefined => {
        const given = text(member);
        if (given === undefined) return undefined;
        if (given.trim() === '' || !Number.isFinite(Number(given))) {
          throw formatError(`Parameter '${name}' ${member} must be a number.`);
        }
        return Number(given);
      };
      const declaration: ParameterDeclaration = {
        name,
        type,
        noEcho: text('NoEcho') === 'true',
        ...optional('defaultValue', text('Default')),
        ...optional('allowedPattern', text('AllowedPattern')),
        ...optional('constraintDescription', text('ConstraintDescription')),
        ...optional('description', text('Description')),
        ...optional(
          'allowedValues',
          allowed?.map((item) => scalar(item, `Parameters/${name}/AllowedValues`)),
        ),
        ...optional('minLength', numeric('MinLength')),
        ...optional('maxLength', numeric('MaxLength')),
        ...optional('minValue', numeric('MinValue')),
        ...optional('maxValue', numeric('MaxValue')),
      };
      return [name, declaration];
    }),
  );
}

function mappings(declared: ValueObject): ValueObject {
  for (const [name, top] of Object.entries(declared)) {
    if (!isValueObject(top)) throw formatError('Every Mappings member must be a map');
    for (const [key, second] of Object.entries(top)) {
      if (!isValueObject(second)) throw formatError(`Every Mappings member ${name} must be a map`);
      for (const leaf of Object.values(second)) {
        const plain = isValueList(leaf) ? leaf.every((item) => !isValueObject(item)) : !isValueObject(leaf);
        if (!plain) throw formatError('Every Mappings attribute must be a String or a List.');
      }
      if (Object.keys(second).length === 0) throw formatError(`Every Mappings member ${key} must be a map`);
    }
  }
  return declared;
}

function resources(declared: Value | undefined): ReadonlyMap<string, ResourceDeclaration> {
  if (!isValueObject(declared) || Object.keys(declared).length === 0) {
    throw formatError('At least one Resources member must be defined.');
  }
  limit(declared, MAX_RESOURCES, 'resources');
  return new Map(
    Object.entries(declared).map(([logicalId, value]) => {
      alphanumeric('Resource', logicalId);
      if (!isValueObject(value)) throw formatError('Any Resources member must be an object.');
      for (const attribute of Object.keys(value)) {
        if (ATTRIBUTES_NOT_EMULATED.has(attribute)) {
          throw formatError(`[/Resources/${logicalId}] ${attribute} is not emulated by the local cloud`);
        }
        if (!ATTRIBUTES.has(attribute))
          throw validationError(`Invalid template resource property '${attribute}'`);
      }
      if (value.Type === undefined) {
        throw formatError(`[/Resources/${logicalId}] Every Resources object must contain a Type member.`);
      }
      const properties = value.Properties ?? {};
      if (!isValueObject(properties))
        throw formatError(`[/Resources/${logicalId}/Properties] must be an object.`);
      const declaration: ResourceDeclaration = {
        logicalId,
        type: scalar(value.Type, `Resources/${logicalId}/Type`),
        properties,
        dependsOn: dependsOn(value.DependsOn),
        deletionPolicy: deletionPolicy(logicalId, value.DeletionPolicy),
        updateReplacePolicy: updateReplacePolicy(logicalId, value.UpdateReplacePolicy),
        ...optional('metadata', value.Metadata),
        ...optional(
          'condition',
          value.Condition === undefined
            ? undefined
            : scalar(value.Condition, `Resources/${logicalId}/Condition`),
        ),
      };
      return [logicalId, declaration];
    }),
  );
}

function dependsOn(value: Value | undefined): readonly string[] {
  if (value === undefined) return [];
  const ids = isValueList(value) ? value : [value];
  return ids.map((id) => {
    if (typeof id !== 'string')
      throw formatError('Every DependsOn value must be a string or a list of strings.');
    return id;
  });
}

function deletionPolicy(logicalId: string, value: Value | undefined): DeletionPolicy {
  if (value === undefined || value === 'Delete') return 'Delete';
  if (value === 'Retain' || value === 'RetainExceptOnCreate') return value;
  throw policyError(logicalId, 'DeletionPolicy', value);
}

function updateReplacePolicy(logicalId: string, value: Value | undefined): 'Delete' | 'Retain' {
  if (value === undefined || value === 'Delete') return 'Delete';
  if (value === 'Retain') return value;
  throw policyError(logicalId, 'UpdateReplacePolicy', value);
}

function policyError(logicalId: string, policy: string, value: Value): Error {
  return value === 'Snapshot'
    ? formatError(`[/Resources/${logicalId}/${policy}] Snapshot is not emulated by the local cloud`)
    : formatError(`Unrecognized ${policy} ${String(value)} for resource ${logicalId}`);
}

function outputs(declared: ValueObject): ReadonlyMap<string, OutputDeclaration> {
  limit(declared, MAX_OUTPUTS, 'outputs');
  return new Map(
    Object.entries(declared).map(([key, value]) => {
      alphanumeric('Output', key);
      if (!isValueObject(value) || value.Value === undefined) {
        throw formatError('Every Outputs member must contain a Value object');
      }
      for (const member of Object.keys(value)) {
        if (member === 'Export') {
          throw formatError(`[/Outputs/${key}/Export] exports are not emulated by the local cloud`);
        }
        if (!OUTPUT_MEMBERS.has(member))
          throw validationError(`Invalid template output property '${member}'`);
      }
      const declaration: OutputDeclaration = {
        key,
        value: value.Value,
        ...optional(
          'description',
          value.Description === undefined
            ? undefined
            : scalar(value.Description, `Outputs/${key}/Description`),
        ),
        ...optional(
          'condition',
          value.Condition === undefined ? undefined : scalar(value.Condition, `Outputs/${key}/Condition`),
        ),
      };
      return [key, declaration];
    }),
  );
}

function limit(declared: ValueObject, max: number, what: string): void {
  const count = Object.keys(declared).length;
  if (count > max) throw formatError(`Number of ${what}, ${count}, is greater than maximum allowed, ${max}`);
}

function alphanumeric(what: string, name: string): void {
  if (!/^[A-Za-z0-9]{1,255}$/.test(name)) throw formatError(`${what} name ${name} is non alphanumeric.`);
}

function scalar(value: Value | undefined, path: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw formatError(`[/${path}] must be a string.`);
}

/** Returns `{[name]: value}`, or an empty object if the value is undefined. */
function optional<Name extends string, T>(name: Name, value: T | undefined): { [K in Name]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [K in Name]?: T });
}
