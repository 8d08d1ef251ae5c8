import { ServiceError } from '../seams.ts';

/** A value to write as XML: scalars become text, arrays become repeated elements, objects become child elements. */
export type XmlValue = unknown;

/** How a list is written: `member` wraps every item in `<member>` (awsQuery), `flat` repeats the list's own name. */
export type XmlListStyle = 'member' | 'flat';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML 1.0 can't carry
const ESCAPED = /[&<>\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\r': '&#xD;',
};

/**
 * Escapes text as the content of an element, where quotation marks stay as they are. Characters that XML 1.0 does not
 * allow become U+FFFD.
 */
export function escapeXml(text: string): string {
  return text.replace(ESCAPED, (character) => REFERENCES[character] ?? '\ufffd');
}

/** Renders one element with its content. Undefined gives ''. A Date is written as ISO 8601. */
export function xmlElement(name: string, value: XmlValue, lists: XmlListStyle): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) {
    if (lists === 'flat') return value.map((item) => xmlElement(name, item, lists)).join('');
    return `<${name}>${value.map((item) => xmlElement('member', item, lists)).join('')}</${name}>`;
  }
  return `<${name}>${xmlContent(value, lists)}</${name}>`;
}

/** Renders the content of an element, without its tags. */
export function xmlContent(value: XmlValue, lists: XmlListStyle): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, child]) => xmlElement(name, child, lists))
      .join('');
  }
  return escapeXml(String(value));
}

/** A parsed element. `text` is its own character data with entities resolved. */
export interface XmlNode {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlNode[];
}

interface OpenNode {
  readonly name: string;
  text: string;
  readonly children: OpenNode[];
}

const MAX_DEPTH = 32;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Parses the small XML documents that S3 clients send. Namespace prefixes and attributes are dropped. A DOCTYPE is
 * refused, so there are no entities to expand.
 * @throws ServiceError `MalformedXML` (400)
 */
export function parseXml(text: string): XmlNode {
  const stack: OpenNode[] = [];
  let root: OpenNode | undefined;
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length) {
    const open = text.indexOf('<', at);
    const data = open === -1 ? text.slice(at) : text.slice(at, open);
    const current = stack.at(-1);
    if (current !== undefined) current.text += decodeEntities(data);
    else if (data.trim() !== '') throw malformedXml();
    if (open === -1) break;
    if (text.startsWith('<?', open)) at = after(text, '?>', open);
    else if (text.startsWith('<!--', open)) at = after(text, '-->', open + 4);
    else if (text.startsWith('<![CDATA[', open)) {
      at = after(text, ']]>', open);
      if (current === undefined) throw malformedXml();
      current.text += text.slice(open + 9, at - 3);
    } else {
      at = after(text, '>', open);
      const tag = text.slice(open + 1, at - 1);
      if (tag.startsWith('/')) {
        if (stack.pop()?.name !== localName(tag.slice(1).trim())) throw malformedXml();
        continue;
      }
      const match = /^([A-Za-z_][\w.:-]*)(?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(\/?)$/.exec(
        tag,
      );
      if (match?.[1] === undefined || (root !== undefined && current === undefined)) throw malformedXml();
      const node: OpenNode = { name: localName(match[1]), text: '', children: [] };
      if (current === undefined) root = node;
      else current.children.push(node);
      if (match[2] !== '/') stack.push(node);
      if (stack.length > MAX_DEPTH) throw malformedXml();
    }
  }
  if (root === undefined || stack.length > 0) throw malformedXml();
  return root;
}

/** Returns the first child of that name. */
export function xmlChild(node: XmlNode, name: string): XmlNode | undefined {
  return node.children.find((child) => child.name === name);
}

/** Returns the text of the first child of that name. */
export function xmlText(node: XmlNode, name: string): string | undefined {
  return xmlChild(node, name)?.text;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function after(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  if (found === -1) throw malformedXml();
  return found + mark.length;
}

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;&]{0,10})(;?)/g, (_all, name: string, end: string) => {
    const numeric = /^#(?:(\d+)|x([0-9a-fA-F]+))$/.exec(name);
    const code = numeric?.[1] !== undefined ? Number(numeric[1]) : Number.parseInt(numeric?.[2] ?? '', 16);
    const value =
      numeric !== null && code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ENTITIES[name];
    if (value === undefined || end !== ';') throw malformedXml();
    return value;
  });
}

function malformedXml(): ServiceError {
  return new ServiceError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}
