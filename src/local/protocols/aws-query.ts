import { type DoorRequest, type DoorResponse, type Service, ServiceError } from '../seams.ts';
import { answer, type Log } from './answer.ts';
import type { Operation, OperationInput } from './operation.ts';
import { escapeXml, xmlContent } from './xml.ts';

export interface AwsQueryOptions {
  readonly signingName: string;
  /** The API version that requests must name: `2010-05-15`. */
  readonly version: string;
  readonly xmlns: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /**
   * Members that are lists. An empty value (`Tags=`) means an empty list for them, and an empty string for all others.
   */
  readonly lists?: readonly string[];
  readonly log: Log;
}

/**
 * Creates a service of the awsQuery protocol: form-encoded input, XML output. Scalars of the input are strings
 * (`"true"`, `"60"`); `X.member.1.Y` becomes an array of objects.
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export function awsQueryService(options: AwsQueryOptions): Service {
  const lists = new Set(options.lists);
  return {
    signingName: options.signingName,
    handle: (request) => {
      const form =
        request.method === 'GET' ? request.query : new URLSearchParams(request.body.toString('utf8'));
      const action = form.get('Action') ?? '';
      return answer(
        request,
        `${options.signingName} ${action}`,
        options.log,
        async () => {
          const operation = Object.hasOwn(options.operations, action)
            ? options.operations[action]
            : undefined;
          if (operation === undefined || form.get('Version') !== options.version) {
            throw new ServiceError(
              'InvalidAction',
              `Could not find operation ${action} for version ${form.get('Version') ?? 'NO_VERSION_SPECIFIED'}`,
            );
          }
          const output = await operation(parseQueryInput(form, lists), { request });
          return xml(200, renderResponse(options, action, output, request));
        },
        (error) => xml(error.status, renderError(options, error, request)),
      );
    },
  };
}

/**
 * Converts a form to nested input: `A.member.2.B=x` → `{ A: [ …, { B: 'x' } ] }`, `A.entry.1.key/value` → a map. Lists
 * are in the order of their numbers; gaps are closed.
 * @throws ServiceError `MalformedInput` if a name is both a value and a structure
 */
export function parseQueryInput(form: URLSearchParams, lists: ReadonlySet<string>): OperationInput {
  const root = new Map<string, Tree>();
  for (const [name, value] of form) {
    if (name === 'Action' || name === 'Version') continue;
    const segments = name.split('.');
    if (segments.length > MAX_SEGMENTS) throw malformed(`${name.slice(0, 100)}…`);
    insert(root, name, segments, value);
  }
  return toObject(root, lists);
}

/** Real inputs of these services have at most ten segments. */
const MAX_SEGMENTS = 40;

type Tree = string | Map<string, Tree>;

function insert(root: Map<string, Tree>, name: string, segments: readonly string[], value: string): void {
  let node = root;
  for (const segment of segments.slice(0, -1)) {
    const next: Tree = node.get(segment) ?? new Map<string, Tree>();
    if (typeof next === 'string') throw malformed(name);
    node.set(segment, next);
    node = next;
  }
  const last = segments.at(-1) ?? '';
  if (last === '' || node.has(last)) throw malformed(name);
  node.set(last, value);
}

function toObject(node: Map<string, Tree>, lists: ReadonlySet<string>): Record<string, unknown> {
  const object: Record<string, unknown> = Object.create(null);
  for (const [name, child] of node) object[name] = toValue(name, child, lists);
  return object;
}

function toValue(name: string, child: Tree, lists: ReadonlySet<string>): unknown {
  if (typeof child === 'string') return child === '' && lists.has(name) ? [] : child;
  const members = child.get('member');
  if (child.size === 1 && members instanceof Map) {
    return numbered(members).map((item) => toValue('member', item, lists));
  }
  const entries = child.get('entry');
  if (child.size === 1 && entries instanceof Map) {
    const map: Record<string, unknown> = Object.create(null);
    for (const entry of numbered(entries)) {
      const key = entry instanceof Map ? entry.get('key') : undefined;
      const value = entry instanceof Map ? entry.get('value') : undefined;
      if (typeof key !== 'string' || value === undefined) throw malformed(name);
      map[key] = toValue(key, value, lists);
    }
    return map;
  }
  return toObject(child, lists);
}

function numbered(items: Map<string, Tree>): Tree[] {
  return [...items]
    .map(([key, value]) => {
      if (!/^[1-9]\d{0,8}$/.test(key)) throw malformed(key);
      return { order: Number(key), value };
    })
    .sort((a, b) => a.order - b.order)
    .map((item) => item.value);
}

function malformed(name: string): ServiceError {
  return new ServiceError('MalformedInput', `Unexpected form member ${name}`);
}

function renderResponse(
  options: AwsQueryOptions,
  action: string,
  output: object | undefined,
  request: DoorRequest,
): string {
  return (
    `<${action}Response xmlns="${options.xmlns}"><${action}Result>${xmlContent(output, 'member')}` +
    `</${action}Result><ResponseMetadata><RequestId>${request.requestId}</RequestId></ResponseMetadata>` +
    `</${action}Response>`
  );
}

function renderError(options: AwsQueryOptions, error: ServiceError, request: DoorRequest): string {
  const type = error.status < 500 ? 'Sender' : 'Receiver';
  return (
    `<ErrorResponse xmlns="${options.xmlns}"><Error><Type>${type}</Type><Code>${escapeXml(error.code)}</Code>` +
    `<Message>${escapeXml(error.message)}</Message>${xmlContent(error.fields, 'member')}</Error>` +
    `<RequestId>${request.requestId}</RequestId></ErrorResponse>`
  );
}

function xml(status: number, body: string): DoorResponse {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
