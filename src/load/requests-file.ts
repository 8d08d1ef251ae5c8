import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import * as v from 'valibot';
import { fileError, type ShedbenchError, usageError } from '../errors.ts';
import { METHODS, type Subject } from '../model/subject.ts';
import { parseHeaders } from './parse-headers.ts';
import { readBody } from './read-body.ts';
import { EXAMPLES_HINT, pathText, RequestsYaml } from './requests-yaml.ts';
import { requestOf } from './url-subject.ts';

const MAX_REQUESTS = 100;
const MAX_WEIGHT = 10_000;

const status = v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599));
const name = v.pipe(v.string(), v.regex(/^[^\p{Cc}]{1,60}$/u, 'a name of 1 to 60 characters'));

/** valibot's `record` takes a list for an object with the keys 0, 1, 2. */
const notList = v.custom<unknown>((value) => !Array.isArray(value), 'Object');

/** One request of a file. `docs/requests-schema.json` describes the same as a JSON Schema. */
const requestShape = v.strictObject({
  name,
  method: v.optional(v.picklist(METHODS)),
  path: v.string(),
  headers: v.optional(v.pipe(notList, v.record(v.string(), v.union([v.string(), v.number()])))),
  body: v.optional(v.union([v.string(), v.array(v.unknown()), v.record(v.string(), v.unknown())])),
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
  const yaml = new RequestsYaml(path, text);
  const file = checkShape(path, yaml);
  refuseSameNames(path, yaml, file.requests);
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
      throw located(error, `${path}:${yaml.lineOf(['requests', at])}: requests[${at}]`);
    }
  }
  return { name: file.name ?? basename(path, extname(path)), requests };
}

async function bodyOf(body: unknown, folder: string): Promise<Uint8Array> {
  if (typeof body !== 'string') return Buffer.from(JSON.stringify(body));
  return await readBody('body', body, folder);
}

/** @throws ShedbenchError `bad-requests` with line and path of the first value that does not fit `fileShape` */
function checkShape(path: string, yaml: RequestsYaml): v.InferOutput<typeof fileShape> {
  const checked = v.safeParse(fileShape, yaml.value);
  if (checked.success) return checked.output;
  const [issue] = checked.issues;
  const keys = (issue.path ?? []).map(({ key }) => key as string | number);
  throw usageError(
    'bad-requests',
    `${path}:${yaml.lineOf(keys)}: ${pathText(keys)} ${issueText(issue, keys)}`,
    EXAMPLES_HINT,
  );
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
  const expected =
    issue.type === 'regex' || issue.type === 'custom' ? issue.message : (issue.expected ?? issue.message);
  return `is ${issue.received}, not ${expected}`;
}

function refuseSameNames(
  path: string,
  yaml: RequestsYaml,
  requests: readonly { readonly name: string }[],
): void {
  const names = requests.map((request) => request.name);
  const again = names.findIndex((each, at) => names.indexOf(each) < at);
  if (again < 0) return;
  throw usageError(
    'bad-requests',
    `${path}:${yaml.lineOf(['requests', again, 'name'])}: requests[${again}].name is '${names[again]}' once more: names differ`,
    'Give each request a name of its own',
  );
}

/** Adds the position in the file to an error's message. */
function located(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || error.name !== 'ShedbenchError') return error;
  const { message, hint } = error as ShedbenchError;
  return usageError('bad-requests', `${place}: ${message}`, hint ?? EXAMPLES_HINT);
}
