import { type Answer, message } from './answer.ts';

/** The part of API Gateway's proxy event that the functions read. */
export interface Request {
  readonly pathParameters?: Readonly<Record<string, string>> | null;
  readonly queryStringParameters?: Readonly<Record<string, string>> | null;
}

/** Wraps `handle` in a Lambda handler. An unexpected error is logged, and the client gets 500. */
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
