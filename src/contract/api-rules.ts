import { counted } from '../model/number-text.ts';
import type { ApiAnswer } from './api-client.ts';
import { broken, describeAnswer, expectStatus, held, parseJson, type Rule, skipped } from './rule.ts';

const ALLOW_ORIGIN = 'access-control-allow-origin';
const ALLOW_METHODS = 'access-control-allow-methods';

/** The API's paths, each with the method that a page in a browser calls there. */
const CALLED_BY_BROWSERS: readonly (readonly [path: string, method: string])[] = [
  ['/cat', 'GET'],
  ['/sheeps/1', 'POST'],
  ['/sheep/1', 'POST'],
  ['/dog', 'GET'],
  ['/wolf', 'DELETE'],
];

/**
 * The rules about the API as a whole. They come last, because some of them judge the answers that all other rules got.
 */
export const API_RULES: readonly Rule[] = [
  {
    id: 'api-unknown-path',
    title: 'an unknown path is refused with 403 before any function',
    route: 'api',
    check: async ({ call }) => expectStatus(await call('GET', '/goat'), 403),
  },
  {
    id: 'api-unknown-method',
    title: 'an unknown method is refused with 403 before any function',
    route: 'api',
    check: async ({ call }) => expectStatus(await call('DELETE', '/dog'), 403),
  },
  ...CALLED_BY_BROWSERS.map(
    ([path, method]): Rule => ({
      id: `api-preflight${path.replace('/1', '').replace('/', '-')}`,
      title: `OPTIONS ${path} is the CORS preflight that allows ${method}`,
      route: 'api',
      check: async ({ call }) => {
        const answer = await call('OPTIONS', path);
        const status = expectStatus(answer, 200);
        if (status.status !== 'held') return status;
        const allowed = answer.headers[ALLOW_METHODS] ?? 'none';
        return allowed.split(/\s*,\s*/).includes(method)
          ? held(`${answer.call}: ${allowed}`)
          : broken(`${answer.call}: expected ${method} in ${ALLOW_METHODS}, got ${allowed}`);
      },
    }),
  ),
  {
    id: 'api-errors-are-json',
    title: 'the body of every error is {"message":…}',
    route: 'api',
    check: async ({ answers }) => {
      const errors = answers.filter(({ status }) => status >= 400);
      const bad = errors.find((answer) => !isMessage(answer));
      return bad === undefined
        ? held(counted(errors.length, 'error'))
        : broken(`${bad.call}: expected {"message":…}, got ${describeAnswer(bad)}`);
    },
  },
  {
    id: 'api-content-type',
    title: 'every answer with a body is application/json',
    route: 'api',
    check: async ({ answers }) => {
      const withBody = answers.filter(({ body }) => body !== '');
      const bad = withBody.find((answer) => mediaType(answer) !== 'application/json');
      return bad === undefined
        ? held(counted(withBody.length, 'answer'))
        : broken(
            `${bad.call}: expected Content-Type application/json with ${bad.status}, got ${contentType(bad) ?? 'none'}`,
          );
    },
  },
  {
    id: 'api-allow-origin',
    title: 'every answer has Access-Control-Allow-Origin, also the errors of the gateway',
    route: 'api',
    check: async ({ answers, options }) => {
      const expected = options.allowOrigin ?? answers[0]?.headers[ALLOW_ORIGIN];
      const bad = answers.find(({ headers }) => headers[ALLOW_ORIGIN] !== expected);
      if (expected !== undefined && expected !== '' && bad === undefined) {
        return held(`${expected} on ${counted(answers.length, 'answer')}`);
      }
      const wanted = expected === undefined || expected === '' ? 'a value' : expected;
      const first = bad ?? answers[0];
      return broken(
        `${first?.call}: expected ${wanted} with ${first?.status}, got ${first?.headers[ALLOW_ORIGIN] ?? 'none'}`,
      );
    },
  },
  {
    id: 'wolf-204-no-body',
    title: 'a 204 has no body',
    route: 'wolf',
    check: async ({ answers }) => {
      const empty = answers.filter(({ status }) => status === 204);
      if (empty.length === 0) return broken('no wolf was answered 204');
      const bad = empty.find(({ body }) => body !== '');
      return bad === undefined
        ? held(counted(empty.length, 'answer'))
        : broken(`${bad.call}: 204 with the body ${bad.body}`);
    },
  },
  {
    id: 'wolf-204-no-content-type',
    title: 'a 204 has no Content-Type',
    route: 'wolf',
    check: async ({ answers, options }) => {
      const empty = answers.filter(({ status }) => status === 204);
      if (empty.length === 0) return broken('no wolf was answered 204');
      const typed = empty.filter((answer) => contentType(answer) !== undefined);
      const [first] = typed;
      if (first === undefined) return held(counted(empty.length, 'answer'));
      if (
        options.gatewayAddsContentType &&
        typed.every((answer) => mediaType(answer) === 'application/json')
      ) {
        return skipped('API Gateway adds application/json itself where a function sends no Content-Type');
      }
      return broken(`${first.call}: 204 with Content-Type ${contentType(first)}`);
    },
  },
];

function isMessage(answer: ApiAnswer): boolean {
  const body = parseJson(answer.body);
  return (
    typeof body === 'object' &&
    body !== null &&
    Object.keys(body).join() === 'message' &&
    'message' in body &&
    typeof body.message === 'string'
  );
}

function contentType(answer: ApiAnswer): string | undefined {
  return answer.headers['content-type'];
}

function mediaType(answer: ApiAnswer): string | undefined {
  return contentType(answer)?.split(';')[0]?.trim().toLowerCase();
}
