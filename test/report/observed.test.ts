import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { FunctionFacts } from '../../src/aws/function-facts.ts';
import { renderJson } from '../../src/model/json-text.ts';
import { renderHtml } from '../../src/render/html.ts';
import { renderInsights } from '../../src/render/insights.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { renderTable } from '../../src/render/report-table.ts';
import { collectReport, reportExitCode } from '../../src/report/collect-report.ts';
import { functionOfLogGroup, observedSubject } from '../../src/report/observed.ts';
import { scopeOf } from '../../src/report/rows/query-scope.ts';
import { aggregateQuery, rowsQuery } from '../../src/report/rows/query-text.ts';
import { checkDocument } from '../../src/store/document.ts';
import { REPORT_DOCUMENT } from '../../src/store/report-document.ts';
import { FakeInsights, type FakeLine } from './fake-insights.ts';
import { FakeWorld, NOON, reportLines } from './fixtures.ts';

const WINDOW = { startEpochMs: NOON, endEpochMs: NOON + 3_600_000 };

function factsOf(name: string): FunctionFacts {
  return {
    reference: { id: name, name },
    functionName: name,
    logGroupName: `/aws/lambda/${name}`,
    lambdaRuntime: 'nodejs24.x',
    architecture: 'arm64',
    memorySizeMB: 256,
    timeoutMs: 3000,
  };
}

async function reportOf(groups: Readonly<Record<string, readonly FakeLine[]>>, names: readonly string[]) {
  const world = new FakeWorld(WINDOW.endEpochMs);
  const logs = new FakeInsights(groups, { now: () => world.nowEpochMs });
  const runs = names.map((name) =>
    observedSubject(
      { reference: { id: name, name }, facts: factsOf(name) },
      {
        id: `20261123-130000-${name}-0000`,
        target: { kind: 'aws', region: 'us-east-1', accountId: '123456789012' },
        toolVersion: '0.1.0',
        window: WINDOW,
      },
    ),
  );
  const report = await collectReport({ runs, logs, toolVersion: '0.1.0' }, world.deps);
  return { report, logs, world };
}

const GROUPS = {
  '/aws/lambda/orders': reportLines({ seed: 1, count: 80, cold: 6, typicalMs: 20 }),
  '/aws/lambda/stock': reportLines({ seed: 2, count: 60, cold: 5, typicalMs: 60 }),
};

describe('a report on all invocations of functions in a window', () => {
  test('a report on all invocations of functions in a window has figures, Lambda cost and ratios, and reconciles nothing, which it says', async () => {
    const { report, world } = await reportOf(GROUPS, ['orders', 'stock']);
    expect(reportExitCode(report)).toBe(0);
    expect(report.problems).toEqual([]);
    expect(report.runs.map(({ label, client, plan, rounds }) => [label, client, plan, rounds])).toEqual([
      ['orders', undefined, undefined, []],
      ['stock', undefined, undefined, []],
    ]);
    expect(report.runs.map(({ server }) => server.state === 'measured' && server.completeness)).toMatchObject(
      [
        { found: 80, verdict: 'uncounted' },
        { found: 60, verdict: 'uncounted' },
      ],
    );
    expect(report.baseline).toBe('stock');
    expect(
      report.ratios.map(({ runtime, temperature, interval }) => [runtime, temperature, interval]),
    ).toEqual([
      ['orders', 'warm', undefined],
      ['orders', 'cold', undefined],
    ]);
    expect(report.cost).toMatchObject({ state: 'priced', unpriced: [] });
    if (report.cost.state !== 'priced') throw new Error('not priced');
    for (const row of report.cost.rows) {
      expect(row.apiGatewayUsd).toBeUndefined();
      expect(row.dynamodb).toBeUndefined();
      expect(row.totalUsd).toBeCloseTo(row.lambdaComputeUsd + row.lambdaRequestUsd, 10);
    }
    expect(report.notes[0]).toMatch(/^These are all invocations in the window, whoever made them/);
    // Nobody knows how many rows are to come, so none are waited for.
    expect(world.slept).toEqual([]);
  });

  test('a report on all invocations of functions in a window says in every format that no load counted the calls, and shows no client', async () => {
    const { report } = await reportOf(GROUPS, ['orders', 'stock']);
    const table = renderTable(report, { width: 100, color: false, wide: false });
    const texts = [table, renderMarkdown(report), renderHtml(report)];
    for (const text of texts) {
      expect(text).toContain('140 REPORT rows, which no load counted');
      expect(text).toContain('140 invocations found in the logs, which no load counted');
      expect(text).toContain('Lambda alone is priced');
      expect(text).not.toContain('Seen by the client');
      expect(text).not.toContain('undefined');
    }
    expect(table).toMatch(/^invoke$/m);
  });

  test('a report on all invocations of functions in a window is a document of the published schema, and of the store’s', async () => {
    const { report } = await reportOf(GROUPS, ['orders']);
    const text = renderJson(report);
    const schema = new Ajv2020({ strict: false }).compile(
      JSON.parse(readFileSync(new URL('../../docs/report-schema.json', import.meta.url), 'utf8')) as object,
    );
    schema(JSON.parse(text));
    expect(schema.errors).toBeNull();
    expect(checkDocument(text, REPORT_DOCUMENT)).toMatchObject({ state: 'good' });
  });

  test('a report on all invocations of functions in a window of a function that nothing called exits 1 and says so', async () => {
    const { report } = await reportOf({ '/aws/lambda/orders': [] }, ['orders']);
    expect(reportExitCode(report)).toBe(1);
    expect(report.problems).toMatchObject([
      {
        code: 'no-rows',
        message:
          'orders: /aws/lambda/orders has no REPORT row from 2026-11-23 12:00 UTC to 2026-11-23 13:00 UTC: nothing called the function, or it logs to another group or only above INFO',
      },
    ]);
  });
});

describe('the scope of a query', () => {
  test('the scope of a query of a log group that other functions share is the log streams of the function', () => {
    const shared = scopeOf({ functionName: 'a.b', logGroupName: '/mine/all' });
    expect(aggregateQuery(shared)).toMatch(
      /^filter \(@type = "REPORT" or type = "platform\.report"\) and @logStream like \/\\\/a\\\.b\\\[\/\n/,
    );
    expect(rowsQuery(shared)).toContain('and @logStream like');
  });

  test('the scope of a query of the group that Lambda named after the function is the whole group', () => {
    expect(scopeOf({ functionName: 'a', logGroupName: '/aws/lambda/a' })).toEqual({});
    expect(scopeOf({ logGroupName: '/mine/all' })).toEqual({});
    expect(aggregateQuery({})).toContain('| parse @log /^\\d+:(?<Lambda>.+)$/');
  });

  test.each([
    ['/aws/lambda/orders', 'orders'],
    ['/mine/orders', undefined],
    ['/aws/lambda/a/b', undefined],
  ])('the log group %s belongs to the function %s', (group, name) => {
    expect(functionOfLogGroup(group)).toBe(name);
  });
});

test('--format insights has the columns of the published query, memory in MiB as that query computes it', async () => {
  const { report } = await reportOf(
    {
      '/aws/lambda/orders': [
        { atEpochMs: NOON + 1, durationMs: 10, initMs: 100, billedMs: 110, memoryMB: 128 },
        { atEpochMs: NOON + 2, durationMs: 10, billedMs: 10, memoryMB: 128 },
        { atEpochMs: NOON + 3, durationMs: 13, billedMs: 13, memoryMB: 128 },
      ],
    },
    ['orders'],
  );
  expect(renderInsights(report)).toBe(
    [
      'Lambda,coldStart,count,avgDuration,minDuration,maxDuration,StdDevDuration,avgBilled,minBilled,maxBilled,StdDevBilled,avgRam,minRam,maxRam,StdDevRam',
      'orders,0,2,11.5,10,13,2.1213,11.5,10,13,2.1213,122.0703,122.0703,122.0703,0',
      'orders,1,1,110,110,110,,110,110,110,,122.0703,122.0703,122.0703,',
      '',
    ].join('\r\n'),
  );
});
