import { createHash } from 'node:crypto';

const UNRESERVED = /[!'()*]/g;

/** Percent-encodes as SigV4 requires: every character but `A-Z a-z 0-9 - . _ ~`. */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    UNRESERVED,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * The path of a canonical request. S3 uses the path as it was sent; other services normalise it and encode it once
 * more.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function canonicalPath(path: string, service: string): string {
  if (service === 's3') return path;
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '.' && segment !== '') segments.push(encodeRfc3986(segment));
  }
  const end = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${segments.join('/')}${end}`;
}

/**
 * The query of a canonical request: decoded and encoded again, sorted by name, then by value. The parameter `without`
 * (the signature) is left out.
 */
export function canonicalQuery(rawQuery: string, without?: string): string {
  if (rawQuery === '') return '';
  const pairs: [string, string][] = [];
  for (const part of rawQuery.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    const value = equals === -1 ? '' : part.slice(equals + 1);
    if (name !== without) pairs.push([reencode(name), reencode(value)]);
  }
  return pairs
    .sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** The header lines of a canonical request, for these names in this order. */
export function canonicalHeaders(
  names: readonly string[],
  headers: Readonly<Record<string, string>>,
): string {
  return names.map((name) => `${name}:${(headers[name] ?? '').replace(/ +/g, ' ').trim()}\n`).join('');
}

export function sha256Hex(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function reencode(text: string): string {
  try {
    return encodeRfc3986(decodeURIComponent(text));
  } catch {
    // Not a valid escape. The client that signed it encoded the percent sign as a character.
    return encodeRfc3986(text);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
