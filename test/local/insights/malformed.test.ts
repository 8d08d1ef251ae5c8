import { describe, expect, test } from 'vitest';
import { compileQuery } from '../../../src/local/insights/compile-query.ts';
import { QueryError } from '../../../src/local/insights/query-error.ts';
import { report, rows, run, source } from './fixture.ts';

function compileError(query: string): { message: string; at: string } {
  try {
    compileQuery(query);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { message: error.message, at: query.slice(error.startCharOffset, error.endCharOffset) };
  }
  throw new Error(`'${query}' was compiled`);
}

/** The query, the part that the location points at, and what the message says. */
const MALFORMED: readonly (readonly [query: string, at: string, message: string | RegExp])[] = [
  [
    'pattern @message',
    'pattern',
    "unknown command 'pattern' at line 1, position 1: known are fields, display, filter, stats, sort, limit, parse, dedup",
  ],
  ['fields a\n| unnest b', 'unnest', /^unknown command 'unnest' at line 2, position 3: /],
  ['fields a | diff previousDay', 'diff', /^unknown command 'diff' at line 1, position 12: /],
  ['fields a | anomaly', 'anomaly', /^unknown command 'anomaly' at /],
  ['fields a | lookup t a OUTPUT b', 'lookup', /^unknown command 'lookup' at /],
  [
    'SOURCE logGroups() | fields a',
    ')',
    /^unknown argument of logGroups at line 1, position 18: known is namePrefix/,
  ],
  ["SOURCE logGroups(class: ['STANDARD']) | fields a", 'class', /^unknown argument of logGroups/],
  ['SOURCE a | fields a', 'a', /expected the name of a log group in quotes$/],
  ["SOURCE 'a' fields a", 'fields', /expected '\|' after SOURCE$/],
  ["SOURCE 'a' |", '', /expected a command/],
  ["fields a | SOURCE 'b'", 'SOURCE', /^unknown command 'SOURCE' at line 1, position 12: /],
  ['', '', /^unexpected symbol found end of query at line 1, position 1: expected a command/],
  ['fields a |', '', /^unexpected symbol found end of query at line 1, position 11: expected a command/],
  ['fields a || limit 1', '|', /^unexpected symbol found \| at line 1, position 11: expected a command/],
  ['fields a b', 'b', /^unexpected symbol found b at line 1, position 10: expected '\|' or the end/],
  ['fields a,', '', /expected a field, a value or a function$/],
  ['fields a as', '', /expected a name after 'as'$/],
  ['fields md5(a)', 'md5(a)', /^unknown function 'md5': known are abs, avg, bin, /],
  ['filter isValidIp(a)', 'isValidIp(a)', /^unknown function 'isValidIp'/],
  ['stats variance(a)', 'variance(a)', /^unknown function 'variance'/],
  ['fields abs()', 'abs()', 'abs takes 1 arguments, not 0'],
  ['fields strcontains(a, "b", 1)', 'strcontains(a, "b", 1)', 'strcontains takes 2 arguments, not 3'],
  ['fields substr(a)', 'substr(a)', 'substr takes 2 to 3 arguments, not 1'],
  ['fields concat()', 'concat()', 'concat takes 1 or more arguments, not 0'],
  ['fields avg(a)', 'avg(a)', 'avg is an aggregation function, which only stats takes'],
  ['stats avg(max(a))', 'max(a)', 'max is an aggregation function, which only stats takes'],
  ['stats avg()', 'avg()', 'avg takes 1 argument, not 0'],
  ['stats pct(a)', 'pct(a)', 'pct takes 2 arguments, not 1'],
  ['stats pct(a, b)', 'b', 'pct takes a number from 0 to 100 as its second argument'],
  ['stats pct(a, 101)', '101', 'pct takes a number from 0 to 100 as its second argument'],
  ['stats count(a, b)', 'count(a, b)', 'count takes one argument, not 2'],
  ['stats a', 'a', 'Unknown symbols found in or after stats: a (known are )'],
  ['stats count(*) as n, a by b', 'a', 'Unknown symbols found in or after stats: a (known are b, n)'],
  [
    'stats count(*) as n by b | sort @timestamp',
    '@timestamp',
    /^Unknown symbols found in or after stats: @timestamp/,
  ],
  [
    'stats count(*) as n | filter @message like "x"',
    '@message',
    /^Unknown symbols found in or after stats: @message/,
  ],
  ['stats count(*) as n, sum(a) as n', 'sum(a) as n', 'stats makes two columns named n'],
  [
    `stats count(*) as n${' | stats sum(n) as n'.repeat(9)} | stats max(n)`,
    'stats max(n)',
    'a query takes at most 10 stats commands',
  ],
  ['stats count(*) group c', 'c', /expected 'by' after 'group'$/],
  ['stats percentile(a, 101)', '101', 'percentile takes a number from 0 to 100 as its second argument'],
  ['fields now(1)', 'now(1)', 'now takes 0 arguments, not 1'],
  ['filter !', '', /expected a field, a value or a function$/],
  [
    'stats count(*) as n by b | stats latest(n)',
    'latest(n)',
    'latest needs the time of events, which rows of an earlier stats do not have',
  ],
  ['fields a + 1 as x | fields a + 2 as x', 'a + 2 as x', 'Ephemeral field is already defined: x'],
  ['fields x | fields a + 1 as x', 'a + 1 as x', 'Ephemeral field is already defined: x'],
  ['parse "*" as x | parse "*" as x', 'parse "*" as x', 'Ephemeral field is already defined: x'],
  ['fields a | dedup a | sort a', 'sort a', 'unexpected symbol found sort: only limit may follow dedup'],
  ['filter @durration > 1', '@durration', /^unknown field @durration: fields with @ are @timestamp, /],
  ['filter a ~ 1', '~', /^unexpected symbol found ~ at line 1, position 10/],
  ['filter a === 1', '=', /^unexpected symbol found = at line 1, position 12/],
  ['filter a <> 1', '>', /^unexpected symbol found > at line 1, position 11/],
  ['filter a = 1 and', '', /expected a field, a value or a function$/],
  ['filter and', 'and', /^unexpected symbol found and at line 1, position 8: expected a value$/],
  ['filter (a = 1', '', /expected '\)'$/],
  ['filter a not 1', '1', /expected 'like', '=~' or 'in' after 'not'$/],
  ['filter a like b', 'b', /expected "text" or \/regular expression\/$/],
  ['filter a in (1, 2)', '(', /expected '\['$/],
  ['filter a in []', ']', /expected a field, a value or a function$/],
  ['filter a = "open', '"', 'string is not closed with " at line 1, position 12'],
  ['filter a like /open', '/', 'regular expression is not closed with / at line 1, position 15'],
  ['fields `open', '`', 'field name is not closed with ` at line 1, position 8'],
  ['filter a like /(/', '/(/', /^regular expression \/\(\/ is not valid: /],
  ['filter a like /a\\Z/', '/a\\Z/', 'unknown escape \\Z in the regular expression'],
  ['filter a like /\\p{L}/', '/\\p{L}/', 'unknown escape \\p in the regular expression'],
  ['filter a like /(a)\\1/', '/(a)\\1/', 'unknown escape \\1 in the regular expression'],
  ['filter a like /(?x)a/', '/(?x)a/', 'unknown flags (?x) in the regular expression: known are i, m and s'],
  ['filter a like /a(?i)b/', '/a(?i)b/', '(?i) is known only as flags at the start of a regular expression'],
  [
    'filter a like /[[:alpha:]]/',
    '/[[:alpha:]]/',
    'unknown character class [[:alpha:] in the regular expression',
  ],
  ['parse @message /a(b)/', '/a(b)/', 'parse: /a(b)/ names no group such as (?<name>…)'],
  ['parse @message /(?<a>b)/ as c', '/(?<a>b)/', /^parse: 'as' is for glob patterns/],
  [
    'parse @message "a * b *" as x',
    'parse @message "a * b *" as x',
    "parse: the pattern has 2 wildcards * and 'as' names 1 field",
  ],
  [
    'parse @message "ab"',
    'parse @message "ab"',
    "parse: the pattern has 0 wildcards * and 'as' names 0 fields",
  ],
  ['parse @message logfmt as lf', 'logfmt', /^unexpected symbol found logfmt .*: expected "text" or/],
  ['parse concat(a, b) "*" as x', '(', /expected a field, not a function$/],
  ['limit 0', '0', 'limit 0 is not a whole number from 1 to 100000'],
  ['limit 1.5', '1.5', 'limit 1.5 is not a whole number from 1 to 100000'],
  ['limit 100001', '100001', 'limit 100001 is not a whole number from 1 to 100000'],
  ['limit any 3', 'any', /^unexpected symbol found any .*: expected a whole number$/],
  ['fields bin(5)', '5', 'bin takes a period such as 5m or 1h'],
  ['fields bin(5 m)', 'm', /^unexpected symbol found m /],
  ['fields bin(5 fortnights)', 'fortnights', /^unexpected symbol found fortnights /],
  [
    'fields bin(5fortnights)',
    '5fortnights',
    /^5fortnights at line 1, position 12 is neither a number nor a period/,
  ],
  ['fields bin(0m)', '0m', /is neither a number nor a period/],
  ['fields 5m', '5m', 'a period such as 5m is allowed in bin, datefloor and dateceil only'],
  ['fields datefloor(@timestamp, 60)', '60', 'datefloor takes a period such as 5m or 1h'],
  ['fields abs(*)', '*', "'*' is allowed in count(*) only"],
  ['sort a upwards', 'upwards', /expected '\|' or the end of the query$/],
  ['dedup', '', /expected a field$/],
  ['dedup abs(a)', '(', /expected a field, not a function$/],
  [
    'fields a-b!',
    '!',
    /^unexpected symbol found ! at line 1, position 11: expected '\|' or the end of the query$/,
  ],
  ['display a as', '', /expected a name after 'as'$/],
];

describe('a malformed query is an error that names the part that is not known', () => {
  test.each(MALFORMED)(
    'the error about a malformed query names the unknown part: %s',
    (query, at, message) => {
      const error = compileError(query);
      expect(error.at).toBe(at);
      if (typeof message === 'string') expect(error.message).toBe(message);
      else expect(error.message).toMatch(message);
    },
  );

  test('nesting without end is refused, not a full stack', () => {
    for (const text of ['(', '-', 'not ', 'abs(', '2 ^ ']) {
      expect(compileError(`fields ${text.repeat(5_000)}1`).message).toMatch(/nested too deeply/);
    }
  });

  test('of any mixture of its symbols, a query compiles and runs or is malformed, and nothing else', async () => {
    const words = (
      'fields display filter stats sort limit parse dedup | , ( ) [ ] = != < > + - * / % ^ and or not like =~ in as by ' +
      'desc @message @duration @timestamp a b count(*) avg(a) pct(a,50) max( abs( greatest( bin(5m) ispresent( "*" ' +
      '/(?<x>a+)/ `q` 1 2.5 5m "s" strlen( concat( earliest(a) #'
    ).split(' ');
    const events = source('/g', [
      { timestampMs: 1, message: '{"a":1,"b":"x"}' },
      { timestampMs: 2, message: report({ durationMs: '1.00', billedMs: 1, maxMemoryMB: 3 }) },
    ]);
    // A generator of its own, so that a failure can be had again.
    let state = 1;
    const below = (limit: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % limit;
    };
    let compiled = 0;
    const wrongValues: string[] = [];
    const wrongPlaces: string[] = [];
    for (let round = 0; round < 5_000; round += 1) {
      const query = Array.from(
        { length: 2 + below(8) },
        (_, index) => words[below(index === 0 ? 6 : words.length)],
      ).join(' ');
      try {
        const outcome = await run(query, [events]);
        compiled += 1;
        const values = rows(outcome).flatMap((row) => Object.values(row));
        if (values.some((value) => /NaN|undefined|Infinity/.test(value))) wrongValues.push(query);
      } catch (error) {
        if (!(error instanceof QueryError)) throw new Error(query, { cause: error });
        const { startCharOffset, endCharOffset } = error;
        const isWithin =
          0 <= startCharOffset && startCharOffset <= endCharOffset && endCharOffset <= query.length;
        if (!isWithin) wrongPlaces.push(query);
      }
    }
    expect(wrongValues).toEqual([]);
    expect(wrongPlaces).toEqual([]);
    expect(compiled).toBeGreaterThan(50);
  });
});
