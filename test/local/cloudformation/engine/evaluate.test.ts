// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are Fn::Sub's.
import { describe, expect, test } from 'vitest';
import { KNOWN_AFTER_APPLY, type Value } from '../../../../src/local/resources/value.ts';
import { evaluateConditions } from '../../../../src/local/services/cloudformation/engine/conditions.ts';
import { type Environment, evaluate } from '../../../../src/local/services/cloudformation/engine/evaluate.ts';
import { parseTemplateText } from '../../../../src/local/services/cloudformation/engine/template-text.ts';

const parameters: Readonly<Record<string, Value>> = {
  Name: 'shed',
  List: ['a', 'b'],
  'AWS::Region': 'eu-west-3',
};
const environment: Environment = {
  parameter: (name) => parameters[name],
  mappings: { Sizes: { eu: { small: '128', list: ['x', 'y'] } } },
  conditions: new Map([
    ['Big', true],
    ['Small', false],
  ]),
  resource: (id) => (id === 'Table' ? 'table-1' : id === 'New' ? KNOWN_AFTER_APPLY : undefined),
  attribute: (id, attribute) =>
    id === 'Table' ? `arn:${attribute}` : id === 'New' ? KNOWN_AFTER_APPLY : undefined,
};

const value = (yaml: string): Value | undefined =>
  evaluate(parseTemplateText(`v: ${yaml}`).v ?? '', environment);

describe('functions', () => {
  test.each<[string, unknown]>([
    ['!Ref Name', 'shed'],
    ['!Ref List', ['a', 'b']],
    ['!Ref AWS::Region', 'eu-west-3'],
    ['!Ref Table', 'table-1'],
    ['!GetAtt Table.Stream.Arn', 'arn:Stream.Arn'],
    ["!Sub '${Name}/${Table}/${Table.Arn}/${AWS::Region}'", 'shed/table-1/arn:Arn/eu-west-3'],
    ["!Sub '${!Name} and ${Name}'", '${Name} and shed'],
    ["!Sub ['${Own}-${Name}', {Own: !Ref Table}]", 'table-1-shed'],
    ["!Sub ['${Name}', {Name: own}]", 'own'],
    ['!Sub plain', 'plain'],
    ["!Join ['-', [a, !Ref Name, 3]]", 'a-shed-3'],
    ["!Join ['', !Ref List]", 'ab'],
    ['!Select [1, !Ref List]', 'b'],
    ["!Select ['0', [x, y]]", 'x'],
    ["!Split [':', 'a:b:c']", ['a', 'b', 'c']],
    ['!If [Big, 1, 2]', 1],
    ['!If [Small, 1, 2]', 2],
    ['!FindInMap [Sizes, eu, small]', '128'],
    ['!FindInMap [Sizes, eu, list]', ['x', 'y']],
    ['!Base64 shed', 'c2hlZA=='],
    ['{a: !If [Small, 1, !Ref AWS::NoValue], b: 2}', { b: 2 }],
    ['[!If [Small, 1, !Ref AWS::NoValue], 2]', [2]],
    ['{Condition: {StringEquals: {x: !Ref Name}}}', { Condition: { StringEquals: { x: 'shed' } } }],
    ['!Ref AWS::NoValue', undefined],
  ])('the function %s gives %j', (yaml, expected) => {
    expect(value(yaml)).toEqual(expected);
  });

  test('a function carry a value that is not known yet through texts, and beside known ones in lists', () => {
    expect(value("!Sub 'x-${New}'")).toBe(KNOWN_AFTER_APPLY);
    expect(value("!Join ['-', [a, !Ref New]]")).toBe(KNOWN_AFTER_APPLY);
    expect(value('[a, !GetAtt New.Arn]')).toEqual(['a', KNOWN_AFTER_APPLY]);
    expect(value("!Select [0, !Split ['-', !Ref New]]")).toBe(KNOWN_AFTER_APPLY);
  });

  test.each([
    ['!Ref Ghost', 'Template error: instance of Ref references undefined resource Ghost'],
    ['!GetAtt Ghost.Arn', 'Template error: instance of Fn::GetAtt references undefined resource Ghost'],
    ['!Select [2, !Ref List]', 'Template error: Fn::Select cannot select nonexistent value at index 2'],
    ['!FindInMap [Sizes, us, small]', 'Template error: Unable to get mapping for Sizes::us::small'],
    [
      "!Sub '${a b}'",
      'Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons',
    ],
    ['!If [Maybe, 1, 2]', 'Template error: Fn::If references undefined condition Maybe'],
    ['!Equals [1, 1]', 'Template error: Fn::Equals cannot be used outside of the Conditions section'],
    ['!ImportValue x', 'Template error: the function Fn::ImportValue is not emulated by the local cloud'],
    ['{Fn::Length: [1]}', 'Template error: the function Fn::Length is not emulated by the local cloud'],
    ['{Ref: Name, More: 1}', 'Template error: an object with Ref must have no other member'],
    [
      '!GetAtt Table',
      'Template error: Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
    ],
  ])('the function %s is refused', (yaml, message) => {
    expect(() => value(yaml)).toThrow(expect.objectContaining({ code: 'ValidationError', message }));
  });
});

describe('conditions', () => {
  const conditions = (yaml: string): Record<string, boolean> => {
    const declared = new Map(Object.entries(parseTemplateText(yaml)));
    return Object.fromEntries(
      evaluateConditions(declared, (operand) => evaluate(operand, environment) ?? ''),
    );
  };

  test('conditions compare, negate and combine, and refer to each other in any order', () => {
    expect(
      conditions(`
Both: !And [!Condition IsShed, !Not [!Condition IsOther]]
Either: !Or [!Condition IsOther, !Equals [1, '1']]
IsShed: !Equals [!Ref Name, shed]
IsOther: !Equals [!Ref Name, other]
`),
    ).toEqual({ Both: true, Either: true, IsShed: true, IsOther: false });
  });

  test.each([
    [
      'A: !Condition Ghost',
      'Template format error: Unresolved condition dependency Ghost in the Conditions block of the template',
    ],
    ['A: !Not [!Condition A]', 'Template format error: Circular condition dependency [A]'],
    ['A: text', 'Template format error: Every Conditions member must be a condition function'],
    ['A: !Equals [1]', 'Template error: Fn::Equals object requires a list of 2 parameters.'],
    [
      'A: !And [!Equals [1, 1]]',
      'Template error: every Fn::And object requires a list of at least 2 and at most 10 boolean parameters.',
    ],
  ])('the condition %j is refused', (yaml, message) => {
    expect(() => conditions(yaml)).toThrow(expect.objectContaining({ message }));
  });
});
