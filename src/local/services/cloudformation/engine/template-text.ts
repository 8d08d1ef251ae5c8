import { nestsDeeperThan } from '../../../protocols/json-depth.ts';
import { isObject, type Value, type ValueObject } from '../../../resources/value.ts';
import { formatError, nullValue } from './template-error.ts';
import { parseYaml } from './template-yaml.ts';

/** Far deeper than any real template. */
const MAX_DEPTH = 200;

/**
 * Parses a template, JSON or YAML with short forms. The result contains only long forms.
 * @throws ServiceError `ValidationError` in CloudFormation's words
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
 */
export function parseTemplateText(body: string): ValueObject {
  if (nestsDeeperThan(body, MAX_DEPTH)) throw formatError(`it nests deeper than ${MAX_DEPTH} levels.`);
  const value = /^\s*\{/.test(body) ? parseJson(body) : parseYaml(body, MAX_DEPTH);
  if (!isObject(value)) throw formatError('unsupported structure.');
  return value as ValueObject;
}

function parseJson(body: string): Value {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const before = position === undefined ? undefined : body.slice(0, Number(position)).split('\n');
    const where =
      before === undefined ? '' : ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
    throw formatError(`JSON not well-formed.${where}`);
  }
  return withoutNull(value, '');
}

function withoutNull(value: unknown, path: string): Value {
  if (value === null || value === undefined) throw nullValue(path);
  if (Array.isArray(value)) return value.map((item, index) => withoutNull(item, `${path}/${index}`));
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, withoutNull(item, `${path}/${key}`)]),
    );
  }
  return value as Value;
}
