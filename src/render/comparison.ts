import type {
  ComparedFunction,
  ComparedSide,
  Comparison,
  FailRuleOutcome,
  MetricChange,
} from '../model/comparison.ts';
import { counted, formatChangeWithin, formatCount, NO_VALUE } from '../model/number-text.ts';
import { plainName } from '../model/route.ts';
import { wrapText } from '../model/wrap-text.ts';
import { type Paint, paint } from './ansi.ts';
import { comparedFigure, comparedText } from './figures.ts';
import { type GridLine, grid, leftOutNote } from './grid.ts';
import { markdownText } from './markdown-text.ts';
import { measuredText } from './report-view.ts';

interface ChangeRow {
  readonly compared: ComparedFunction;
  readonly change: MetricChange;
  readonly isFirst: boolean;
}

/** `−12.3 % [−14.0, −10.1]`. A `~` stands before it if the change may be zero. */
function changeText({ metric, before, after, change, interval, verdict }: MetricChange): string {
  if (change === undefined || (metric === 'errors' && before === after)) {
    return before === after ? '=' : NO_VALUE;
  }
  return `${verdict === 'unclear' ? '~ ' : ''}${formatChangeWithin(change, interval)}`;
}

/**
 * The verdict on a change, such as `worse`. For an unclear change, the smallest change that would have been noticed.
 */
function wordText({ verdict, noticeable, needs }: MetricChange): string {
  if (verdict !== 'unclear') return verdict;
  if (noticeable !== undefined) return `would notice ±${Math.ceil(noticeable * 100)} %`;
  if (needs?.rounds !== undefined) return `needs ${needs.rounds} rounds`;
  if (needs?.environments !== undefined) return `needs ${needs.environments} environments`;
  return '';
}

function rowsOf(compared: ComparedFunction): ChangeRow[] {
  // Changes of metrics that were zero on both sides, such as errors, are left out.
  const told = compared.changes.filter(
    ({ metric, before, after }) =>
      comparedFigure(metric) !== undefined && (metric !== 'errors' || before > 0 || after > 0),
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
  return `${side.name} · ${place} · ${measuredText(side)} · shedbench ${side.toolVersion}`;
}

function notes(comparison: Comparison): string[] {
  const { functions, onlyBefore, onlyAfter, differences, noVerdict } = comparison;
  const notCompared = functions.flatMap(({ label, notCompared: why }) =>
    why === undefined ? [] : [`not compared: ${plainName(label)} (${why})`],
  );
  return [
    ...(noVerdict === undefined ? [] : [`NO VERDICT: ${noVerdict}`]),
    ...new Set(notCompared),
    ...differences.map((line) => `differs: ${line}`),
    ...(onlyBefore.length === 0 ? [] : [`only before: ${onlyBefore.map(plainName).join(', ')}`]),
    ...(onlyAfter.length === 0 ? [] : [`only after: ${onlyAfter.map(plainName).join(', ')}`]),
  ];
}

/** What to run for a more precise comparison. */
const TELLS_MORE: Readonly<Record<Comparison['of'], string>> = {
  benches: 'two builds in one bench (bench --against) tell more',
  builds: 'more rounds (--rounds) and calls (-c) tell more',
};

function ruleLines({ rule, state, hits }: FailRuleOutcome, of: Comparison['of'], style: Paint): string[] {
  const head = {
    passed: style.green(`✓ ${rule}`),
    failed: style.red(`✗ ${rule}`),
    unsure: style.yellow(`? ${rule}: can't tell; ${TELLS_MORE[of]}`),
  }[state];
  return [
    head,
    ...hits.map(({ label, temperature, text }) => `  ${plainName(label)} ${temperature}: ${text}`),
  ];
}

function roundsText({ rounds }: ComparedFunction): string {
  return rounds === 0 ? '' : `, ${counted(rounds, 'round')}`;
}

/** Explains the intervals and what they promise. */
function legend({ of, noVerdict }: Comparison): string {
  if (noVerdict !== undefined) return 'No intervals: the machine was not the same.';
  const holds =
    of === 'builds'
      ? 'paired round by round'
      : 'over rounds, widened by how far benches at different times lie apart';
  return `95 % intervals, each for itself, ${holds}; ~ where they hold no change.`;
}

/** Renders the comparison as text for a terminal. */
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
        `${plainName(compared.label)} ${compared.temperature} · ${formatCount(compared.beforeCount)} → ${counted(compared.afterCount, 'row')}${roundsText(compared)}`,
      ),
    },
    ...rowsOf(compared).map((row) => ({ row })),
  ]);
  const { text, dropped } = grid<ChangeRow>(
    [
      { head: '', align: 'left', cell: ({ change }) => `  ${comparedFigure(change.metric)?.heading ?? ''}` },
      { head: 'before', align: 'right', cell: ({ change }) => comparedText(change, change.before) },
      { head: 'after', align: 'right', cell: ({ change }) => comparedText(change, change.after) },
      { head: 'change', align: 'left', cell: (row) => colored(row, changeText(row.change)) },
      {
        head: 'verdict',
        align: 'left',
        cell: (row) => colored(row, wordText(row.change)),
        dropOrder: 1,
      },
    ],
    lines,
    { width: options.columns, head: style.dim },
  );
  const sections = [
    [`before  ${sideText(comparison.before)}`, `after   ${sideText(comparison.after)}`, ...notes(comparison)]
      .map((line) => wrapText(line, options.columns, { first: '', rest: '        ' }))
      .join('\n'),
    comparison.functions.length === 0 ? 'No function was measured on both sides.' : text,
    comparison.functions.length === 0
      ? ''
      : style.dim(
          [
            `${legend(comparison)} The duration of a cold start includes its init.`,
            ...(dropped.length === 0 ? [] : [leftOutNote(dropped, '--format markdown')]),
          ]
            .map((note) => wrapText(note, options.columns))
            .join('\n'),
        ),
    comparison.rules.flatMap((rule) => ruleLines(rule, comparison.of, style)).join('\n'),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** Renders the comparison as GitHub-flavoured Markdown, for example for a comment on a pull request. */
export function renderComparisonMarkdown(comparison: Comparison): string {
  const rows = comparison.functions.flatMap((compared) =>
    rowsOf(compared).map(({ change, isFirst }) =>
      [
        isFirst ? markdownText(`${plainName(compared.label)} ${compared.temperature}`) : '',
        comparedFigure(change.metric)?.heading ?? '',
        comparedText(change, change.before),
        comparedText(change, change.after),
        changeText(change),
        wordText(change),
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
      ? 'No function was measured on both sides.'
      : [
          '| function | metric | before | after | change | |',
          '| :-- | :-- | --: | --: | :-- | :-- |',
          ...rows.map((row) => `| ${row} |`),
        ].join('\n'),
    comparison.functions.length === 0 ? '' : legend(comparison),
    comparison.rules
      .flatMap((rule) =>
        ruleLines(rule, comparison.of, plain).map((line) =>
          line.startsWith(' ') ? `  - ${markdownText(line.trim())}` : `- ${markdownText(line)}`,
        ),
      )
      .join('\n'),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}
