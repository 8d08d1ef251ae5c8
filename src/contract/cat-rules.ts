import { allHold, broken, expectJson, expectStatus, held, parseJson, type Rule } from './rule.ts';

/** Triples of m, n and A(m, n): the bounds, and the arguments that the standard bench uses. */
const EVALUATED: readonly (readonly [m: number, n: number, result: number])[] = [
  [0, 0, 1],
  [0, 50_000, 50_001],
  [1, 1, 3],
  [2, 3, 9],
  [3, 8, 2_045],
  [4, 0, 13],
];

/**
 * Queries that the cat must refuse with 400: an id, what is wrong with the query, and the query string as it is sent.
 */
const REFUSED: readonly (readonly [id: string, what: string, query: string])[] = [
  ['m-5', 'm=5', 'm=5&n=0'],
  ['n-50001', 'n=50001', 'm=0&n=50001'],
  ['m-of-21-digits', 'an m of 21 digits', 'm=100000000000000000000&n=0'],
  ['n-beyond-64-bits', 'n=2^64', 'm=0&n=18446744073709551616'],
  ['plus-sign', 'a plus sign', 'm=%2B1&n=0'],
  ['bare-plus', 'an unencoded plus, which stands for a space', 'm=+1&n=0'],
  ['minus-sign', 'm=-1', 'm=-1&n=0'],
  ['n-minus-sign', 'n=-1', 'm=0&n=-1'],
  ['empty-m', 'an empty m', 'm=&n=0'],
  ['empty-n', 'an empty n', 'm=0&n='],
  ['exponent', 'n=1e3', 'm=0&n=1e3'],
  ['fraction', 'n=1.5', 'm=0&n=1.5'],
  ['whole-fraction', 'n=1.0', 'm=0&n=1.0'],
  ['leading-space', 'a space before the digits', 'm=0&n=%201'],
  ['trailing-newline', 'a newline behind the digits', 'm=0&n=1%0A'],
  ['hexadecimal', 'n=0x1', 'm=0&n=0x1'],
  ['underscore', 'n=1_0', 'm=0&n=1_0'],
  ['arabic-digits', 'Arabic-Indic digits (٣)', 'm=%D9%A3&n=0'],
  ['full-width-digits', 'full-width digits (３)', 'm=0&n=%EF%BC%93'],
  ['missing-m', 'a missing m', 'n=0'],
  ['missing-n', 'a missing n', 'm=0'],
  ['missing-both', 'no numbers at all', ''],
];

/** The rules of GET /cat: it evaluates the Ackermann function within its bounds. */
export const CAT_RULES: readonly Rule[] = [
  ...EVALUATED.map(
    ([m, n, result]): Rule => ({
      id: `cat-evaluates-${m}-${n}`,
      title: `GET /cat gives A(${m}, ${n}) = ${result}`,
      route: 'cat',
      check: async ({ call }) => expectJson(await call('GET', `/cat?m=${m}&n=${n}`), 200, { result }),
    }),
  ),
  ...REFUSED.map(
    ([id, what, query]): Rule => ({
      id: `cat-refuses-${id}`,
      title: `GET /cat refuses ${what}`,
      route: 'cat',
      check: async ({ call }) => {
        const answer = await call('GET', query === '' ? '/cat' : `/cat?${query}`);
        const body = parseJson(answer.body);
        const result = typeof body === 'object' && body !== null && 'result' in body;
        return allHold(
          expectStatus(answer, 400),
          result
            ? broken(`${answer.call}: a refusal with a result, ${answer.body}`)
            : held(`${answer.call}: 400`),
        );
      },
    }),
  ),
];
