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
/** Fields of a signature. A signed request gets them from the signer. */
const SIGNED: ReadonlySet<string> = new Set([
  'authorization',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
]);
const EXAMPLE = "-H 'x-api-key: …'";

/**
 * Parses header fields from `Name: value`, in the order typed. A value may contain visible characters, spaces and tabs;
 * it is sent as Latin-1.
 * @param isSigned whether the requests are signed (`--sigv4`)
 * @throws usageError `bad-header`, `reserved-header`, `repeated-header`; no message contains the value, which may be
 *   secret
 */
export function parseHeaders(texts: readonly string[], isSigned = false): HeaderField[] {
  const fields = texts.map(parseField);
  const seen = new Set<string>();
  for (const [name] of fields) {
    const lower = name.toLowerCase();
    if (isSigned && SIGNED.has(lower)) {
      throw usageError('reserved-header', `-H/--header can't set ${name} beside --sigv4, which sets it.`);
    }
    // A request has one Host (RFC 9112 §3.2). A signature contains each X-Amz field once.
    const isSingle = lower === 'host' || (isSigned && lower.startsWith('x-amz-'));
    if (isSingle && seen.has(lower)) {
      throw usageError(
        'repeated-header',
        `-H/--header sets ${name} twice.`,
        lower === 'host' ? undefined : `-H '${name}: one,two' sends two values`,
      );
    }
    seen.add(lower);
  }
  return fields;
}

function parseField(text: string): HeaderField {
  const [, name, value] = FIELD.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw usageError('bad-header', "-H/--header takes a field as 'Name: value'.", EXAMPLE);
  }
  if (RESERVED.has(name.toLowerCase())) {
    throw usageError(
      'reserved-header',
      `-H/--header can't set ${name}: the load sets it itself.`,
      name.toLowerCase() === 'connection' ? '--no-keepalive opens a connection for every call' : undefined,
    );
  }
  const trimmed = value.replace(/[ \t]+$/, '');
  if (!/^[\t\x20-\x7e\xa0-\xff]*$/.test(trimmed)) {
    throw usageError(
      'bad-header',
      `The value of -H/--header '${name}' holds a character that HTTP/1.1 can't send.`,
    );
  }
  return [name, trimmed];
}
