import { describe, expect, test } from 'vitest';
import { evaluate, report } from './fixture.ts';

const REPORT = report({ durationMs: '12.30', billedMs: 13, maxMemoryMB: 67 });
const JSON_LINE =
  '{"status":200,"name":"Dolly","ratio":0.5,"ok":true,"tags":["a","b"],"nothing":null,"n":"12"}';

/** `expression → value`, on one event; `undefined` is a field that the row does not have. */
const VALUES: Readonly<Record<string, readonly (readonly [string, string | undefined])[]>> = {
  arithmetic: [
    ['1 + 2 * 3', '7'],
    ['(1 + 2) * 3', '9'],
    ['7 - 2 - 1', '4'],
    ['2 ^ 3', '8'],
    ['2 ^ 3 ^ 2', '512'],
    ['-2 ^ 2', '-4'],
    ['2 * -3', '-6'],
    ['10 % 3', '1'],
    ['-7 % 3', '-1'],
    ['7 / 2', '3.5'],
    ['1 / 3', '0.3333'],
    ['1 / 0', undefined],
    ['0 / 0', undefined],
    ['1e3 + .5', '1000.5'],
    ['"12" + 1', '13'],
    ['"twelve" + 1', undefined],
    ['missing + 1', undefined],
    ['- missing', undefined],
  ],
  comparisons: [
    ['1 = 1', '1'],
    ['1 = 2', '0'],
    ['"a" = "a"', '1'],
    ['"a" = "A"', '0'],
    ['"a" != "b"', '1'],
    ['"12" = 12', '1'],
    ['"12.0" = "12"', '1'],
    ['1 < 2', '1'],
    ['2 <= 2', '1'],
    ['2 > 2', '0'],
    ['3 >= 2', '1'],
    ['"9" < "10"', '1'],
    ['"b" > "a"', '1'],
    ['"a" < 1', '0'],
    ['"a" >= 1', '0'],
    ['missing = 1', '0'],
    ['missing != 1', '0'],
    ['missing < 1', '0'],
    ['missing = missing', '0'],
  ],
  'and, or, not': [
    ['1 = 1 and 2 = 2', '1'],
    ['1 = 1 and 2 = 3', '0'],
    ['1 = 2 or 2 = 2', '1'],
    ['not 1 = 2', '1'],
    ['not (1 = 1)', '0'],
    ['not not 1 = 1', '1'],
    ['1 = 2 and 1 = 1 or 1 = 1', '1'],
    ['1 = 1 or 1 = 1 and 1 = 2', '1'],
    ['NOT 1 = 2 AND 1 = 1', '1'],
    ['not missing', '1'],
    ['"" or 0', '0'],
    ['"text" and 1', '1'],
  ],
  'like, =~ and in': [
    ['"an Exception" like "Exception"', '1'],
    ['"an Exception" like "exception"', '0'],
    ['"an Exception" like /Exc.*n$/', '1'],
    ['"an Exception" =~ /^Exc/', '0'],
    ['"an exception" like /(?i)EXCEPTION/', '1'],
    ['"exception" =~ /^(?i)Exception$/', '1'],
    ['"a/b" like /a\\/b/', '1'],
    ['"a" not like "b"', '1'],
    ['"a" not like /a/', '0'],
    ['missing like "a"', '0'],
    ['missing not like "a"', '1'],
    ['200 like /2\\d\\d/', '1'],
    ['2 in [1, 2, 3]', '1'],
    ['"b" in ["a", "b"]', '1'],
    ['"2" in [2]', '1'],
    ['4 in [1, 2 + 2]', '1'],
    ['4 not in [1, 2]', '1'],
    ['missing in [1]', '0'],
    ['missing not in [1]', '1'],
  ],
  'functions of numbers': [
    ['abs(-1.5)', '1.5'],
    ['ceil(1.1)', '2'],
    ['floor(-1.1)', '-2'],
    ['sqrt(2)', '1.4142'],
    ['sqrt(-1)', undefined],
    ['log(1)', '0'],
    ['log(0)', undefined],
    ['greatest(1, 3, 2)', '3'],
    ['greatest(missing, 0)', '0'],
    ['greatest(missing)', undefined],
    ['greatest(@initDuration, 0)', '0'],
    ['least(1, missing, 2)', '1'],
    ['least("b", 2)', '2'],
    ['ABS(-1)', '1'],
  ],
  'functions of presence': [
    ['ispresent(@message)', '1'],
    ['isPresent(missing)', '0'],
    ['isempty("")', '1'],
    ['isempty(missing)', '1'],
    ['isempty(" ")', '0'],
    ['isblank(" \\t")', '1'],
    ['isblank("x")', '0'],
    ['coalesce(missing, "b", "c")', 'b'],
    ['coalesce(missing)', undefined],
    ['if(ispresent(missing), 1, 2)', '2'],
  ],
  'functions of texts': [
    ['strlen("Schäfchen")', '9'],
    ['strlen("🐑")', '1'],
    ['concat("a", 1, "b")', 'a1b'],
    ['concat("a", missing, "b")', 'ab'],
    ['substr("xyZfooxyZ", 3)', 'fooxyZ'],
    ['substr("xyZfooxyZ", 3, 3)', 'foo'],
    ['substr("🐑🐺", 1, 1)', '🐺'],
    ['substr("abc", -1)', undefined],
    ['trim("  a ")', 'a'],
    ['ltrim("xyZfooxyZ", "xyZ")', 'fooxyZ'],
    ['rtrim("xyZfooxyZ", "xyZ")', 'xyZfoo'],
    ['trim("xyZfooxyZ", "xyZ")', 'foo'],
    ['toupper("aä")', 'AÄ'],
    ['tolower("AB")', 'ab'],
    ['replace("foo", "o", "0")', 'f00'],
    ['replace("a.a", ".", "+")', 'a+a'],
    ['replace("foo", "", "x")', 'foo'],
    ['strcontains("foo", "oo")', '1'],
    ['strcontains("foo", "O")', '0'],
    ['strlen(missing)', undefined],
  ],
  'functions of time': [
    // The event's time is 2023-11-14 22:13:20.000, a Tuesday.
    ['@timestamp', '2023-11-14 22:13:20.000'],
    ['@ingestionTime', '2023-11-14 22:13:22.000'],
    ['toMillis(@timestamp)', '1700000000000'],
    ['fromMillis(1700000000123)', '2023-11-14 22:13:20.123'],
    ['@timestamp + 1', '1700000000001'],
    ['bin(5m)', '2023-11-14 22:10:00.000'],
    ['bin(30s)', '2023-11-14 22:13:00.000'],
    ['bin(1h)', '2023-11-14 22:00:00.000'],
    ['bin(1d)', '2023-11-14 00:00:00.000'],
    ['bin(1w)', '2023-11-13 00:00:00.000'],
    ['bin(1mo)', '2023-11-01 00:00:00.000'],
    ['bin(1quarter)', '2023-10-01 00:00:00.000'],
    ['bin(1y)', '2023-01-01 00:00:00.000'],
    ['bin(2hrs)', '2023-11-14 22:00:00.000'],
    ['datefloor(@timestamp, 1h)', '2023-11-14 22:00:00.000'],
    ['dateceil(@timestamp, 1h)', '2023-11-14 23:00:00.000'],
    ['dateceil(fromMillis(0), 1h)', '1970-01-01 00:00:00.000'],
    ['dateceil(@timestamp, 1month)', '2023-12-01 00:00:00.000'],
    ['datefloor("never", 1h)', undefined],
  ],
  'literals and names': [
    ['"say \\"a\\\\b\\""', 'say "a\\b"'],
    ["'single'", 'single'],
    ['"line\\nbreak"', 'line\nbreak'],
    ['`@message`', 'hello'],
    ['`a name-with dashes`', undefined],
  ],
};

describe.each(Object.entries(VALUES))('%s', (_group, cases) => {
  test.each(cases)('the expression %s has the value %s', async (expression, value) => {
    expect(await evaluate(expression)).toBe(value);
  });
});

describe('fields of Lambda’s REPORT lines', () => {
  test.each([
    ['@type', 'REPORT'],
    ['@requestId', '11111111-2222-3333-4444-555555555555'],
    ['@duration', '12.3'],
    ['@billedDuration', '13.0'],
    ['@memorySize', '1.28E8'],
    ['@maxMemoryUsed', '6.7E7'],
    ['@initDuration', undefined],
    ['@xrayTraceId', undefined],
    // Computed from them, numbers are printed in full.
    ['@memorySize / 1000000', '128'],
    ['@maxMemoryUsed / 1024 / 1024', '63.8962'],
    ['@billedDuration + 0', '13'],
    ['ispresent(@initDuration)', '0'],
    ['greatest(@initDuration, 0) + @duration', '12.3'],
  ])('the expression %s over a REPORT line has the value %s', async (expression, value) => {
    expect(await evaluate(expression, REPORT)).toBe(value);
  });

  test.each([
    [
      report({ durationMs: '5.93', billedMs: 152, initMs: '145.69', maxMemoryMB: 67 }),
      '@initDuration',
      '145.69',
    ],
    [
      report({ durationMs: '3000.00', billedMs: 3000, maxMemoryMB: 30, status: 'timeout' }),
      '@duration',
      '3000.0',
    ],
    [
      `${REPORT.trimEnd()}\t\nXRAY TraceId: 1-5e34a614-10bdxmpl\tSegmentId: 07f05xmpl\tSampled: true`,
      '@xrayTraceId',
      '1-5e34a614-10bdxmpl',
    ],
    [
      `${REPORT.trimEnd()}\t\nXRAY TraceId: 1-5e34a614-10bdxmpl\tSegmentId: 07f05xmpl\tSampled: true`,
      '@xraySegmentId',
      '07f05xmpl',
    ],
    ['START RequestId: abc-1 Version: $LATEST\n', '@type', 'START'],
    ['START RequestId: abc-1 Version: $LATEST\n', '@requestId', 'abc-1'],
    ['END RequestId: abc-1\n', '@type', 'END'],
    ['END RequestId: abc-1\n', '@duration', undefined],
    ['INIT_START Runtime Version: python:3.12.v27\tRuntime Version ARN: arn:aws', '@type', undefined],
    [
      '2023-12-05T22:14:43.862Z\t76269889-7d50-4d6d-a3f1-9b4f5322f47c\tINFO\thello',
      '@requestId',
      '76269889-7d50-4d6d-a3f1-9b4f5322f47c',
    ],
    [
      '[INFO]\t2023-12-05T22:14:43.862Z\t76269889-7d50-4d6d-a3f1-9b4f5322f47c\thello',
      '@requestId',
      '76269889-7d50-4d6d-a3f1-9b4f5322f47c',
    ],
    ['a line that says REPORT RequestId: x\tDuration: 1 ms', '@type', undefined],
    ['REPORT RequestId: x\tDuration: many ms\tMemory Size: 128 MB', '@duration', undefined],
    ['REPORT RequestId: x\tDuration: many ms\tMemory Size: 128 MB', '@memorySize', '1.28E8'],
  ])('the REPORT line %j has the field %s with the value %s', async (message, field, value) => {
    expect(await evaluate(field, message)).toBe(value);
  });
});

describe('fields discovered in JSON', () => {
  test.each([
    ['status', '200'],
    ['name', 'Dolly'],
    ['ratio', '0.5'],
    ['ok', '1'],
    ['tags.1', 'b'],
    ['tags', undefined],
    ['nothing', undefined],
    ['n + 1', '13'],
    ['toString', undefined],
    ['constructor', undefined],
  ])('the expression %s over a JSON line has the value %s', async (expression, value) => {
    expect(await evaluate(expression, JSON_LINE)).toBe(value);
  });

  test.each([
    ['{"a":{"b":[{"c":1}]}}', 'a.b.0.c', '1'],
    ['{"a.b":{"c":2}}', 'a.b.c', '2'],
    ['{"a":{"b":3},"a.b":4}', 'a.b', '4'],
    ['{"@level":"warn"}', '@@level', 'warn'],
    ['{"kebab-case":5}', '`kebab-case`', '5'],
    ['2023-12-05T22:14:43.862Z\tid\tINFO\t{"a":"}{","b":6} {"b":7}', 'b', '6'],
    ['{"a":"\\"}","b":8}', 'b', '8'],
    ['{not json} {"a":1}', 'a', undefined],
    ['{"a":1', 'a', undefined],
    [
      '{"time":"…","type":"platform.report","record":{"metrics":{"durationMs":1.5}}}',
      'record.metrics.durationMs',
      '1.5',
    ],
    ['{"time":"…","type":"platform.report","record":{"metrics":{"durationMs":1.5}}}', '@duration', undefined],
  ])('in the JSON line %s the expression %s has the value %s', async (message, expression, value) => {
    expect(await evaluate(expression, message)).toBe(value);
  });
});
