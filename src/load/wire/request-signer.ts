import { createHash, createHmac } from 'node:crypto';

/** How long a signature is reused. AWS accepts one for five minutes from its date, but clocks differ. */
const REUSE_MS = 60_000;
const ALGORITHM = 'AWS4-HMAC-SHA256';

/** The keys that sign requests, as plain data that can be passed to a thread. */
export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly region: string;
  /** `execute-api` for API Gateway, `lambda` for a function URL. */
  readonly service: string;
}

/** The parts of a request that are signed. */
export interface SignedTarget {
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  /** As sent: names and values encoded. */
  readonly query: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Empty if there is none. */
  readonly body: Uint8Array;
}

/**
 * Signs requests by AWS Signature Version 4, in a few microseconds and without a promise. Keys are derived once a day, and
 * the date is formatted once a second. It signs Host and every X-Amz field. A test compares it with the SDK's own signer.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export class RequestSigner {
  readonly #keys: SigningKeys;
  readonly #nowEpochMs: () => number;
  #second = Number.NaN;
  #dateTime = '';
  #scope = '';
  #key: Buffer = Buffer.alloc(0);
  #signedAtMs = Number.NEGATIVE_INFINITY;

  /** @param nowEpochMs the wall clock; AWS refuses a date that is five minutes off */
  constructor(keys: SigningKeys, nowEpochMs: () => number) {
    this.#keys = keys;
    this.#nowEpochMs = nowEpochMs;
  }

  /** When the last request was signed, epoch ms; minus infinity before the first. */
  get signedAtMs(): number {
    return this.#signedAtMs;
  }

  /** Whether a signature of that moment (epoch ms) is too old to be reused. */
  isStale(signedAtMs: number): boolean {
    return Math.abs(this.#nowEpochMs() - signedAtMs) > REUSE_MS;
  }

  /** Returns the header fields to add: X-Amz-Date, X-Amz-Security-Token if there is a token, Authorization. */
  sign(target: SignedTarget): (readonly [name: string, value: string])[] {
    this.#signedAtMs = this.#nowEpochMs();
    this.#setDate(this.#signedAtMs);
    const { accessKeyId, sessionToken } = this.#keys;
    const added = [
      ['X-Amz-Date', this.#dateTime],
      ...(sessionToken === undefined ? [] : [['X-Amz-Security-Token', sessionToken]]),
    ] as [string, string][];
    const signed = [...target.fields, ...added]
      .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/ +/g, ' ')] as const)
      .filter(([name]) => name === 'host' || name.startsWith('x-amz-'))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const names = signed.map(([name]) => name).join(';');
    const canonical = [
      target.method,
      canonicalPath(target.path),
      canonicalQuery(target.query),
      ...signed.map(([name, value]) => `${name}:${value}`),
      '',
      names,
      sha256(target.body),
    ].join('\n');
    const text = `${ALGORITHM}\n${this.#dateTime}\n${this.#scope}\n${sha256(canonical)}`;
    const signature = createHmac('sha256', this.#key).update(text).digest('hex');
    const authorization = `${ALGORITHM} Credential=${accessKeyId}/${this.#scope}, SignedHeaders=${names}, Signature=${signature}`;
    return [...added, ['Authorization', authorization]];
  }

  #setDate(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second === this.#second) return;
    this.#second = second;
    this.#dateTime = new Date(second * 1000).toISOString().replace(/[-:]|\.\d{3}/g, '');
    const day = this.#dateTime.slice(0, 8);
    if (this.#scope.startsWith(day)) return;
    const { region, service, secretAccessKey } = this.#keys;
    this.#scope = `${day}/${region}/${service}/aws4_request`;
    this.#key = [day, region, service, 'aws4_request'].reduce<Buffer>(
      (key, part) => createHmac('sha256', key).update(part).digest(),
      Buffer.from(`AWS4${secretAccessKey}`),
    );
  }
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * The parameters of a query, sorted by name and value; a name without a value gets its `=`. AWS decodes what it receives
 * and encodes it again, so a character that was sent as it is, such as a slash, is signed in its encoded form.
 */
function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .filter((parameter) => parameter !== '')
    .map((parameter) => {
      const at = parameter.indexOf('=');
      const [name, value] = at < 0 ? [parameter, ''] : [parameter.slice(0, at), parameter.slice(at + 1)];
      return [encode(decode(name)), encode(decode(value))] as const;
    })
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map((pair) => pair.join('='))
    .join('&');
}

/** A text that is not encoded correctly stands for itself. A plus stands for itself too, as in AWS's own libraries. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Encodes everything but letters, digits and `-._~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * Removes empty and relative segments, and encodes each segment of the sent path once more, as every service but S3
 * expects.
 */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  return `/${segments.join('/')}${segments.length > 0 && path.endsWith('/') ? '/' : ''}`;
}
