import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { InvocationGroup, Summary } from '../../src/model/report.ts';
import {
  COST_FIGURES,
  clientFigures,
  type Figure,
  figuresFor,
  groupFigures,
  groupFigureText,
} from '../../src/render/figures.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const SCHEMA = JSON.parse(
  readFileSync(new URL('../../docs/report-schema.json', import.meta.url), 'utf8'),
) as Schema;

function resolved(schema: Schema | undefined): Schema | undefined {
  if (schema?.$ref === undefined) return schema;
  return resolved(SCHEMA.$defs?.[schema.$ref.replace('#/$defs/', '')]);
}

/** The schema of a member such as `durationMs.p95`; undefined where the schema has no such member. */
function memberOf(schema: Schema | undefined, path: string): Schema | undefined {
  let at = resolved(schema);
  for (const name of path.split(/\.(?=\D)/)) {
    const pattern = Object.entries(at?.patternProperties ?? {}).find(([regex]) =>
      new RegExp(regex).test(name),
    );
    at = resolved(at?.properties?.[name] ?? pattern?.[1]);
  }
  return at;
}

const PERCENTILES = [50, 95, 99.9];
const CATALOGUE: readonly (readonly [
  string,
  readonly Pick<Figure<never>, 'name' | 'members' | 'heading'>[],
])[] = [
  ['group', groupFigures(PERCENTILES)],
  ['client', clientFigures(PERCENTILES)],
  ['costRow', COST_FIGURES],
];

const summary = (count: number): Summary => ({ count, mean: 5, min: 1, max: 9, p50: 4, p90: 8, p99: 9 });
const group = (count: number): InvocationGroup => ({
  count,
  durationMs: summary(count),
  billedMs: summary(count),
  memoryMB: summary(count),
  timeouts: 0,
  errors: 0,
});

describe('the catalogue of figures', () => {
  test.each(CATALOGUE)(
    'the catalogue of figures names members of %s that the published schema has as numbers',
    (definition, figures) => {
      const schema = SCHEMA.$defs?.[definition];
      expect(schema).toBeDefined();
      for (const { name, members } of figures) {
        for (const member of members) {
          expect(['number', 'integer'], `${name}: ${member}`).toContain(memberOf(schema, member)?.type);
        }
      }
    },
  );

  test('the catalogue of figures gives every figure a name and every column a heading of its own', () => {
    const names = CATALOGUE.flatMap(([, figures]) => figures.map(({ name }) => name));
    expect(new Set(names).size).toBe(names.length);
    for (const place of ['table', 'wide', 'markdown', 'html'] as const) {
      const headings = figuresFor(groupFigures(PERCENTILES), place).map(({ heading }) => heading);
      expect(new Set(headings).size).toBe(headings.length);
    }
  });

  test('the catalogue of figures calls dollars by what they are for, not by the unit of their amount', () => {
    expect(COST_FIGURES.filter(({ unit }) => unit === 'USD').map(({ heading }) => heading)).toEqual([
      'compute',
      'requests',
      'API Gateway',
      'DynamoDB (est.)',
      'total',
      'if all warm',
    ]);
  });
});

describe('a percentile', () => {
  const texts = (count: number, temperature: 'warm' | 'cold') =>
    groupFigures([50, 90, 99])
      .filter(({ name }) => /^duration_p/.test(name))
      .map((figure) => groupFigureText(figure, group(count), temperature));

  test('a percentile of fewer than three values is left out, and the median says how many there are', () => {
    expect(texts(1, 'cold')).toEqual(['–  (1 start)', '–', '–']);
    expect(texts(2, 'warm')).toEqual(['–  (2 calls)', '–', '–']);
  });

  test('a percentile that is the maximum of its values bears a star', () => {
    expect(texts(3, 'warm')).toEqual(['4.00', '8.00*', '9.00*']);
    expect(texts(99, 'warm')).toEqual(['4.00', '8.00', '9.00*']);
    expect(texts(100, 'warm')).toEqual(['4.00', '8.00', '9.00']);
  });
});
