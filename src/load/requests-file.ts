import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import {
  constructFromEvents,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  YAMLException,
} from 'js-yaml';
import * as v from 'valibot';
import { fileError, type ShedbenchError, usageError } from '../errors.ts';
import { METHODS, type Subject } from '../model/subject.ts';
import { parseHeaders } from './parse-headers.ts';
import { readBody } from './read-body.ts';
import { requestOf } from './url-subject.ts';

const MAX_REQUESTS = 100;
const MAX_WEIGHT = 10_000;
/** A few lines of aliases can otherwise stand for a body of gigabytes. */
const MAX_ALIASES = 100;

const status = v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599));
const name = v.pipe(v.string(), v.regex(/^[^\p{Cc}]{1,60}$/u, 'a name of 1 to 60 characters'));

/** One request of a file. `docs/requests-schema.json` describes the same as a JSON Schema. */
const requestShape = v.strictObject({
  name,
  method: v.optional(v.picklist(METHODS)),
  path: v.string(),
  headers: v.optional(v.record(v.string(), v.union([v.string(), v.number()]))),
  body: v.optional(v.union([v.string(), v.record(v.string(), v.unknown()), v.array(v.unknown())])),
  expect: v.optional(
    v.lazy((value) => (Array.isArray(value) ? v.pipe(v.array(status), v.minLength(1)) : status)),
  ),
  weight: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_WEIGHT))),
});

const fileShape = v.strictObject({
  name: v.optional(name),
  requests: v.pipe(v.array(requestShape), v.minLength(1), v.maxLength(MAX_REQUESTS)),
});

/**
 * Reads a file of requests in YAML or JSON: a weighted mix under one name.
 * @param path as typed
 * @param folder the folder of relative paths; names of body files are relative to the file of requests
 * @throws ShedbenchError `file-trouble`, `bad-requests` (exit 2) with file, line, and the path within the file
 */
export async function readRequestsFile(path: string, folder: string): Promise<Subject> {
  const full = resolve(folder, path);
  let text: string;
  try {
    text = await readFile(full, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw usageError(
        'no-such-file',
        `There is no file ${path}.`,
        '--requests takes a file of YAML or JSON',
      );
    }
    throw fileError(error) ?? error;
  }
  const { file, lineOf } = parseFile(path, text);
  refuseSameNames(path, file.requests, lineOf);
  const requests = [];
  for (const [at, words] of file.requests.entries()) {
    const { body, headers = {}, expect } = words;
    try {
      requests.push(
        requestOf({
          name: words.name,
          path: words.path,
          headers: parseHeaders(Object.entries(headers).map(([field, value]) => `${field}: ${value}`)),
          ...(words.method === undefined ? {} : { method: words.method }),
          ...(words.weight === undefined ? {} : { weight: words.weight }),
          ...(expect === undefined ? {} : { expect: typeof expect === 'number' ? [expect] : expect }),
          ...(body === undefined ? {} : { body: await bodyOf(body, dirname(full)) }),
        }),
      );
    } catch (error) {
      throw located(error, `${path}:${lineOf(['requests', at])}: requests[${at}]`);
    }
  }
  return { name: file.name ?? basename(path, extname(path)), requests };
}

async function bodyOf(body: unknown, folder: string): Promise<Uint8Array> {
  if (typeof body !== 'string') return Buffer.from(JSON.stringify(body));
  return await readBody('body', body, folder);
}

/** The line of the value at a path, from 1. For a missing value, the line of the nearest value around it. */
type LineOf = (path: readonly (string | number)[]) => number;

function parseFile(
  path: string,
  text: string,
): { readonly file: v.InferOutput<typeof fileShape>; readonly lineOf: LineOf } {
  const { value, events } = parseYaml(path, text);
  const offsets = offsetsOf(text, events);
  const lineOf: LineOf = (keys) => {
    for (let depth = keys.length; depth > 0; depth--) {
      const offset = offsets.get(pathText(keys.slice(0, depth)));
      if (offset !== undefined) return placeOf(text, offset).line;
    }
    return 1;
  };
  const checked = v.safeParse(fileShape, value);
  if (checked.success) return { file: checked.output, lineOf };
  const [issue] = checked.issues;
  const keys = (issue.path ?? []).map(({ key }) => key as string | number);
  throw usageError(
    'bad-requests',
    `${path}:${lineOf(keys)}: ${pathText(keys)} ${issueText(issue, keys)}`,
    'docs/requests-schema.json describes the file; README and docs/your-own.md have examples',
  );
}

/** @throws ShedbenchError `bad-requests` with line and column if the text is not one document of YAML */
function parseYaml(
  path: string,
  text: string,
): { readonly value: unknown; readonly events: readonly Event[] } {
  try {
    const events = parseEvents(text, {});
    const [value = null, ...others] = constructFromEvents(events, { source: text, maxAliases: MAX_ALIASES });
    if (others.length > 0)
      throw usageError('bad-requests', `${path}: the file has more than one YAML document`);
    return { value, events };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { line, column } = placeOf(text, error.mark?.position ?? 0);
    throw usageError('bad-requests', `${path}:${line}:${column}: ${error.reason}`);
  }
}

/** Where each value begins, by its path (`requests[0].weight`): its key, or without a key the value itself. */
function offsetsOf(text: string, events: readonly Event[]): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  let at = 1;
  const note = (keys: readonly (string | number)[], offset: number): void => {
    if (offset >= 0) offsets.set(pathText(keys), offset);
  };
  const isOpen = (): boolean => at < events.length && events[at]?.type !== EVENT_ID.POP;
  const readNode = (keys: readonly (string | number)[], isNoted: boolean): void => {
    const event = events[at++];
    if (event?.type === EVENT_ID.SCALAR && isNoted) note(keys, event.valueStart);
    if (event?.type === EVENT_ID.SEQUENCE || event?.type === EVENT_ID.MAPPING) {
      if (isNoted) note(keys, event.start);
      for (let index = 0; isOpen(); index++) {
        if (event.type === EVENT_ID.SEQUENCE) readNode([...keys, index], true);
        else readPair(keys);
      }
      at++;
    }
  };
  const readPair = (keys: readonly (string | number)[]): void => {
    const key = events[at];
    if (key?.type !== EVENT_ID.SCALAR) {
      readNode(keys, false);
      readNode(keys, false);
      return;
    }
    at++;
    const inner = [...keys, key.valueStart < 0 ? '' : getScalarValue(text, key)];
    note(inner, key.valueStart);
    readNode(inner, false);
  };
  if (isOpen()) readNode([], false);
  return offsets;
}

/** Line and column of an offset, both from 1. */
function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Formats a path: `requests[0].weight`. */
function pathText(keys: readonly (string | number)[]): string {
  if (keys.length === 0) return 'the file';
  return keys
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');
}

/** The keys that an object of the file may have. By default those of the file itself. */
function keysAt(depth: number): readonly string[] {
  return depth > 1 ? Object.keys(requestShape.entries) : Object.keys(fileShape.entries);
}

function issueText(issue: v.BaseIssue<unknown>, keys: readonly (string | number)[]): string {
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    return `is not known: it is one of ${keysAt(keys.length).join(', ')}`;
  }
  if (issue.input === undefined) return 'is missing';
  const expected = issue.type === 'regex' ? issue.message : (issue.expected ?? issue.message);
  return `is ${issue.received}, not ${expected}`;
}

function refuseSameNames(path: string, requests: readonly { readonly name: string }[], lineOf: LineOf): void {
  const names = requests.map((request) => request.name);
  const again = names.findIndex((each, at) => names.indexOf(each) < at);
  if (again < 0) return;
  throw usageError(
    'bad-requests',
    `${path}:${lineOf(['requests', again, 'name'])}: requests[${again}].name is '${names[again]}' once more: names differ`,
  );
}

/** Adds the position in the file to an error's message. */
function located(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || error.name !== 'ShedbenchError') return error;
  const { message, hint } = error as ShedbenchError;
  return usageError('bad-requests', `${place}: ${message}`, hint);
}
