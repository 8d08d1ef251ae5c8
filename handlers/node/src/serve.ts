import { type Answer, message } from './answer.ts';

/** The part of API Gateway's proxy event that the shed reads. */
export interface Request {
  readonly pathParameters?: Readonly<Record<string, string>> | null;
  readonly queryStringParameters?: Readonly<Record<string, string>> | null;
}

/** A Lambda handler around `handle`: anything unexpected goes to the log, and the client gets 500. */
export function serve(
  handle: (request: Request) => Answer | Promise<Answer>,
): (event: Request) => Promise<Answer> {
  return async (event) => {
    try {
      return await handle(event);
    } catch (error) {
      // biome-ignore lint/suspicious/noConsole: a function's log is its console
      console.error(error);
      return message(500, 'Server error');
    }
  };
}
