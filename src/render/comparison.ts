import type {
  ComparedFunction,
  ComparedMetric,
  ComparedSide,
  Comparison,
  FailRuleOutcome,
  MetricChange,
} from '../model/report.ts';
import { type Paint, paint } from './ansi.ts';
import { type GridLine, grid } from './grid.ts';
import { markdownText } from './markdown-text.ts';
import { formatAmount, formatChange, formatCount, formatShare, NO_VALUE } from './numbers.ts';
import { formatTime } from './report-view.ts';

/** What a table shows; the JSON has all metrics. */
const SHOWN: readonly ComparedMetric[] = ['p50', 'p99', 'init', 'billed', 'memory', 'errors'];
const NAMES: Readonly<Record<ComparedMetric, string>> = {
  p50: 'p50 ms',
  p90: 'p90 ms',
  p99: 'p99 ms',
  avg: 'avg ms',
  max: 'max ms',
  init: 'init ms',
  billed: 'billed ms',
  memory: 'memory MB',
  errors: 'failed',
};

interface ChangeRow {
  readonly compared: ComparedFunction;
  readonly change: MetricChange;
  readonly isFirst: boolean;
}

function valueText({ metric }: MetricChange, value: number): string {
  return metric === 'errors' ? formatShare(value) : formatAmount(value);
}

/** `−12.3 % [−14.0, −10.1]`, with `~` before it where the interval spans no change. */
function changeText({ change, interval, verdict }: MetricChange): string {
  if (verdict === 'same') return '=';
  if (change === undefined) return NO_VALUE;
  const bound = (value: number) => formatChange(value).replace(' %', '');
  const range = interval === undefined ? '' : ` [${bound(interval.low)}, ${bound(interval.high)}]`;
  return `${verdict === 'unclear' ? '~ ' : ''}${formatChange(change)}${range}`;
}

const WORDS = { better: 'better', worse: 'worse', same: '', unclear: '' } as const;

function rowsOf(compared: ComparedFunction): ChangeRow[] {
  // A function that never failed on either side has nothing to say about it.
  const told = compared.changes.filter(
    ({ metric, before, after }) => SHOWN.includes(metric) && (metric !== 'errors' || before > 0 || after > 0),
  );
  return told.map((change, index) => ({ compared, change, isFirst: index === 0 }));
}

function sideText(side: ComparedSide): string {
  const place =
    side.targetKind === 'aws'
      ? (side.region ?? 'AWS')
      : side.targetKind === 'local'
        ? 'LOCAL CLOUD, NOT AWS'
        : 'NOT AWS';
  return `${side.name} · ${place} · ${formatTime(side.createdAtEpochMs)} · shedbench ${side.toolVersion}`;
}

function notes(comparison: Comparison): string[] {
  const { onlyBefore, onlyAfter, differences } = comparison;
  return [
    ...differences.map((line) => `differs: ${line}`),
    ...(onlyBefore.length === 0 ? [] : [`only before: ${onlyBefore.join(', ')}`]),
    ...(onlyAfter.length === 0 ? [] : [`only after: ${onlyAfter.join(', ')}`]),
  ];
}

function ruleLines({ rule, state, hits }: FailRuleOutcome, style: Paint): string[] {
  const head = {
    passed: style.green(`✓ ${rule}`),
    failed: style.red(`✗ ${rule}`),
    unproven: style.yellow(
      `! ${rule}: over the threshold, but not told from noise; more calls (-c) would tell`,
    ),
  }[state];
  return [head, ...hits.map(({ label, temperature, text }) => `  ${label} ${temperature}: ${text}`)];
}

/** The comparison as text for a terminal. */
export function renderComparison(
  comparison: Comparison,
  options: { readonly columns: number; readonly color: boolean },
): string {
  const style = paint(options.color);
  const colored = (row: ChangeRow, text: string) =>
    row.change.verdict === 'better'
      ? style.green(text)
      : row.change.verdict === 'worse'
        ? style.red(text)
        : text;
  const lines = comparison.functions.flatMap((compared): GridLine<ChangeRow>[] => [
    {
      across: style.bold(
        `${compared.label} ${compared.temperature} · ${formatCount(compared.beforeCount)} → ${formatCount(compared.afterCount)} rows`,
      ),
    },
    ...rowsOf(compared).map((row) => ({ row })),
  ]);
  const { text } = grid<ChangeRow>(
    [
      { head: '', align: 'left', cell: ({ change }) => `  ${NAMES[change.metric]}` },
      { head: 'before', align: 'right', cell: ({ change }) => valueText(change, change.before) },
      { head: 'after', align: 'right', cell: ({ change }) => valueText(change, change.after) },
      { head: 'change', align: 'left', cell: (row) => colored(row, changeText(row.change)) },
      { head: '', align: 'left', cell: (row) => colored(row, WORDS[row.change.verdict]) },
    ],
    lines,
    { width: options.columns, head: style.dim },
  );
  const sections = [
    [
      `before  ${sideText(comparison.before)}`,
      `after   ${sideText(comparison.after)}`,
      ...notes(comparison),
    ].join('\n'),
    comparison.functions.length === 0 ? 'The two have no function in common.' : text,
    comparison.functions.length === 0
      ? ''
      : style.dim(
          '95 % bootstrap intervals; ~ where they span no change. Duration holds a cold start’s init.',
        ),
    comparison.rules.flatMap((rule) => ruleLines(rule, style)).join('\n'),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** The comparison as GitHub-flavoured Markdown, as for a comment on a pull request. */
export function renderComparisonMarkdown(comparison: Comparison): string {
  const rows = comparison.functions.flatMap((compared) =>
    rowsOf(compared).map(({ change, isFirst }) =>
      [
        isFirst ? markdownText(`${compared.label} ${compared.temperature}`) : '',
        NAMES[change.metric],
        valueText(change, change.before),
        valueText(change, change.after),
        changeText(change),
        WORDS[change.verdict],
      ].join(' | '),
    ),
  );
  const plain = paint(false);
  const sections = [
    '## shedbench compare',
    [
      `- before: ${markdownText(sideText(comparison.before))}`,
      `- after: ${markdownText(sideText(comparison.after))}`,
      ...notes(comparison).map((line) => `- ${markdownText(line)}`),
    ].join('\n'),
    comparison.functions.length === 0
      ? 'The two have no function in common.'
      : [
          '| function | metric | before | after | change | |',
          '| :-- | :-- | --: | --: | :-- | :-- |',
          ...rows.map((row) => `| ${row} |`),
        ].join('\n'),
    comparison.functions.length === 0 ? '' : '95 % bootstrap intervals; ~ where they span no change.',
    comparison.rules
      .flatMap((rule) =>
        ruleLines(rule, plain).map((line) =>
          line.startsWith(' ') ? `  - ${markdownText(line.trim())}` : `- ${markdownText(line)}`,
        ),
      )
      .join('\n'),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}
