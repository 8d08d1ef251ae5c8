/** An answer that API Gateway converts to an HTTP response. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const origin = { 'Access-Control-Allow-Origin': process.env.ALLOW_ORIGIN ?? '*' };
const jsonHeaders = { ...origin, 'Content-Type': 'application/json' };

/** An answer with a JSON body. The body is text already, because JSON.stringify would round numbers of 64 bits. */
export function json(statusCode: number, body: string): Answer {
  return { statusCode, headers: jsonHeaders, body };
}

/** The answer of an error: `{"message":…}`. */
export function message(statusCode: number, text: string): Answer {
  return json(statusCode, JSON.stringify({ message: text }));
}

/** 204: an answer without a body and without Content-Type. */
export function noContent(): Answer {
  return { statusCode: 204, headers: origin, body: '' };
}
