// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are Fn::Sub's.
import { describe, expect, test } from 'vitest';
import { parseTemplateText } from '../../../../src/local/services/cloudformation/engine/template-text.ts';

describe('template text', () => {
  test('parsing a template gives every short form its long form, on scalars, lists and maps', () => {
    expect(
      parseTemplateText(`
a: !Ref X
b: !GetAtt X.Y.Z
c: !GetAtt [X, Y]
d: !Sub 'a-\${X}'
e: !Sub
  - '\${V}'
  - V: !Ref X
f: !If [C, 1, !Ref AWS::NoValue]
g: !Join [',', [a, !Ref X]]
h: !Select [0, !Split ['-', a-b]]
i: !Condition C
j: !FindInMap [M, A, B]
k: !Base64 text
l: !Not [!Equals [a, b]]
m: !Transform { Name: T }
`),
    ).toEqual({
      a: { Ref: 'X' },
      b: { 'Fn::GetAtt': ['X', 'Y.Z'] },
      c: { 'Fn::GetAtt': ['X', 'Y'] },
      d: { 'Fn::Sub': 'a-${X}' },
      e: { 'Fn::Sub': ['${V}', { V: { Ref: 'X' } }] },
      f: { 'Fn::If': ['C', 1, { Ref: 'AWS::NoValue' }] },
      g: { 'Fn::Join': [',', ['a', { Ref: 'X' }]] },
      h: { 'Fn::Select': [0, { 'Fn::Split': ['-', 'a-b'] }] },
      i: { Condition: 'C' },
      j: { 'Fn::FindInMap': ['M', 'A', 'B'] },
      k: { 'Fn::Base64': 'text' },
      l: { 'Fn::Not': [{ 'Fn::Equals': ['a', 'b'] }] },
      m: { 'Fn::Transform': { Name: 'T' } },
    });
  });

  test('parsing a template reads JSON with its long forms', () => {
    expect(parseTemplateText(' {"a": {"Ref": "X"}, "b": [1, true]}')).toEqual({
      a: { Ref: 'X' },
      b: [1, true],
    });
  });

  test('parsing a template leaves dates, single letters and keys as they are written', () => {
    expect(parseTemplateText('N: 2012-10-17\nOn: y\nt: yes\nf: Off\ntime: 1:30\n8: eight')).toEqual({
      N: '2012-10-17',
      On: 'y',
      t: true,
      f: false,
      time: '1:30',
      '8': 'eight',
    });
  });

  test('parsing a template reads the numbers of YAML 1.1, and leaves quoted and tagged ones as text', () => {
    expect(
      parseTemplateText(`
decimal: [0, 12, -3, +4, 1_000, 08, 0_]
others: [0b101, 017, -0x1F, 0b_1, 0x_f]
fractions: [1.5, .5, 2., 1e3, 1.5E-1, 1.e1, .5e1]
typed: [!!int 3, !!int "3", !!float 2, !!bool "yes", !<tag:yaml.org,2002:int> 4]
text: ["1", '2', !!str 3, ! 4, !<tag:yaml.org,2002:str> 5, 1:30, e1, 0o17, 1.2.3]
dots: [., -., ._, .e5, +.e5, _, 0b, 0b_, 0x, 0x_, +, "-_"]
block: |
  1
folded: >-
  a
  b
`),
    ).toEqual({
      decimal: [0, 12, -3, 4, 1000, 8, 0],
      others: [5, 15, -31, 1, 15],
      fractions: [1.5, 0.5, 2, 1000, 0.15, 10, 5],
      typed: [3, 3, 2, true, 4],
      text: ['1', '2', '3', '4', '5', '1:30', 'e1', '0o17', '1.2.3'],
      dots: ['.', '-.', '._', '.e5', '+.e5', '_', '0b', '0b_', '0x', '0x_', '+', '-_'],
      block: '1\n',
      folded: 'a b',
    });
  });

  test('parsing a template keeps __proto__ as a key like any other', () => {
    for (const text of ['{"__proto__": {"b": 1}}', '__proto__: {b: 1}']) {
      const template = parseTemplateText(text);
      expect(Object.entries(template)).toEqual([['__proto__', { b: 1 }]]);
      expect(Object.getPrototypeOf(template)).toBe(Object.prototype);
    }
  });

  test('parsing a template accepts keys with anchors, short forms and the tag of text, and takes them as text', () => {
    expect(parseTemplateText('&x a: 1\n!Ref b: 2\n!!str 3: 3')).toEqual({ a: 1, b: 2, '3': 3 });
  });

  test.each([
    ['', 'Template format error: unsupported structure.'],
    ['- a', 'Template format error: unsupported structure.'],
    ['just text', 'Template format error: unsupported structure.'],
    ['a: [', 'Template format error: YAML not well-formed. (line 1, column 5)'],
    ['a: 1\na: 2', 'Template format error: YAML not well-formed. (line 2, column 1)'],
    ['a: 1\n---\nb: 2', 'Template format error: YAML not well-formed. (line 2, column 1)'],
    ['# c\n---\na: 1\n---\nb: 2', 'Template format error: YAML not well-formed. (line 4, column 1)'],
    ['a: 1\n...\nb: 2', 'Template format error: YAML not well-formed. (line 3, column 1)'],
    ['a: 1\n---\n# empty', 'Template format error: YAML not well-formed. (line 2, column 1)'],
    ['a: [*x, {b: 1, b: 2}]', 'Template format error: YAML not well-formed. (line 1, column 16)'],
    ['[a]: b', 'Template format error: [] every key must be text'],
    ['a: !Foo b', 'Template format error: YAML not well-formed. (line 1, column 4) Unresolved tag: !Foo'],
    ['!Foo a: 1', 'Template format error: YAML not well-formed. (line 1, column 1) Unresolved tag: !Foo'],
    ['!!int a: 1', 'Template format error: YAML not well-formed. (line 1, column 1) Unresolved tag: !!int'],
    ['a: !!int b', 'Template format error: YAML not well-formed. (line 1, column 4) Unresolved tag: !!int'],
    ['a: !!int 1.5', 'Template format error: YAML not well-formed. (line 1, column 4) Unresolved tag: !!int'],
    ['a: !!null b', 'Template format error: YAML not well-formed. (line 1, column 4) Unresolved tag: !!null'],
    ['a: !!map [b]', 'Template format error: YAML not well-formed. (line 1, column 4) Unresolved tag: !!map'],
    ['a: !!str [b]', 'Template format error: YAML not well-formed. (line 1, column 4) Unresolved tag: !!str'],
    [
      'a: !!binary b',
      'Template format error: YAML not well-formed. (line 1, column 4) Unresolved tag: !!binary',
    ],
    ['a: !!null ~', "[/a] 'null' values are not allowed in templates"],
    [
      '__proto__: {b: 1}\n__proto__: {c: 1}',
      'Template format error: YAML not well-formed. (line 2, column 1)',
    ],
    ['{"a": 1,}', 'Template format error: JSON not well-formed. (line 1, column 9)'],
    ['a: &x 1\nb: *x', 'Template error: YAML aliases are not allowed in CloudFormation templates'],
    ['a: {<<: {b: 1}}', 'Template error: YAML merges are not allowed in CloudFormation templates'],
    ['a: {b: ~}', "[/a/b] 'null' values are not allowed in templates"],
    ['a:\n  - b:', "[/a/0/b] 'null' values are not allowed in templates"],
    ['{"a": [null]}', "[/a/0] 'null' values are not allowed in templates"],
  ])('parsing a template refuses %j', (text, message) => {
    expect(() => parseTemplateText(text)).toThrow(
      expect.objectContaining({ code: 'ValidationError', message }),
    );
  });
});
