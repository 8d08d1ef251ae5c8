import { readFileSync } from 'node:fs';
import { RESOURCE_TYPES } from '../../src/local/resources/registry.ts';
import type { Value, ValueObject } from '../../src/local/resources/value.ts';
import { resolveParameters } from '../../src/local/services/cloudformation/engine/parameters.ts';
import {
  type PreparedTemplate,
  prepareTemplate,
} from '../../src/local/services/cloudformation/engine/prepare.ts';
import { parseTemplate, type Template } from '../../src/local/services/cloudformation/engine/template.ts';
import { parseTemplateText } from '../../src/local/services/cloudformation/engine/template-text.ts';

export const TEMPLATE_NAMES = ['api', 'assets', 'fleet'] as const;
export type TemplateName = (typeof TEMPLATE_NAMES)[number];

export function templatePath(name: TemplateName): string {
  return `templates/${name}.yaml`;
}

export function templateText(name: TemplateName): string {
  return readFileSync(templatePath(name), 'utf8');
}

/** The parsed template. Short forms such as `!Ref` are replaced by the long forms, which are not evaluated. */
export function templateObject(name: TemplateName): ValueObject {
  return parseTemplateText(templateText(name));
}

const parsedTemplates = new Map<TemplateName, Template>();

export function template(name: TemplateName): Template {
  const parsed = parsedTemplates.get(name) ?? parseTemplate(templateText(name));
  parsedTemplates.set(name, parsed);
  return parsed;
}

/** The parameters that `deploy` passes to the stack of the runtime `rust` in the project `flock`. */
export const API_PARAMETERS: Readonly<Record<string, string>> = {
  ProjectName: 'flock',
  RuntimeLabel: 'rust',
  LambdaRuntime: 'provided.al2023',
  CodeBucket: 'flock-assets-bucket',
  ToolVersion: '0.1.0',
  CatCodeKey: 'cat.zip',
  CatHandler: 'bootstrap',
  SheepCodeKey: 'sheep.zip',
  SheepHandler: 'bootstrap',
  DogCodeKey: 'dog.zip',
  DogHandler: 'bootstrap',
  WolfCodeKey: 'wolf.zip',
  WolfHandler: 'bootstrap',
};

export function prepareApi(more: Readonly<Record<string, string>> = {}): PreparedTemplate {
  const parsed = template('api');
  const given = Object.entries({ ...API_PARAMETERS, ...more }).map(([key, value]) => ({ key, value }));
  return prepareTemplate(
    parsed,
    resolveParameters(parsed.parameters, given),
    {
      accountId: '123456789012',
      region: 'eu-west-3',
      stackId: 'arn:aws:cloudformation:eu-west-3:123456789012:stack/flock-rust-api/1',
      stackName: 'flock-rust-api',
    },
    RESOURCE_TYPES,
  );
}

/** Yields every part of a value with its path, depth first. */
export function* walk(
  value: Value,
  path: readonly string[] = [],
): Generator<{ readonly path: readonly string[]; readonly value: Value }> {
  yield { path, value };
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* walk(item, [...path, String(index)]);
  else if (typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) yield* walk(item as Value, [...path, key]);
  }
}
