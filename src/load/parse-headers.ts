import { usageError } from '../errors.ts';
import type { HeaderField } from '../model/subject.ts';

/** Fields that concern the framing or the connection. The load sets them itself. */
const RESERVED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/s;
const EXAMPLE = "-H 'x-api-key: …'";

/**
 * Parses header fields from `Name: value`, in the order typed. A value may contain visible characters, spaces and tabs;
 * it is sent as Latin-1.
 * @throws usageError `bad-header`, `reserved-header`; no message contains the value, which may be secret
 */
export function parseHeaders(texts: readonly string[]): HeaderField[] {
  return texts.map((text) => {
    const [, name, value] = FIELD.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw usageError('bad-header', "-H/--header takes a field as 'Name: value'.", EXAMPLE);
    }
    if (RESERVED.has(name.toLowerCase())) {
      throw usageError('reserved-header', `-H/--header can't set ${name}: the load sets it itself.`);
    }
    const trimmed = value.replace(/[ \t]+$/, '');
    if (!/^[\t\x20-\x7e\xa0-\xff]*$/.test(trimmed)) {
      throw usageError(
        'bad-header',
        `The value of -H/--header '${name}' holds a character that HTTP/1.1 can't send.`,
      );
    }
    return [name, trimmed];
  });
}
