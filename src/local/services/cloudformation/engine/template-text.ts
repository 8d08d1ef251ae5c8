import {
  type CollectionTag,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type ScalarTag,
  type TagId,
} from 'yaml';
import { nestsDeeperThan } from '../../../protocols/json-depth.ts';
import { isObject, type Value, type ValueObject } from '../../../resources/value.ts';
import { formatError, templateError, validationError } from './template-error.ts';

/** Far deeper than any real template. */
const MAX_DEPTH = 200;

/** The functions that have a YAML short form. */
const SHORT_FORMS: readonly string[] = [
  'Ref',
  'Condition',
  'And',
  'Base64',
  'Cidr',
  'Equals',
  'FindInMap',
  'GetAtt',
  'GetAZs',
  'If',
  'ImportValue',
  'Join',
  'Not',
  'Or',
  'Select',
  'Split',
  'Sub',
  'Transform',
];

/** YAML 1.1 types that CloudFormation does not have; their values stay text. Booleans are handled below. */
const LEFT_AS_TEXT = /timestamp|binary|omap|pairs|set$|merge|bool/;

/** Booleans as CloudFormation's parser reads them: YAML 1.1 without the single letters, so that `N` stays text. */
const BOOLEANS: readonly ScalarTag[] = [
  { value: true, test: /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/ },
  { value: false, test: /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/ },
].map(({ value, test }) => ({
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test,
  identify: () => false,
  resolve: () => value,
}));

/**
 * Parses a template, JSON or YAML with short forms. The result contains only long forms.
 * @throws ServiceError `ValidationError` in CloudFormation's words
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
 */
export function parseTemplateText(body: string): ValueObject {
  if (nestsDeeperThan(body, MAX_DEPTH)) throw formatError(`it nests deeper than ${MAX_DEPTH} levels.`);
  const value = /^\s*\{/.test(body) ? parseJson(body) : parseYaml(body);
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

function parseYaml(body: string): Value {
  const lineCounter = new LineCounter();
  const document = parseDocument(body, {
    version: '1.1',
    merge: false,
    customTags: (tags) => [...BOOLEANS, ...tags.filter(kept), ...SHORT_FORMS.flatMap(shortForm)],
    lineCounter,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    const tag = problem.code === 'TAG_RESOLVE_FAILED' ? ` ${problem.message}` : '';
    throw formatError(`YAML not well-formed. (line ${line}, column ${col})${tag}`);
  }
  return fromNode(document.contents, '');
}

function kept(tag: TagId | ScalarTag | CollectionTag): boolean {
  const name = typeof tag === 'string' ? tag : tag.tag;
  const sexagesimal = typeof tag !== 'string' && tag.format === 'TIME';
  return !sexagesimal && !LEFT_AS_TEXT.test(name);
}

/** Makes the parser accept the tag on any node. `fromNode` creates the long form. */
function shortForm(name: string): (ScalarTag | CollectionTag)[] {
  const tag = `!${name}`;
  return [
    { tag, resolve: (text: string) => text },
    { tag, collection: 'seq', resolve: (node) => node },
    { tag, collection: 'map', resolve: (node) => node },
  ];
}

function fromNode(node: Node | null, path: string): Value {
  if (isAlias(node)) throw templateError('YAML aliases are not allowed in CloudFormation templates');
  if (node === null) throw nullValue(path);
  const short = node.tag?.startsWith('!') === true ? node.tag.slice(1) : undefined;
  const value = plainValue(node, path);
  if (short === undefined || !SHORT_FORMS.includes(short)) return value;
  const name = short === 'Ref' || short === 'Condition' ? short : `Fn::${short}`;
  return { [name]: short === 'GetAtt' && typeof value === 'string' ? splitAttribute(value) : value };
}

function plainValue(node: Node, path: string): Value {
  if (isMap(node)) {
    const object: Record<string, Value> = {};
    for (const pair of node.items) {
      // A key is always text, exactly as written.
      const key = isScalar(pair.key) ? (pair.key.source ?? String(pair.key.value)) : undefined;
      if (key === undefined) throw formatError(`[${path}] every key must be text`);
      if (key === '<<') throw templateError('YAML merges are not allowed in CloudFormation templates');
      object[key] = fromNode(pair.value as Node | null, `${path}/${key}`);
    }
    return object;
  }
  if (isSeq(node)) return node.items.map((item, index) => fromNode(item as Node | null, `${path}/${index}`));
  const value: unknown = isScalar(node) ? node.value : undefined;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw nullValue(path);
}

/** `A.B.C` names the attribute `B.C` of resource `A`. */
function splitAttribute(text: string): Value {
  const dot = text.indexOf('.');
  return dot === -1 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}

function nullValue(path: string): Error {
  return path === ''
    ? formatError('unsupported structure.')
    : validationError(`[${path}] 'null' values are not allowed in templates`);
}
