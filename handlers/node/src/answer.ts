/** What API Gateway turns into an HTTP response. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const origin = { 'Access-Control-Allow-Origin': process.env.ALLOW_ORIGIN ?? '*' };
const jsonHeaders = { ...origin, 'Content-Type': 'application/json' };

/** An answer whose body is JSON text already: numbers of 64 bits don't survive JSON.stringify. */
export function json(statusCode: number, body: string): Answer {
  return { statusCode, headers: jsonHeaders, body };
}

/** An error's answer: `{"message":…}`. */
export function message(statusCode: number, text: string): Answer {
  return json(statusCode, JSON.stringify({ message: text }));
}

/** 204: neither a body nor a type of it. */
export function noContent(): Answer {
  return { statusCode: 204, headers: origin, body: '' };
}
