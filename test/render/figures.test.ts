import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { InvocationGroup, Summary } from '../../src/model/report.ts';
import { type Figure, figuresFor, type Unit } from '../../src/render/figure.ts';
import { COST_FIGURES, clientFigures, groupFigures, groupFigureText } from '../../src/render/figures.ts';
import {
  BUNDLE_FIGURES,
  COLD_START_FIGURES,
  FORECAST_FIGURES,
  MEMORY_SIZE,
  ROWS_FIGURES,
  SWEEP_FIGURES,
} from '../../src/render/table-figures.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
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

/** The property of a schema that a name has, by itself or by a pattern. */
function propertyOf(schema: Schema | undefined, name: string): Schema | undefined {
  const at = resolved(schema);
  const pattern = Object.entries(at?.patternProperties ?? {}).find(([regex]) => new RegExp(regex).test(name));
  return at?.properties?.[name] ?? pattern?.[1];
}

/** The schema of a member such as `durationMs.p95`; undefined where the schema has no such member. */
function memberOf(schema: Schema | undefined, path: string): Schema | undefined {
  return resolved(path.split(/\.(?=\D)/).reduce(propertyOf, schema));
}

/** What the schema says about the quantity of a member: about `durationMs` for `durationMs.p95`. */
function descriptionOf(schema: Schema | undefined, path: string): string | undefined {
  const quantity = propertyOf(schema, path.split('.')[0] ?? '');
  return quantity?.description ?? resolved(quantity)?.description;
}

/** How the names of members and of CSV columns end or contain the unit. A count has no unit in its name. */
const UNITS: Readonly<Record<Unit, { readonly member: RegExp; readonly column: RegExp }>> = {
  count: {
    member: /^(?!.*(?:Ms|MB|Usd|Bytes|Share|PerSecond)\b)/,
    column: /^(?!.*_(?:ms|mb|usd|bytes|share)(?:_|$))/,
  },
  ms: { member: /Ms\b/, column: /_ms$/ },
  MB: { member: /MB\b/, column: /_mb$/ },
  size: { member: /MB$/, column: /_mb$/ },
  bytes: { member: /Bytes$/, column: /_bytes$/ },
  share: { member: /Share$/, column: /_share$/ },
  'per second': { member: /PerSecond$/, column: /_per_second$/ },
  USD: { member: /Usd\b|\busd\b/, column: /usd_per_million/ },
};

const { $defs } = SCHEMA;
const measured = $defs?.server?.oneOf?.[0];
const point = $defs?.sweep?.properties?.curves?.items?.properties?.points?.items;
/** Numbers that describe other figures, and are shown in no column of their own. */
const OF_NO_TABLE: ReadonlySet<string> = new Set([
  ...['attempts', 'memorySizeMB', 'asked', 'missing', 'foreign', 'duplicates', 'unreadable'],
]);
const PERCENTILES = [50, 95, 99.9];
const CATALOGUE: readonly (readonly [
  name: string,
  schema: Schema | undefined,
  figures: readonly Omit<Figure<never>, 'value' | 'interval'>[],
])[] = [
  ['a group of invocations', $defs?.group, groupFigures(PERCENTILES)],
  ['the load generator', $defs?.client, clientFigures(PERCENTILES)],
  ['the cost', $defs?.costRow, COST_FIGURES],
  ['the rows', measured?.properties?.completeness, ROWS_FIGURES],
  ['forced cold starts', $defs?.run?.properties?.coldStarts, COLD_START_FIGURES],
  ['the code', $defs?.run?.properties?.bundle, BUNDLE_FIGURES],
  ['a sweep', point, [MEMORY_SIZE, ...SWEEP_FIGURES]],
  ['a forecast', $defs?.forecastPoint, FORECAST_FIGURES],
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
    'the published schema has the figures of %s as numbers, with the unit and the description of the catalogue',
    (_, schema, figures) => {
      expect(schema).toBeDefined();
      for (const { name, members, unit, description } of figures) {
        expect(name, `the name of a figure in ${unit}`).toMatch(UNITS[unit].column);
        for (const member of members) {
          const { type } = memberOf(schema, member) ?? {};
          const what = `${name}: ${member}`;
          expect(unit === 'count' ? ['integer'] : ['number', 'integer'], what).toContain(type);
          const told = descriptionOf(schema, member);
          const hasUnit = UNITS[unit].member.test(member) || (told ?? '').includes(`, ${unit}.`);
          expect(hasUnit, `${what} names its unit, ${unit}`).toBe(true);
          if (members.length === 1) expect(told, what).toBe(description);
        }
      }
    },
  );

  test.each(CATALOGUE)('the catalogue has every number that the schema has of %s', (_, schema, figures) => {
    const known = new Set(figures.flatMap(({ members }) => members.map((member) => member.split('.')[0])));
    const numbers = Object.entries(resolved(schema)?.properties ?? {}).filter(([, property]) =>
      ['number', 'integer'].includes(String(property.type)),
    );
    const unknown = numbers
      .map(([name]) => name)
      .filter((name) => !known.has(name) && !OF_NO_TABLE.has(name));
    expect(unknown).toEqual([]);
  });

  test('the catalogue of figures gives every figure a name and every column a heading of its own', () => {
    // Those of a report are columns of one CSV file. A forecast has a file of its own, and a sweep has none.
    const files = [CATALOGUE.slice(0, -2), CATALOGUE.slice(-2, -1), CATALOGUE.slice(-1)];
    for (const file of files) {
      const names = file.flatMap(([, , figures]) => figures.map(({ name }) => name));
      expect(new Set(names).size).toBe(names.length);
    }
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
