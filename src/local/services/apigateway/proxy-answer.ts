/** The HTTP response that a function's answer describes. */
export interface ProxyAnswer {
  readonly status: number;
  /** Alternating names and values. */
  readonly headers: readonly string[];
  readonly body: string;
}

const MEMBERS: ReadonlySet<string> = new Set([
  'statusCode',
  'headers',
  'multiValueHeaders',
  'body',
  'isBase64Encoded',
]);
/** Headers that API Gateway sets itself. A function's values for them are sent under another name. */
const REMAPPED: ReadonlySet<string> = new Set(['connection', 'content-length', 'date', 'server']);
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NOT_IN_FIELD_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Parses a function's answer. Undefined for a malformed one, which API Gateway answers with 502.
 *
 * No member is required, and unknown members are not allowed. Header values are texts or booleans. If both forms name a
 * header, `multiValueHeaders` wins. The body is not decoded even if `isBase64Encoded` is set: API Gateway decodes it
 * only for APIs with binary media types, which the local cloud does not have.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format
 */
export function readProxyAnswer(payload: Buffer): ProxyAnswer | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
  if (!isRecord(answer)) return undefined;
  for (const member in answer) {
    if (!MEMBERS.has(member)) return undefined;
  }
  const { statusCode, body, isBase64Encoded } = answer;
  const status = statusOf(statusCode);
  if (status === undefined) return undefined;
  if (body !== undefined && body !== null && typeof body !== 'string') return undefined;
  if (isBase64Encoded !== undefined && isBase64Encoded !== null && typeof isBase64Encoded !== 'boolean') {
    return undefined;
  }
  const headers = headersOf(answer.headers, answer.multiValueHeaders);
  if (headers === undefined) return undefined;
  return { status, headers, body: status === 204 || typeof body !== 'string' ? '' : body };
}

/** 200 by default. Texts of digits count as numbers. */
function statusOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return 200;
  const status = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 200 && status <= 599
    ? status
    : undefined;
}

function headersOf(single: unknown, multiple: unknown): string[] | undefined {
  const headers: string[] = [];
  const multiNames = new Set<string>();
  if (multiple !== undefined && multiple !== null) {
    if (!isRecord(multiple)) return undefined;
    for (const [name, values] of Object.entries(multiple)) {
      if (!Array.isArray(values) || !FIELD_NAME.test(name)) return undefined;
      multiNames.add(name.toLowerCase());
      for (const value of values) {
        if (!push(headers, name, value)) return undefined;
      }
    }
  }
  if (single === undefined || single === null) return headers;
  if (!isRecord(single)) return undefined;
  for (const [name, value] of Object.entries(single)) {
    if (!FIELD_NAME.test(name)) return undefined;
    if (multiNames.size > 0 && multiNames.has(name.toLowerCase())) continue;
    if (!push(headers, name, value)) return undefined;
  }
  return headers;
}

function push(headers: string[], name: string, value: unknown): boolean {
  if (typeof value !== 'string' && typeof value !== 'boolean') return false;
  const text = String(value);
  if (NOT_IN_FIELD_VALUE.test(text)) return false;
  const lower = name.toLowerCase();
  if (lower === 'transfer-encoding') return true;
  headers.push(REMAPPED.has(lower) ? `x-amzn-Remapped-${name}` : name, text);
  return true;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
