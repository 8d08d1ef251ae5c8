import { describe, expect, test } from 'vitest';
import { execBounded } from '../../../src/local/insights/bounded-regex.ts';
import { compileExtractor } from '../../../src/local/insights/pattern.ts';

const SPAN = { start: 0, end: 1 };

describe('a search that would take for ever', () => {
  test.each([
    [/x+x+y/, 'x'.repeat(40_000)],
    [/(a+)+$/, `${'a'.repeat(40)}b`],
  ])('the regular expression %s is stopped at the time limit with an error', (regex, text) => {
    expect(() => execBounded(regex, text, 20)).toThrow('takes more than 20 ms');
  });

  test('the time limit of a search is 500 ms', () => {
    const startedMs = performance.now();
    expect(() => execBounded(/(a+)+$/, `${'a'.repeat(40)}b`)).toThrow('takes more than 500 ms');
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(499);
  });

  test('a search that would take for ever is told from one that is only long', () => {
    expect(execBounded(/Duration: (\d+)/, `${'x'.repeat(40_000)} Duration: 5`)?.[1]).toBe('5');
  });
});

describe('a glob', () => {
  const extract = (glob: string, text: string) =>
    compileExtractor({ kind: 'substring', text: glob, span: SPAN }, glob.split('*').slice(1), SPAN).extract(
      text,
    );

  test.each([
    ['a*c', 'xxabbc', ['bb']],
    ['a*', 'xxabb', ['bb']],
    ['*-*', 'a-b-c', ['a', 'b-c']],
    ['*-*.', 'a-b-c.', ['a', 'b-c']],
    ['[*] *', 'x [1] rest', ['1', 'rest']],
    ['a*c', 'abb', undefined],
  ])('%s takes from %s what lies between', (glob, text, taken) => {
    expect(extract(glob, text)).toEqual(taken);
  });

  test('a glob of many wildcards reads a long line once', () => {
    expect(extract('*b*b*b*b*b*c', 'b'.repeat(40_000))).toBeUndefined();
  });
});
