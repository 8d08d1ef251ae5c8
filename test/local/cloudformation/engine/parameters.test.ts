import { describe, expect, test } from 'vitest';
import {
  type GivenParameter,
  referencedParameter,
  resolveParameters,
  shownParameter,
} from '../../../../src/local/services/cloudformation/engine/parameters.ts';
import { parseTemplate } from '../../../../src/local/services/cloudformation/engine/template.ts';

function resolve(
  declarations: string,
  given: readonly GivenParameter[],
  previous?: Readonly<Record<string, string>>,
): Record<string, string> {
  const template = parseTemplate(`Resources: {A: {Type: T}}\nParameters:\n${declarations}`);
  return Object.fromEntries(
    resolveParameters(template.parameters, given, previous && new Map(Object.entries(previous))),
  );
}

describe('parameters', () => {
  test('a parameter takes the given value before the default, an empty one included', () => {
    expect(
      resolve(
        '  A: {Type: String, Default: d}\n  B: {Type: String, Default: d}\n  C: {Type: String, Default: d}',
        [
          { key: 'A', value: 'x' },
          { key: 'B', value: '' },
        ],
      ),
    ).toEqual({ A: 'x', B: '', C: 'd' });
  });

  test('a parameter takes the previous value on request', () => {
    expect(
      resolve('  A: {Type: String, Default: d}', [{ key: 'A', usePreviousValue: true }], { A: 'before' }),
    ).toEqual({ A: 'before' });
  });

  test.each<[string, GivenParameter[], string]>([
    ['  A: {Type: String}\n  B: {Type: String}', [], 'Parameters: [A, B] must have values'],
    [
      '  A: {Type: String, Default: d}',
      [
        { key: 'X', value: '1' },
        { key: 'Y', value: '1' },
      ],
      'Parameters: [X, Y] do not exist in the template',
    ],
    [
      '  A: {Type: String, AllowedValues: [a, b]}',
      [{ key: 'A', value: 'c' }],
      "Parameter 'A' must be one of AllowedValues",
    ],
    [
      '  A: {Type: String, AllowedPattern: "[a-z]+"}',
      [{ key: 'A', value: 'ab1' }],
      "Parameter 'A' must match pattern [a-z]+",
    ],
    [
      '  A: {Type: String, AllowedPattern: "[a-z]+", ConstraintDescription: letters only}',
      [{ key: 'A', value: 'ab1' }],
      'Parameter A failed to satisfy constraint: letters only',
    ],
    [
      '  A: {Type: String, MinLength: 2}',
      [{ key: 'A', value: 'a' }],
      "Parameter 'A' must contain at least 2 characters",
    ],
    [
      '  A: {Type: String, MaxLength: 2}',
      [{ key: 'A', value: 'abc' }],
      "Parameter 'A' must contain at most 2 characters",
    ],
    ['  A: {Type: Number}', [{ key: 'A', value: 'x' }], "Parameter 'A' must be a number."],
    ['  A: {Type: Number}', [{ key: 'A', value: '' }], "Parameter 'A' must be a number."],
    [
      '  A: {Type: Number, MinValue: 128}',
      [{ key: 'A', value: '127' }],
      "Parameter 'A' must be a number not less than 128",
    ],
    [
      '  A: {Type: Number, MaxValue: 3}',
      [{ key: 'A', value: '4' }],
      "Parameter 'A' must be a number not greater than 3",
    ],
    ['  A: {Type: List<Number>}', [{ key: 'A', value: '1,x' }], "Parameter 'A' must be a number."],
    [
      '  A: {Type: String}',
      [{ key: 'A', usePreviousValue: true }],
      'Invalid input for parameter key A. Cannot specify usePreviousValue as true for a parameter key not in the previous template',
    ],
  ])('a parameter refuses %j with %j', (declarations, given, message) => {
    expect(() => resolve(declarations, given)).toThrow(
      expect.objectContaining({ code: 'ValidationError', message }),
    );
  });

  test('parameters that are lists are referred to as lists, and those with NoEcho are hidden', () => {
    const template = parseTemplate(
      'Resources: {A: {Type: T}}\nParameters: {L: {Type: CommaDelimitedList}, S: {Type: String, NoEcho: true}}',
    );
    const list = template.parameters.get('L');
    const secret = template.parameters.get('S');
    if (list === undefined || secret === undefined) throw new Error('not parsed');
    expect(referencedParameter(list, 'a, b,c')).toEqual(['a', 'b', 'c']);
    expect(referencedParameter(list, '')).toEqual([]);
    expect(shownParameter(secret, 'wolf')).toBe('****');
    expect(shownParameter(list, 'a,b')).toBe('a,b');
  });
});
