import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { RESOURCE_TYPES } from '../../../src/local/resources/registry.ts';
import { hasPythonModule } from '../../at-hand.ts';

interface AwsSchema {
  readonly properties: readonly string[];
  readonly required: readonly string[];
  readonly readOnly: readonly string[];
  readonly createOnly: readonly string[];
  readonly conditional: readonly string[];
  readonly taggable: boolean;
  readonly systemTags: boolean;
}

const TYPES = [...RESOURCE_TYPES.values()];
const LIMIT_MS = 120_000;
const hasSchemas = hasPythonModule('cfnlint');

/** Properties whose update behaviour the user guide tells otherwise than the schema's createOnly list; each with why. */
const BY_THE_GUIDE: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table KeySchema': 'replaced unless a secondary index is concerned, and there are none here',
};

describe('the resource types', () => {
  test('the resource types have an update wherever a property changes in place', () => {
    for (const type of TYPES) {
      const changes = Object.values(type.properties).some(
        (spec) => spec.update !== 'replace' && spec.schema.kind !== 'not-emulated',
      );
      expect(type.update !== undefined, type.type).toBe(changes);
    }
  });

  test('the resource types can tell that a name is taken wherever they have a fixed one', () => {
    for (const type of TYPES) {
      expect(type.exists === undefined, type.type).toBe(type.fixedName === undefined);
    }
  });

  test.skipIf(!hasSchemas)(
    `the resource types emulate only properties of AWS's schemas, all the required ones, with their update behaviour${hasSchemas ? '' : ' (cfn-lint is not installed: pip install cfn-lint)'}`,
    () => {
      const stdout = execFileSync(
        'python3',
        ['test/local/resources/registry_schemas.py', ...TYPES.map((type) => type.type)],
        { encoding: 'utf8', timeout: LIMIT_MS },
      );
      const schemas = JSON.parse(stdout) as Readonly<Record<string, AwsSchema>>;
      for (const type of TYPES) {
        const aws = schemas[type.type];
        if (aws === undefined) throw new Error(`no schema of ${type.type}`);
        const settable = aws.properties.filter((name) => !aws.readOnly.includes(name));
        const emulated = Object.entries(type.properties).filter(
          ([, spec]) => spec.schema.kind !== 'not-emulated',
        );
        // Which further properties there are changes with AWS, and so with the cfn-lint at hand: those that are not
        // emulated are refused by name either way.
        expect(
          emulated.map(([name]) => name).filter((name) => !settable.includes(name)),
          type.type,
        ).toEqual([]);
        expect(
          emulated
            .filter(([, spec]) => spec.required === true)
            .map(([name]) => name)
            .sort(),
          type.type,
        ).toEqual(aws.required);
        for (const [name, spec] of emulated) {
          if (BY_THE_GUIDE[`${type.type} ${name}`] !== undefined) continue;
          expect([name, spec.update === 'replace'], type.type).toEqual([name, aws.createOnly.includes(name)]);
        }
        expect([type.taggable, type.systemTags === true], type.type).toEqual([aws.taggable, aws.systemTags]);
      }
    },
    LIMIT_MS,
  );
});
