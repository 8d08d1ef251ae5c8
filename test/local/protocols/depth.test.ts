import { describe, expect, test } from 'vitest';
import { parseQueryInput } from '../../../src/local/protocols/aws-query.ts';
import { parseJsonObject } from '../../../src/local/protocols/json-body.ts';
import { nestsDeeperThan } from '../../../src/local/protocols/json-depth.ts';
import { parseTemplateText } from '../../../src/local/services/cloudformation/engine/template-text.ts';
import { tooDeepExpression } from '../../../src/local/services/dynamodb/expression-depth.ts';

const deep = (levels: number) => `{"a":${'['.repeat(levels)}1${']'.repeat(levels)}}`;

describe('input that nests too deep is refused as bad input', () => {
  test('a JSON body that nests too deeply is refused', () => {
    expect(() => parseJsonObject(Buffer.from(deep(20_000)))).toThrow('nests deeper than 200 levels');
    expect(parseJsonObject(Buffer.from(deep(100)))).toHaveProperty('a');
  });

  test('a form whose names nest too deeply is refused', () => {
    const form = new URLSearchParams({ [`A${'.b'.repeat(10_000)}`]: '1' });
    expect(() => parseQueryInput(form, new Set())).toThrow('Unexpected form member A.b.b');
  });

  test('a template that nests too deeply is refused', () => {
    expect(() => parseTemplateText(deep(20_000))).toThrow('nests deeper than 200 levels');
  });

  test('a DynamoDB expression with too many nested brackets is refused', () => {
    const nested = (levels: number) => ({
      ConditionExpression: `${'(a = :a AND '.repeat(levels)}a = :a${')'.repeat(levels)}`,
    });
    expect(tooDeepExpression(nested(5))).toBe('ConditionExpression');
    expect(tooDeepExpression(nested(4))).toBeUndefined();
  });
});

describe('brackets', () => {
  test.each([
    ['in a string do not nest', `{"a":"${'['.repeat(500)}"}`, false],
    ['behind an escaped quote do not nest', `{"a":"\\"${'{'.repeat(500)}"}`, false],
    ['side by side do not nest', `[${'[],'.repeat(500)}[]]`, false],
    ['inside each other do', `${'['.repeat(201)}`, true],
  ])('brackets %s', (_, text, expected) => {
    expect(nestsDeeperThan(text.padEnd(500), 200)).toBe(expected);
  });
});
