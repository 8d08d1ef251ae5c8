import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { EnforcedCpu } from '../../src/model/as-lambda.ts';
import { renderJson } from '../../src/model/json-text.ts';
import type { Report } from '../../src/model/report.ts';
import { renderCsv } from '../../src/render/csv.ts';
import { enforcedCpuLines } from '../../src/render/enforced-cpu.ts';
import { renderGithubBenchmark } from '../../src/render/github-benchmark.ts';
import { renderGithub, renderMarkdown } from '../../src/render/markdown.ts';
import { renderTable } from '../../src/render/report-table.ts';
import { expectGolden } from './golden.ts';
import {
  decidedReport,
  failedReport,
  forecastReport,
  LOCAL,
  MACHINE,
  sampleReport,
  troubledReport,
  undecidedReport,
} from './sample-reports.ts';

/** The benches whose words are golden in every format. */
const BENCHES = [
  ['decided', decidedReport],
  ['undecided', undecidedReport],
  ['incomplete', troubledReport],
  ['failed', failedReport],
  ['forecast', forecastReport],
] as const;

const PLAIN = { width: 100, color: false, wide: false };
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what starts a colour.
const visible = (text: string) => text.replaceAll(/\u001b\[\d+m/g, '');
const longest = (text: string) =>
  Math.max(
    ...visible(text)
      .split('\n')
      .map((line) => [...line].length),
  );

describe('the table', () => {
  test.each(BENCHES)('the table of %s bench reads as its golden file', async (name, make) => {
    expectGolden(`report-table-${name}.txt`, renderTable(await make(), PLAIN));
  });

  test('the table with every column reads as its golden file', async () => {
    expectGolden(
      'report-table-wide.txt',
      renderTable(await sampleReport({ routes: ['wolf'] }), { ...PLAIN, wide: true }),
    );
  });

  test.each(BENCHES)(
    'the table of %s bench keeps within 80 columns, but for hints with commands',
    async (_, make) => {
      const text = renderTable(await make(), { ...PLAIN, width: 80 });
      const lines = text.split('\n').filter((line) => !line.startsWith('  →'));
      expect(longest(lines.join('\n'))).toBeLessThanOrEqual(80);
    },
  );

  test.each(BENCHES)(
    'the table of %s bench ends with a verdict that fits a screen of 80x24',
    async (_, make) => {
      const text = renderTable(await make(), { ...PLAIN, width: 80 });
      const end = text.slice(text.lastIndexOf('\nVerdict\n') + 1).trimEnd();
      expect(end.split('\n').length).toBeLessThanOrEqual(22);
      expect(end).toMatch(/^Verdict\n• /);
    },
  );

  test('the table drops columns where there is less room, and says so', async () => {
    const text = renderTable(await sampleReport(), { ...PLAIN, width: 72 });
    expect(text.replaceAll(/\n {2}/g, ' ')).toMatch(
      /Left out for want of room \(--wide shows all\): the columns “/,
    );
    expect(longest(text)).toBeLessThanOrEqual(72);
    expect(text).toContain('p99');
  });

  test('the table in colour says the same words', async () => {
    const report = await sampleReport();
    const colored = renderTable(report, { ...PLAIN, color: true });
    expect(colored).toContain('\u001b[32m');
    expect(visible(colored)).toBe(renderTable(report, PLAIN));
  });

  test('the table marks the best of each route where that is decided, and none where nothing is compared', async () => {
    const text = renderTable(await sampleReport(), PLAIN);
    expect(text.match(/^★ rust/gm)).toHaveLength(4);
    expect(text).not.toMatch(/^≈/m);
    expect(renderTable(await sampleReport({ runtimes: ['rust'] }), PLAIN)).not.toMatch(/^[★≈] /m);
  });

  test('the table marks those that cannot be told apart, and colours no ratio that is not decided', async () => {
    const report = await undecidedReport();
    const text = renderTable(report, { ...PLAIN, color: true });
    expect(visible(text).match(/^≈ (node|rust)/gm)).toHaveLength(6);
    expect(visible(text)).not.toMatch(/^★ /m);
    for (const line of text.split('\n')) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what starts a colour.
      if (line.includes('~ ')) expect(line).not.toMatch(/\u001b\[3[12]m~/);
    }
  });

  test('the table says of a figure with too few values how many there are, and gives it no ratio', async () => {
    const text = renderTable(await sampleReport({ routes: ['cat'], cold: 1 }), PLAIN);
    expect(text.match(/– {2}\(1 start\)/g)).toHaveLength(3);
    expect(text).toMatch(/ {2}cat {2}rust .* faster {2}– .*$/m);
  });

  test('the table begins with the machine where it moved by more than the differences', async () => {
    for (const text of [
      renderTable(await undecidedReport(), PLAIN),
      renderMarkdown(await undecidedReport()),
    ]) {
      const [first] = text.replace('## shedbench report\n\n', '').split('\n');
      expect(first).toContain('The machine was not steady: the same work took up to 32 % longer at times');
    }
  });

  test('the table shows the percentiles that were asked for, in both tables', async () => {
    const report = await sampleReport({ routes: ['cat'], percentiles: [50, 95, 99.9] });
    const heads = renderTable(report, { ...PLAIN, wide: true })
      .split('\n')
      .filter((line) => line.includes('p95'));
    expect(heads).toHaveLength(3);
    expect(heads[1]).toContain('p95 of fewer than 20 rows is their maximum.');
    for (const head of [heads[0], heads[2]]) {
      expect(head).toMatch(/p50 +p95 +p99\.9/);
      expect(head).not.toMatch(/p90|p99 /);
    }
    const [header = ''] = renderCsv(report).split('\r\n');
    expect(header).toContain('duration_p95_ms,duration_p99.9_ms,init_avg_ms');
    expect(header).toContain('run_client_p95_ms,run_client_p99.9_ms');
  });

  test('the table tells several runs of one function apart by their time', async () => {
    const report = await sampleReport({ routes: ['cat'], runtimes: ['rust'] });
    const later = report.runs.map((run) => ({
      ...run,
      runId: 'later',
      window: {
        startEpochMs: run.window.startEpochMs + 3_600_000,
        endEpochMs: run.window.endEpochMs + 3_600_000,
      },
    }));
    const text = renderTable({ ...report, runs: [...report.runs, ...later] }, PLAIN);
    expect(text).toContain('rust 11-23 12:00');
    expect(text).toContain('rust 11-23 13:00');
  });
});

const ENFORCED = {
  controlGroupVersion: 2,
  periodUs: 20_000,
  quotaUs: 1447,
  tickMs: 4,
  periods: 1000,
  throttledPeriods: 800,
  dynamodbLatency: 'as published',
} as const;

describe('the lines on what was enforced', () => {
  const lines = (changes: Partial<EnforcedCpu>, memorySizeMB = 128, cores = 8) =>
    enforcedCpuLines([{ memorySizeMB, enforcedCpu: { ...ENFORCED, ...changes } }], cores).join(' ');

  test('the lines on what was enforced are none where every function ran at full speed', () => {
    expect(enforcedCpuLines([{ memorySizeMB: 128 }], 8)).toEqual([]);
  });

  test('the lines on what was enforced say that a quota was never reached', () => {
    expect(lines({ throttledPeriods: 0 })).toContain('never reached (no function used it up)');
    expect(lines({ throttledPeriods: 0, quotaUs: 20_000 }, 1769)).toContain('one thread can not use it up');
  });

  test('the lines about the enforced limit name a tick that differs from that of Lambda', () => {
    expect(lines({})).not.toContain('checks the quota');
    expect(lines({ tickMs: 1 })).toContain("checks the quota every 1 ms, Lambda's every 4 ms");
  });

  test('the lines about the enforced limit say where the system does not tell the tick of its kernel', () => {
    const { tickMs: _, ...untold } = ENFORCED;
    expect(enforcedCpuLines([{ memorySizeMB: 128, enforcedCpu: untold }], 8).join(' ')).toContain(
      'does not say how often its kernel checks the quota',
    );
  });

  test('the lines about the enforced limit name a memory size that has more cores on Lambda than this machine', () => {
    expect(lines({ quotaUs: 60_000 }, 5307, 2)).toContain(
      '5307 MB have 3.0 vCPUs on Lambda; this machine has 2.',
    );
  });

  test('the lines about the enforced limit count the runs without one, and use the latest counts of each size', () => {
    const runs = [
      { memorySizeMB: 128, enforcedCpu: ENFORCED },
      { memorySizeMB: 128, enforcedCpu: { ...ENFORCED, periods: 2000, throttledPeriods: 200 } },
      { memorySizeMB: 128 },
    ];
    const text = enforcedCpuLines(runs, 8).join(' ');
    expect(text).toContain('stopped in 10 % of their periods');
    expect(text).toContain('1 of 3 runs was NOT limited: it ran at full speed.');
  });
});

describe('a report that is not of AWS', () => {
  test('a report that is not of AWS says so first, in every format for people', async () => {
    const report = await sampleReport({ changes: { target: LOCAL }, machine: MACHINE, routes: ['cat'] });
    expect(renderTable(report, PLAIN)).toMatch(/^━━ LOCAL CLOUD, NOT AWS ━━\n/);
    expect(renderMarkdown(report)).toMatch(/^## shedbench report\n\n> \*\*LOCAL CLOUD, NOT AWS\*\*/);
    for (const text of [renderTable(report, PLAIN), renderMarkdown(report)]) {
      expect(text).toContain('Example CPU @ 3.00GHz, 8 cores, 16.0 GiB, Linux 6.1, Node 20.18.1');
      expect(text).toContain('nodejs24.x on 20.18.1, python3.14 on 3.12.4');
      expect(text).toContain('CPU was not in proportion to memory');
      expect(text.replaceAll('\n', ' ')).toContain('On AWS 128 MB get 7 % of one.');
      expect(text.replaceAll('\n', ' ')).toContain('which it does not');
    }
  });

  test('a report of an endpoint that is neither AWS nor the local cloud says so', async () => {
    const target = { kind: 'endpoint' as const, region: 'us-east-1', endpoint: 'http://localhost:4566' };
    const text = renderTable(await sampleReport({ changes: { target }, routes: ['cat'] }), PLAIN);
    expect(text).toMatch(/^━━ NOT AWS ━━\nMeasured at http:\/\/localhost:4566/);
  });

  test('a report that is not of AWS whose CPU was limited says first what was enforced', async () => {
    const changes = { target: LOCAL, enforcedCpu: ENFORCED };
    const report = await sampleReport({ changes, machine: MACHINE, routes: ['cat'] });
    const text = renderTable(report, PLAIN).replaceAll('\n', ' ');
    expect(text).toMatch(
      /^━━ LOCAL CLOUD AS LAMBDA, NOT AWS ━━ As Lambda, enforced by control groups \(version 2\), period 20 ms: 128 MB 1.447 ms \(7.2 % of a core\), verified: functions were stopped in 80 % of their periods\. /,
    );
    expect(text).toContain('Init ran at full speed. DynamoDB was reached over TLS, latency as published.');
    expect(text).not.toContain('not in proportion');
    expect(renderCsv(report)).toContain('cpu_quota_us');
  });
});

describe('CSV', () => {
  test('CSV reads as its golden file', async () => {
    expectGolden('report.csv', renderCsv(await sampleReport()));
  });

  test('CSV is one header and plain numbers, as many in every row, lines ended as RFC 4180 has it', async () => {
    const lines = renderCsv(await sampleReport()).split('\r\n');
    expect(lines.pop()).toBe('');
    const [header = '', ...rows] = lines.map((line) => line.split(','));
    expect(rows).toHaveLength(24);
    expect(new Set(header).size).toBe(header.length);
    const first = header.indexOf('count');
    for (const row of rows) {
      expect(row).toHaveLength(header.length);
      for (const cell of row.slice(first, -1)) expect(cell).toMatch(/^(-?\d+(\.\d+)?)?$/);
    }
  });

  test('CSV quotes what would break a row', async () => {
    const report = await sampleReport({ routes: ['cat'], runtimes: ['rust'] });
    const odd = { ...report, runs: report.runs.map((run) => ({ ...run, runId: 'a,"b"\nc' })) };
    expect(renderCsv(odd)).toContain(',"a,""b""\nc",');
  });
});

describe('Markdown', () => {
  test('Markdown reads as its golden file', async () => {
    expectGolden('report.md', renderMarkdown(await sampleReport({ routes: ['cat', 'wolf'] })));
  });

  test.each(BENCHES)(
    'Markdown of %s bench begins with the verdict as in its golden file',
    async (name, make) => {
      const text = renderMarkdown(await make());
      expectGolden(`report-verdict-${name}.md`, text.slice(0, text.indexOf('### Duration')));
    },
  );

  test('Markdown lets no text of others end a cell or begin a tag', async () => {
    const report = await sampleReport({ routes: ['cat'], runtimes: ['rust'] });
    const odd = { ...report, runs: report.runs.map((run) => ({ ...run, label: 'a|b<script>' })) };
    expect(renderMarkdown(odd)).toContain('| a\\|b&lt;script> |');
  });
});

describe('the summary for GitHub', () => {
  test('the summary for GitHub reads as its golden file', async () => {
    const report = await sampleReport({
      changes: { target: LOCAL },
      machine: MACHINE,
      routes: ['cat'],
      runtimes: ['node', 'rust'],
    });
    expectGolden('report.github.md', renderGithub(report));
  });

  test('the summary for GitHub has every table of the Markdown report', async () => {
    const report = await sampleReport({ routes: ['cat', 'wolf'] });
    const tables = (text: string) => text.split('\n').filter((line) => line.startsWith('|'));
    expect(tables(renderGithub(report))).toEqual(tables(renderMarkdown(report)));
  });

  test('the summary for GitHub lets no text of others end an element or begin another', async () => {
    const report = { ...(await sampleReport({ routes: ['cat'] })), baseline: 'a</summary><script>' };
    expect(renderGithub(report)).toContain('<summary>Against a&lt;/summary&gt;&lt;script&gt;</summary>');
  });
});

describe('the figures for github-action-benchmark', () => {
  const figures = async (
    report: Report,
  ): Promise<{ name: string; unit: string; value: number; extra: string }[]> =>
    JSON.parse(renderGithubBenchmark(report));

  test('the figures for github-action-benchmark are a name, a unit and a number each, as the report has them', async () => {
    const report = await sampleReport({ routes: ['cat'], runtimes: ['rust'] });
    const [run] = report.runs;
    if (run?.server.state !== 'measured' || report.cost.state !== 'priced') throw new Error('no figures');
    const { warm, cold } = run.server;
    const name = 'rust-get-cat-ackermann 128 MB arm64';
    expect((await figures(report)).map(({ name, unit, value }) => [name, unit, value])).toEqual([
      [`${name} warm p50`, 'ms', warm?.durationMs.p50],
      [`${name} warm p99`, 'ms', warm?.durationMs.p99],
      [`${name} warm billed`, 'ms', warm?.billedMs.mean],
      [`${name} warm memory`, 'MB', warm?.memoryMB.max],
      [`${name} cold p50`, 'ms', cold?.durationMs.p50],
      [`${name} cold p99`, 'ms', cold?.durationMs.p99],
      [`${name} cold billed`, 'ms', cold?.billedMs.mean],
      [`${name} cold memory`, 'MB', cold?.memoryMB.max],
      [`${name} million calls`, 'USD', report.cost.rows[0]?.totalUsd],
    ]);
  });

  test('a p99 of fewer than 100 invocations says in the figures for github-action-benchmark that it is their maximum', async () => {
    const report = await sampleReport({ routes: ['cat'], runtimes: ['rust'] });
    const [run] = report.runs;
    if (run?.server.state !== 'measured') throw new Error('no figures');
    const { warm, cold } = run.server;
    const extraOf = async (name: string) =>
      (await figures(report)).find((figure) => figure.name.endsWith(name))?.extra;
    const note = (count = 0) => (count < 100 ? ', the maximum of these' : '');
    expect(await extraOf('warm p99')).toBe(`${warm?.count} invocations in 8 rounds${note(warm?.count)}`);
    expect(await extraOf('cold p99')).toBe(`${cold?.count} invocations in 8 rounds${note(cold?.count)}`);
    expect(cold?.count).toBeLessThan(100);
    expect(await extraOf('cold p50')).not.toContain('maximum');
  });

  test('the figures for github-action-benchmark have each name once, also where a function was measured twice', async () => {
    const report = await sampleReport({ routes: ['cat'] });
    const twice = await figures({ ...report, runs: [...report.runs, ...report.runs] });
    expect(new Set(twice.map(({ name }) => name)).size).toBe(twice.length);
    expect(twice).toHaveLength((await figures(report)).length);
  });

  test('the figures for github-action-benchmark leave a run out whose rows could not be read', async () => {
    const report = await sampleReport({ routes: ['cat'], runtimes: ['rust'] });
    const unread = report.runs.map((run) => ({
      ...run,
      server: { state: 'unavailable' as const, code: 'no-rows', reason: 'none came' },
    }));
    expect(
      await figures({ ...report, runs: unread, cost: { state: 'unpriced', reason: 'x', hint: 'y' } }),
    ).toEqual([]);
  });
});

describe('JSON', () => {
  const schema = JSON.parse(
    readFileSync(new URL('../../docs/report-schema.json', import.meta.url), 'utf8'),
  ) as object;
  const validate = new Ajv2020({ allErrors: true, strict: true, allowMatchingProperties: true }).compile(
    schema,
  );

  test('JSON reads as its golden file', async () => {
    expectGolden(
      'report.json',
      renderJson(await sampleReport({ routes: ['dog'], runtimes: ['node', 'rust'], rows: 30 })),
    );
  });

  test.each(BENCHES)('JSON of %s bench holds the verdict as in its golden file', async (name, make) => {
    const { verdict, problems, standings, notes, machineDoubt } = await make();
    expect(verdict.length).toBeLessThanOrEqual(6);
    const found = { verdict, notes, machineDoubt, standings, problems };
    expectGolden(`report-verdict-${name}.json`, `${JSON.stringify(found, undefined, 2)}\n`);
  });

  test.each<readonly [string, () => Promise<Report>]>([
    ...BENCHES,
    [
      'a bench of an unpriced region',
      async () => await sampleReport({ priceRegion: 'mars-north-1', routes: ['cat'] }),
    ],
    [
      'a bench of aggregates alone',
      async () => {
        const report = await sampleReport({ routes: ['cat'] });
        return JSON.parse(renderJson(report).replaceAll(/,\n\s+"samples": \{[^}]*\}/g, '')) as Report;
      },
    ],
  ])('the JSON of %s keeps to the published schema', async (_, make) => {
    validate(JSON.parse(renderJson(await make())));
    expect(validate.errors).toBeNull();
  });

  test.each([
    ['an unknown member', (text: string) => text.replace('"queries": {', '"extra": 1, "queries": {')],
    ['another version', (text: string) => text.replace('shedbench/report@3', 'shedbench/report@4')],
    ['a missing count', (text: string) => text.replace(/"count": \d+,/, '')],
    ['a text for a number', (text: string) => text.replace(/"mean": [\d.]+/, '"mean": "fast"')],
  ])('JSON with %s does not keep to the schema', async (_, spoil) => {
    const text = renderJson(await sampleReport({ routes: ['cat'] }));
    expect(spoil(text)).not.toBe(text);
    expect(validate(JSON.parse(spoil(text)))).toBe(false);
  });

  test('JSON keeps lists of numbers on one line', async () => {
    const text = renderJson(await sampleReport({ rows: 1000, routes: ['cat'], runtimes: ['rust'] }));
    expect(text.split('\n').length).toBeLessThan(300);
  });
});

describe('a narrow terminal', () => {
  test.each([60, 80, 100, 120])(
    'a narrow terminal has no line of the report beyond its %d columns',
    async (width) => {
      for (const report of await Promise.all([decidedReport(), undecidedReport(), troubledReport()])) {
        const lines = renderTable(report, { color: false, width, wide: false }).split('\n');
        // A hint may be a command to copy: it stays on one line.
        expect(lines.filter((line) => [...line].length > width && !line.startsWith('  → '))).toEqual([]);
      }
    },
  );

  test('a narrow terminal gets the names of the columns that are left out', async () => {
    const text = renderTable(await decidedReport(), { color: false, width: 60, wide: false });
    expect(text.match(/Left out for want of room/g)?.length).toBeGreaterThanOrEqual(2);
  });
});
