import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml';
import { isObject, type Value } from '../../../resources/value.ts';
import { formatError, nullValue, templateError } from './template-error.ts';

type DocumentEvent = Extract<Event, { readonly type: typeof EVENT_ID.DOCUMENT }>;
type ScalarEvent = Extract<Event, { readonly type: typeof EVENT_ID.SCALAR }>;
type CollectionEvent = Extract<Event, { readonly type: typeof EVENT_ID.SEQUENCE | typeof EVENT_ID.MAPPING }>;
type NodeEvent = ScalarEvent | CollectionEvent;

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

/** YAML's own types that a template may name by a tag, with the test of whether a value has the type. */
const TYPES: Readonly<Record<string, (value: Value | null) => boolean>> = {
  '!!map': isObject,
  '!!seq': Array.isArray,
  '!!str': (value) => typeof value === 'string',
  '!!null': (value) => value === null,
  '!!bool': (value) => typeof value === 'boolean',
  '!!int': Number.isInteger,
  '!!float': (value) => typeof value === 'number',
};

/** Tags of text: a number after them stays text. */
const TEXT_TAGS: readonly string[] = ['!', '!!str'];

const NULL = /^(?:~|null|Null|NULL)?$/;

/** Booleans as CloudFormation's parser reads them: YAML 1.1 without the single letters, so that `N` stays text. */
const TRUE = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;

/**
 * The numbers of YAML 1.1. Those with colons, such as 1:30, stay text, and so does what has no digit, such as a dot.
 * @see https://yaml.org/type/int.html
 * @see https://yaml.org/type/float.html
 */
const NUMBERS: readonly { readonly test: RegExp; readonly read: (digits: string) => number }[] = [
  { test: /^[-+]?0b_*[01][01_]*$/, read: (digits) => Number.parseInt(digits.slice(2), 2) },
  { test: /^[-+]?0_*[0-7][0-7_]*$/, read: (digits) => Number.parseInt(digits.slice(1), 8) },
  { test: /^[-+]?[0-9][0-9_]*$/, read: (digits) => Number.parseInt(digits, 10) },
  { test: /^[-+]?0x_*[0-9a-fA-F][0-9a-fA-F_]*$/, read: (digits) => Number.parseInt(digits, 16) },
  { test: /^[-+]?\.(?:inf|Inf|INF)$/, read: () => Number.POSITIVE_INFINITY },
  { test: /^\.(?:nan|NaN|NAN)$/, read: () => Number.NaN },
  {
    test: /^[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\._*[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?$/,
    read: Number.parseFloat,
  },
];

/**
 * Parses a template in YAML with short forms. The result contains only long forms.
 * @param maxDepth the deepest nesting of lists and maps
 * @throws ServiceError `ValidationError` in CloudFormation's words: the first error of the format; without one, the first
 *   of the content
 */
export function parseYaml(body: string, maxDepth: number): Value {
  try {
    return new TemplateReader(body, parseEvents(body, { maxDepth })).read();
  } catch (error) {
    if (error instanceof YAMLException) throw notWellFormed(body, error.mark?.position ?? 0);
    throw error;
  }
}

/** Builds the value of a template from the events of the YAML parser. */
class TemplateReader {
  readonly #body: string;
  readonly #events: readonly Event[];
  /** The index of the next event. */
  #next = 0;
  /** The first error of the content, such as a missing value. An error of the format comes before it. */
  #contentError: Error | undefined;

  constructor(body: string, events: readonly Event[]) {
    this.#body = body;
    this.#events = events;
  }

  read(): Value {
    const [document, content] = this.#events;
    if (document === undefined || content?.type === EVENT_ID.POP) throw nullValue('');
    this.#next = 1;
    const value = this.#node('');
    // After the content, the document itself is closed.
    const another = this.#events[this.#next + 1];
    if (another?.type === EVENT_ID.DOCUMENT) {
      throw notWellFormed(this.#body, this.#startOfDocument(another, this.#events[this.#next + 2]));
    }
    if (this.#contentError !== undefined) throw this.#contentError;
    return value;
  }

  /** The offset of a document's `---`, or without one of its content. */
  #startOfDocument(document: DocumentEvent, content: Event | undefined): number {
    const starts =
      content?.type === EVENT_ID.SCALAR
        ? [content.tagStart, content.anchorStart, content.valueStart]
        : content?.type === EVENT_ID.SEQUENCE || content?.type === EVENT_ID.MAPPING
          ? [content.tagStart, content.anchorStart, content.start]
          : [];
    const start = Math.min(this.#body.length, ...starts.filter((offset) => offset >= 0));
    return document.explicitStart ? this.#body.lastIndexOf('\n---', start) + 1 : start;
  }

  /** @param path where the node stands, for messages */
  #node(path: string): Value {
    const event = this.#take();
    if (event.type === EVENT_ID.ALIAS) {
      return this.#refuse(templateError('YAML aliases are not allowed in CloudFormation templates'));
    }
    if (
      event.type !== EVENT_ID.SCALAR &&
      event.type !== EVENT_ID.SEQUENCE &&
      event.type !== EVENT_ID.MAPPING
    ) {
      throw new Error(`a node can't begin with event ${event.type}`);
    }
    const value =
      event.type === EVENT_ID.SCALAR
        ? (this.#scalar(event) ?? this.#refuse(nullValue(path)))
        : this.#collection(event, path);
    const short = shortForm(this.#tagOf(event));
    return short === undefined ? value : longForm(short, value);
  }

  #collection(event: CollectionEvent, path: string): Value {
    const isList = event.type === EVENT_ID.SEQUENCE;
    const tag = this.#tagOf(event);
    // The type of a collection is known before its content, so an unknown tag is refused before an error within it.
    if (tag !== '' && tag !== '!' && shortForm(tag) === undefined) this.#checkType(event, isList ? [] : {});
    return isList ? this.#list(path) : this.#map(path);
  }

  /** The text, number or boolean of a scalar. Null for a missing value. A short form keeps its text. */
  #scalar(event: ScalarEvent): Value | null {
    const text = this.#textOf(event);
    const tag = this.#tagOf(event);
    if (TEXT_TAGS.includes(tag) || shortForm(tag) !== undefined) return text;
    if (tag === '' && event.style !== SCALAR_STYLE.PLAIN) return text;
    const value = plainValue(text);
    if (tag !== '') this.#checkType(event, value);
    return value;
  }

  /** Refuses a value that does not have the type of its tag, and any tag that is not one of YAML's own types. */
  #checkType(event: NodeEvent, value: Value | null): void {
    const tag = this.#tagOf(event);
    if (TYPES[tag]?.(value) !== true) {
      throw notWellFormed(this.#body, event.tagStart, ` Unresolved tag: ${tag}`);
    }
  }

  #list(path: string): Value {
    const items: Value[] = [];
    while (!this.#isClosed()) items.push(this.#node(`${path}/${items.length}`));
    return items;
  }

  #map(path: string): Value {
    const entries = new Map<string, Value>();
    while (!this.#isClosed()) {
      const event = this.#take();
      if (event.type !== EVENT_ID.SCALAR) throw formatError(`[${path}] every key must be text`);
      // A key is always text, exactly as written. Only its tag is checked.
      this.#scalar(event);
      const key = this.#textOf(event);
      if (entries.has(key)) throw notWellFormed(this.#body, event.valueStart);
      if (key === '<<') {
        this.#refuse(templateError('YAML merges are not allowed in CloudFormation templates'));
      }
      entries.set(key, this.#node(`${path}/${key}`));
    }
    return Object.fromEntries(entries);
  }

  /** Remembers the first error of the content. Returns a value in place of the refused one. */
  #refuse(error: Error): Value {
    this.#contentError ??= error;
    return '';
  }

  /** Takes the event that closes the present list or map, if it is the next one. */
  #isClosed(): boolean {
    const isClosed = this.#events[this.#next]?.type === EVENT_ID.POP;
    if (isClosed) this.#next += 1;
    return isClosed;
  }

  #take(): Event {
    const event = this.#events[this.#next];
    if (event === undefined) throw new Error('the events of the YAML parser end within a node');
    this.#next += 1;
    return event;
  }

  /** The tag as written, or nothing. `!<tag:yaml.org,2002:int>`, the long form of a tag of YAML, becomes `!!int`. */
  #tagOf(event: NodeEvent): string {
    const tag = event.tagStart < 0 ? '' : this.#body.slice(event.tagStart, event.tagEnd);
    return tag.replace(/^!<tag:yaml\.org,2002:(.*)>$/, '!!$1');
  }

  #textOf(event: ScalarEvent): string {
    return event.valueStart < 0 ? '' : getScalarValue(this.#body, event);
  }
}

/** The name of the function whose short form a tag is: `Sub` for `!Sub`. */
function shortForm(tag: string): string | undefined {
  const name = tag.slice(1);
  return SHORT_FORMS.includes(name) ? name : undefined;
}

function longForm(short: string, value: Value): Value {
  const name = short === 'Ref' || short === 'Condition' ? short : `Fn::${short}`;
  return { [name]: short === 'GetAtt' && typeof value === 'string' ? splitAttribute(value) : value };
}

/** `A.B.C` names the attribute `B.C` of resource `A`. */
function splitAttribute(text: string): Value {
  const dot = text.indexOf('.');
  return dot === -1 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}

/** The value of a scalar without quotes: null, a boolean, a number, else its text. */
function plainValue(text: string): Value | null {
  if (NULL.test(text)) return null;
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  return numberOf(text) ?? text;
}

function numberOf(text: string): number | undefined {
  const kind = /^[-+.0-9]/.test(text) ? NUMBERS.find(({ test }) => test.test(text)) : undefined;
  if (kind === undefined) return undefined;
  const digits = text.replace(/^[-+]/, '').replaceAll('_', '');
  return text.startsWith('-') ? -kind.read(digits) : kind.read(digits);
}

/** @param position the offset of the error in the text */
function notWellFormed(body: string, position: number, detail = ''): Error {
  const before = body.slice(0, position).split('\n');
  const where = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  return formatError(`YAML not well-formed. (${where})${detail}`);
}
