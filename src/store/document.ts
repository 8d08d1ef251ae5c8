import { join } from 'node:path';
import * as v from 'valibot';
import { ShedbenchError } from '../errors.ts';
import type { Emit } from '../model/events.ts';
import { counted } from '../model/number-text.ts';
import { documentNames, readPlain, setAside } from './files.ts';
import { describeIssue, type Shape } from './shapes.ts';

/** One kind of document in `.shedbench/`. */
export interface DocumentKind<T> {
  /** Its name in messages: `run record`. */
  readonly name: string;
  /** The name and version in the document's member `schema`. Undefined for kinds without this member. */
  readonly schema?: string;
  readonly shape: Shape<T>;
  /** A hint about a damaged document. */
  readonly hint: string;
}

/** The result of checking a text. */
export type CheckedDocument<T> =
  | { readonly state: 'good'; readonly document: T }
  /** `reason`: `accounting.calls is missing`. */
  | { readonly state: 'damaged'; readonly reason: string }
  /** The document has the schema of an older or newer version of shedbench. */
  | { readonly state: 'other-version'; readonly schema: string };

/** Checks a text against its kind. */
export function checkDocument<T>(text: string, kind: DocumentKind<T>): CheckedDocument<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {
      state: 'damaged',
      reason: `it is cut short or not JSON (${counted(Buffer.byteLength(text), 'byte')})`,
    };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { state: 'damaged', reason: 'it is no JSON object' };
  }
  if (kind.schema !== undefined) {
    const { schema } = value as { readonly schema?: unknown };
    const family = `${kind.schema.split('@')[0]}@`;
    if (typeof schema === 'string' && schema !== kind.schema && schema.startsWith(family)) {
      return { state: 'other-version', schema };
    }
  }
  const checked = v.safeParse(kind.shape, value, { abortEarly: true });
  if (!checked.success) return { state: 'damaged', reason: describeIssue(checked.issues[0]) };
  // The value contains members that this version does not know.
  return { state: 'good', document: value as T };
}

/**
 * Reads one document. Undefined if there is none that this version can use. A damaged one is renamed, and a warning
 * names it. One of another version is not changed, with a warning.
 *
 * @throws ShedbenchError `odd-file` (exit 2) for a link, a pipe, a device or a folder in its place
 */
export async function readDocument<T>(
  path: string,
  kind: DocumentKind<T>,
  emit: Emit,
): Promise<T | undefined> {
  const text = await readPlain(path);
  if (text === undefined) return undefined;
  const checked = checkDocument(text, kind);
  if (checked.state === 'good') return checked.document;
  if (checked.state === 'damaged') await reportDamage(path, kind, checked.reason, emit);
  else warnOfVersion([path], checked.schema, kind, emit);
  return undefined;
}

/**
 * Reads every document of a folder, in the order of their file names. Damaged ones are renamed, each with a warning.
 * Links, pipes and devices are ignored, each with a warning. Documents of another version share one warning per
 * version.
 *
 * @param having only documents whose text contains this. Parsing and checking the others would take most of the time.
 */
export async function readDocuments<T>(
  folder: string,
  kind: DocumentKind<T>,
  emit: Emit,
  having = '',
): Promise<{ readonly name: string; readonly document: T }[]> {
  const good: { readonly name: string; readonly document: T }[] = [];
  const ofOtherVersions = new Map<string, string[]>();
  for (const name of await documentNames(folder)) {
    const path = join(folder, name);
    const text = await readOrWarn(path, emit);
    if (text === undefined || !text.includes(having)) continue;
    const checked = checkDocument(text, kind);
    if (checked.state === 'good') good.push({ name, document: checked.document });
    else if (checked.state === 'damaged') await reportDamage(path, kind, checked.reason, emit);
    else ofOtherVersions.set(checked.schema, [...(ofOtherVersions.get(checked.schema) ?? []), path]);
  }
  for (const [schema, paths] of ofOtherVersions) warnOfVersion(paths, schema, kind, emit);
  return good;
}

/**
 * Reads every document of a folder, as `readDocuments` does. One whose content belongs under another file name is
 * damaged: a later write would create a second file beside it.
 *
 * @param nameOf the file name that belongs to the content
 */
export async function readNamedDocuments<T>(
  folder: string,
  kind: DocumentKind<T>,
  nameOf: (document: T) => string,
  emit: Emit,
  having = '',
): Promise<T[]> {
  const good: T[] = [];
  for (const { name, document } of await readDocuments(folder, kind, emit, having)) {
    const expected = nameOf(document);
    if (name === expected) good.push(document);
    else await reportDamage(join(folder, name), kind, `its content is that of ${expected}`, emit);
  }
  return good;
}

/** Warns of a damaged document and renames it, so that there is only one warning. */
export async function reportDamage(
  path: string,
  kind: Pick<DocumentKind<unknown>, 'name' | 'hint'>,
  reason: string,
  emit: Emit,
): Promise<void> {
  let what: string;
  try {
    what = `it is now ${await setAside(path)}`;
  } catch (cause) {
    what = `it is left out, and could not be renamed (${cause instanceof Error ? cause.message : String(cause)})`;
  }
  warnOfDamage(path, kind, reason, what, emit);
}

/** Warns of a damaged document. @param what what became of the file: `it is now a.json.damaged` */
export function warnOfDamage(
  path: string,
  kind: Pick<DocumentKind<unknown>, 'name' | 'hint'>,
  reason: string,
  what: string,
  emit: Emit,
): void {
  emit({
    type: 'warning',
    code: 'document-damaged',
    message: `The ${kind.name} ${path} is damaged: ${reason}; ${what}`,
    hint: kind.hint,
  });
}

async function readOrWarn(path: string, emit: Emit): Promise<string | undefined> {
  try {
    return await readPlain(path);
  } catch (cause) {
    if (!(cause instanceof ShedbenchError)) throw cause;
    const { code, message, hint } = cause;
    emit({ type: 'warning', code, message, ...(hint === undefined ? {} : { hint }) });
    return undefined;
  }
}

function warnOfVersion(
  paths: readonly string[],
  schema: string,
  kind: DocumentKind<unknown>,
  emit: Emit,
): void {
  const [first] = paths;
  const which =
    paths.length === 1
      ? `The ${kind.name} ${first} has`
      : `${paths.length} ${kind.name}s, ${first} among them, have`;
  emit({
    type: 'warning',
    code: 'document-version',
    message: `${which} the schema ${schema}; this version of shedbench reads ${kind.schema}`,
    hint: `Use the version of shedbench that wrote ${paths.length === 1 ? 'it' : 'them'}`,
  });
}
