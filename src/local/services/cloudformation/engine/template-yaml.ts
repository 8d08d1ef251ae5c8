import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml';
import type { Value } from '../../../resources/value.ts';
import { formatError, nullValue, templateError } from './template-error.ts';

type ScalarEvent = Extract<Event, { readonly type: typeof EVENT_ID.SCALAR }>;

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

/** Tags of YAML itself that name the type which an untagged node has anyway. */
const PLAIN_TAGS: readonly string[] = ['!!map', '!!seq', '!!null', '!!bool', '!!int', '!!float'];

/** Tags of text: a number behind them stays text. */
const TEXT_TAGS: readonly string[] = ['!', '!!str', '!!binary', '!!timestamp'];

const NULL = /^(?:~|null|Null|NULL)?$/;

/** Booleans as CloudFormation's parser reads them: YAML 1.1 without the single letters, so that `N` stays text. */
const TRUE = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;

/**
 * The numbers of YAML 1.1. Those with colons, such as 1:30, stay text.
 * @see https://yaml.org/type/int.html
 * @see https://yaml.org/type/float.html
 */
const NUMBERS: readonly { readonly test: RegExp; readonly read: (digits: string) => number }[] = [
  { test: /^[-+]?0b[01_]+$/, read: (digits) => Number.parseInt(digits.slice(2), 2) },
  { test: /^[-+]?0[0-7_]+$/, read: (digits) => Number.parseInt(digits.slice(1), 8) },
  { test: /^[-+]?[0-9][0-9_]*$/, read: (digits) => Number.parseInt(digits, 10) },
  { test: /^[-+]?0x[0-9a-fA-F_]+$/, read: (digits) => Number.parseInt(digits, 16) },
  { test: /^[-+]?\.(?:inf|Inf|INF)$/, read: () => Number.POSITIVE_INFINITY },
  { test: /^\.(?:nan|NaN|NAN)$/, read: () => Number.NaN },
  { test: /^[-+]?(?:[0-9][0-9_]*)?(?:\.[0-9_]*)?[eE][-+]?[0-9]+$/, read: Number.parseFloat },
  { test: /^[-+]?(?:[0-9][0-9_]*)?\.[0-9_]*$/, read: Number.parseFloat },
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
    if (another !== undefined) throw notWellFormed(this.#body, this.#body.indexOf('\n---') + 1);
    if (this.#contentError !== undefined) throw this.#contentError;
    return value;
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
    const tag = event.tagStart < 0 ? '' : this.#body.slice(event.tagStart, event.tagEnd);
    const short = SHORT_FORMS.includes(tag.slice(1)) && tag.startsWith('!') ? tag.slice(1) : undefined;
    if (short === undefined && tag !== '' && !PLAIN_TAGS.includes(tag) && !TEXT_TAGS.includes(tag)) {
      throw notWellFormed(this.#body, event.tagStart, ` Unresolved tag: ${tag}`);
    }
    const isText = short !== undefined || TEXT_TAGS.includes(tag);
    const value =
      event.type === EVENT_ID.SCALAR
        ? this.#scalar(event, isText, path)
        : event.type === EVENT_ID.SEQUENCE
          ? this.#list(path)
          : this.#map(path);
    return short === undefined ? value : longForm(short, value);
  }

  #scalar(event: ScalarEvent, isText: boolean, path: string): Value {
    const text = this.#textOf(event);
    if (isText || event.style !== SCALAR_STYLE.PLAIN) return text;
    if (NULL.test(text)) return this.#refuse(nullValue(path));
    if (TRUE.test(text)) return true;
    if (FALSE.test(text)) return false;
    return numberOf(text) ?? text;
  }

  #list(path: string): Value {
    const items: Value[] = [];
    while (!this.#isClosed()) items.push(this.#node(`${path}/${items.length}`));
    return items;
  }

  #map(path: string): Value {
    const object: Record<string, Value> = {};
    while (!this.#isClosed()) {
      const event = this.#take();
      if (event.type !== EVENT_ID.SCALAR) throw formatError(`[${path}] every key must be text`);
      // A key is always text, exactly as written.
      const key = this.#textOf(event);
      if (Object.hasOwn(object, key)) throw notWellFormed(this.#body, event.valueStart);
      if (key === '<<') {
        this.#refuse(templateError('YAML merges are not allowed in CloudFormation templates'));
      }
      object[key] = this.#node(`${path}/${key}`);
    }
    return object;
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

  #textOf(event: ScalarEvent): string {
    return event.valueStart < 0 ? '' : getScalarValue(this.#body, event);
  }
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
