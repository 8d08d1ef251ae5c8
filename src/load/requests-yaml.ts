import {
  constructFromEvents,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  YAMLException,
} from 'js-yaml';
import { type ShedbenchError, usageError } from '../errors.ts';

/** Deeper than any real body. At about two thousand levels js-yaml overflows Node's stack. */
const MAX_DEPTH = 500;

/**
 * The number of characters by which the aliases of a file may enlarge it: the size of API Gateway's largest payload.
 * Without a limit, 400 bytes of aliases stand for a body of gigabytes.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 */
const MAX_ALIASED_CHARACTERS = 10_000_000;
const MAX_ALIASED_TEXT = MAX_ALIASED_CHARACTERS.toLocaleString('en');

/** The hint of an error that has no better one. */
export const EXAMPLES_HINT =
  'docs/requests-schema.json describes the file; README and docs/your-own.md have examples';

const TOO_DEEP = `lists and objects nest deeper than ${MAX_DEPTH} levels`;
const BODY_FILE_HINT =
  'Write such a body to a file of its own, and give the name of that file: body: large.json';

/** js-yaml's reasons that name its own options or types, in words for the author of a file, with a hint. */
const WORDS: readonly { readonly reason: RegExp; readonly words: string; readonly hint?: string }[] = [
  { reason: /^nesting exceeded .*$/, words: TOO_DEEP, hint: BODY_FILE_HINT },
  {
    reason: /^object-based map does not support complex keys$/,
    words: 'a key must be text, not a list or an object',
    hint: 'Put quotes around a key that begins with [ or {',
  },
  { reason: /^duplicated mapping key$/, words: 'this key occurs twice in one object' },
  {
    reason: /^unidentified alias "(.*)"$/,
    words: 'no anchor &$1 stands before the alias *$1',
    hint: 'Put quotes around text that begins with *',
  },
  {
    reason: /^(?:unknown \w+ tag|cannot resolve a node with) !<(?:(!.*)|tag:yaml\.org,2002:(.*)|(.*))>.*$/,
    words: "this value can't have the tag <$1$2$3>",
    hint: 'Remove the tag, or put quotes around text that begins with !',
  },
];

type Keys = readonly (string | number)[];

/** A file of one YAML document, with the lines of its values. */
export class RequestsYaml {
  /** The content: JSON's types only, of bounded size and depth, without cycles. */
  readonly value: unknown;
  readonly #path: string;
  readonly #text: string;
  readonly #events: readonly Event[];
  /** Where each value begins, by its path (`requests[0].weight`): its key, or without a key the value itself. */
  readonly #offsets = new Map<string, number>();
  /** The index of the next event of `#readNode`. After the event of the document. */
  #next = 1;

  /**
   * @param path for messages
   * @throws ShedbenchError `bad-requests` (exit 2) with line and column if the text is not one document of YAML; with
   *   the line if an alias contains itself, or if aliases make the content too large or too deep
   */
  constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
    try {
      const events = parseEvents(text, { maxDepth: MAX_DEPTH });
      this.#events = events;
      this.#refuseSecondDocument();
      if (this.#isOpen()) this.#readNode([], false);
      const [value = null] = constructFromEvents(events, { source: text });
      this.value = value;
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error;
      const known = WORDS.find(({ reason }) => reason.test(error.reason));
      const message = known === undefined ? error.reason : error.reason.replace(known.reason, known.words);
      throw this.#refusal(error.mark?.position ?? 0, message, known?.hint ?? EXAMPLES_HINT);
    }
    if (this.#events.some(({ type }) => type === EVENT_ID.ALIAS)) this.#checkAliases();
  }

  /** The line of the value at a path, from 1. For a missing value, the line of the nearest value around it. */
  lineOf(keys: Keys): number {
    for (let depth = keys.length; depth > 0; depth--) {
      const offset = this.#offsets.get(pathText(keys.slice(0, depth)));
      if (offset !== undefined) return placeOf(this.#text, offset).line;
    }
    return 1;
  }

  #refusal(offset: number, message: string, hint: string): ShedbenchError {
    const { line, column } = placeOf(this.#text, offset);
    return usageError('bad-requests', `${this.#path}:${line}:${column}: ${message}`, hint);
  }

  #refuseSecondDocument(): void {
    const index = this.#events.findIndex(({ type }, at) => at > 0 && type === EVENT_ID.DOCUMENT);
    const document = this.#events[index];
    if (document?.type !== EVENT_ID.DOCUMENT) return;
    const content = this.#events[index + 1];
    const start = (content === undefined ? undefined : startOf(content)) ?? this.#text.length;
    throw this.#refusal(
      document.explicitStart ? this.#text.lastIndexOf('\n---', start) + 1 : start,
      'a second YAML document begins here, and a file of requests has only one',
      'Remove the second document, or write it to a file of its own',
    );
  }

  /**
   * Checks the content with every alias replaced by what it stands for, as `JSON.stringify` replaces it. A file without
   * aliases needs no check.
   */
  #checkAliases(): void {
    const ancestors = new Set<unknown>();
    const keys: (string | number)[] = [];
    let charactersLeft = this.#text.length + MAX_ALIASED_CHARACTERS;
    const refusal = (at: Keys, message: string, hint: string): ShedbenchError =>
      usageError('bad-requests', `${this.#path}:${this.lineOf(at)}: ${pathText(at)}: ${message}`, hint);
    const visit = (value: unknown): void => {
      charactersLeft -= typeof value === 'string' ? value.length + 1 : 1;
      if (charactersLeft < 0) {
        const message = `with this value, the file's aliases stand for more than ${MAX_ALIASED_TEXT} characters`;
        throw refusal(keys.slice(0, 3), message, BODY_FILE_HINT);
      }
      if (typeof value !== 'object' || value === null) return;
      if (ancestors.has(value)) {
        throw refusal(
          keys,
          'this alias stands for a value that contains it',
          'Write the value without the alias',
        );
      }
      if (ancestors.size === MAX_DEPTH) throw refusal(keys.slice(0, 3), TOO_DEEP, BODY_FILE_HINT);
      ancestors.add(value);
      for (const [key, inner] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
        if (typeof key === 'string') charactersLeft -= key.length;
        keys.push(key);
        visit(inner);
        keys.pop();
      }
      ancestors.delete(value);
    };
    visit(this.value);
  }

  /** Notes where the next node and the nodes within it begin. */
  #readNode(keys: Keys, isNoted: boolean): void {
    const event = this.#events[this.#next++];
    if (event === undefined) return;
    if (isNoted) this.#note(keys, event);
    if (event.type !== EVENT_ID.SEQUENCE && event.type !== EVENT_ID.MAPPING) return;
    for (let index = 0; this.#isOpen(); index++) {
      if (event.type === EVENT_ID.SEQUENCE) this.#readNode([...keys, index], true);
      else this.#readPair(keys);
    }
    this.#next++;
  }

  #readPair(keys: Keys): void {
    const key = this.#events[this.#next];
    if (key?.type === EVENT_ID.SEQUENCE || key?.type === EVENT_ID.MAPPING) {
      // js-yaml refuses such a key too, but without its place.
      YAMLException.throwAt(this.#text, key.start, 'object-based map does not support complex keys');
    }
    if (key?.type !== EVENT_ID.SCALAR) {
      this.#readNode(keys, false);
      this.#readNode(keys, false);
      return;
    }
    this.#next++;
    const inner = [...keys, key.valueStart < 0 ? '' : getScalarValue(this.#text, key)];
    this.#note(inner, key);
    this.#readNode(inner, false);
  }

  #note(keys: Keys, event: Event): void {
    const start = startOf(event);
    if (start !== undefined) this.#offsets.set(pathText(keys), start);
  }

  /** Whether the present list, object or document has more nodes. */
  #isOpen(): boolean {
    const event = this.#events[this.#next];
    return event !== undefined && event.type !== EVENT_ID.POP;
  }
}

/** Where an event begins: its tag, its anchor, or its value. Undefined for an event without text. */
function startOf(event: Event): number | undefined {
  const starts = [
    'tagStart' in event ? event.tagStart : -1,
    'anchorStart' in event ? event.anchorStart : -1,
    'valueStart' in event ? event.valueStart : -1,
    'start' in event ? event.start : -1,
  ].filter((start) => start >= 0);
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** Line and column of an offset, both from 1. */
function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Formats a path: `requests[0].weight`. */
export function pathText(keys: Keys): string {
  if (keys.length === 0) return 'the file';
  return keys
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');
}
