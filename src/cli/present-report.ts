import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { type ExitCode, usageError } from '../errors.ts';
import type { CommandDeps } from '../model/command.ts';
import type { Comparison } from '../model/comparison.ts';
import type { Report } from '../model/report.ts';
import { escapeControls, withVisibleText } from '../model/visible-text.ts';
import type { ComparisonFormat } from './comparison-formats.ts';
import type { Printable, TextStyle } from './host.ts';
import { REPORT_FORMATS, type ReportFlags, type ReportFormat } from './shared-options.ts';

/** What a file's ending says of the format. */
const FORMAT_OF_ENDING: Readonly<Record<string, ReportFormat>> = {
  '.txt': 'table',
  '.json': 'json',
  '.csv': 'csv',
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.html': 'html',
  '.htm': 'html',
};

/** Columns of a table that is written to a file. */
export const FILE_STYLE: TextStyle = { color: false, columns: 100 };

/**
 * A report as it was asked for: on stdout in its format, or in a file, with the table on stdout beside it.
 *
 * @throws usageError `unknown-ending` before anything is written
 */
export async function presentReport(
  exitCode: ExitCode,
  report: Report,
  flags: ReportFlags,
  deps: Pick<CommandDeps, 'cwd' | 'emit'>,
): Promise<Printable<Report>> {
  const format = reportFormat(flags);
  const wide = flags.wide === true;
  if (flags.output !== undefined) {
    const path = resolve(deps.cwd, flags.output);
    await writeFile(
      path,
      await renderAs(format, format === 'json' ? report : withVisibleText(report), FILE_STYLE, wide),
    );
    deps.emit({ type: 'note', message: `The report is in ${flags.output}` });
  }
  const shown = flags.output === undefined ? format : 'table';
  return {
    exitCode,
    data: report,
    json: async () => await renderAs('json', report, FILE_STYLE, wide),
    text: (visible, style) => renderAs(shown, shown === 'json' ? report : visible, style, wide),
  };
}

/**
 * Refuses what could not be written in the end, before the work begins.
 *
 * @throws usageError `unknown-ending`, `no-such-folder`
 */
export function checkReportFlags(flags: Pick<ReportFlags, 'format' | 'output'>): void {
  reportFormat(flags);
  if (flags.output === undefined) return;
  const folder = dirname(resolve(flags.output));
  if (!existsSync(folder)) {
    throw usageError(
      'no-such-folder',
      `The folder ${folder} for the report is not there.`,
      `mkdir -p ${folder}`,
    );
  }
}

/** The format that the flags name. @throws usageError `unknown-ending` */
export function reportFormat(flags: Pick<ReportFlags, 'format' | 'output'>): ReportFormat {
  if (flags.format !== undefined) return flags.format;
  if (flags.output === undefined) return 'table';
  const format = FORMAT_OF_ENDING[extname(flags.output).toLowerCase()];
  if (format === undefined) {
    throw usageError(
      'unknown-ending',
      `The ending of '${flags.output}' names no format.`,
      `End it in ${Object.keys(FORMAT_OF_ENDING).join(', ')}, or add --format ${REPORT_FORMATS.join('|')}`,
    );
  }
  return format;
}

async function renderAs(
  format: ReportFormat,
  report: Report,
  style: TextStyle,
  wide: boolean,
): Promise<string> {
  switch (format) {
    case 'table':
      return (await import('../render/report-table.ts')).renderTable(report, {
        color: style.color,
        width: style.columns,
        wide,
      });
    case 'json':
      return (await import('../model/json-text.ts')).renderJson(report);
    case 'csv':
      return (await import('../render/csv.ts')).renderCsv(report);
    case 'insights':
      return (await import('../render/insights.ts')).renderInsights(report);
    case 'markdown':
      return (await import('../render/markdown.ts')).renderMarkdown(report);
    case 'html':
      return (await import('../render/html.ts')).renderHtml(report);
    case 'power-tuning':
      return powerTuning(report);
    case 'github':
      return (await import('../render/markdown.ts')).renderGithub(report);
    case 'github-benchmark':
      return (await import('../render/github-benchmark.ts')).renderGithubBenchmark(report);
  }
}

/** @throws usageError `no-sweep` where the report holds no function at several memory sizes */
async function powerTuning(report: Report): Promise<string> {
  const text = (await import('../render/power-tuning.ts')).renderPowerTuning(report);
  if (text !== '') return text;
  throw usageError(
    'no-sweep',
    'This report holds no function at several memory sizes: there is no curve to link to.',
    'shedbench bench --memory 128,512,1024,1769 measures one',
  );
}

/** A comparison as it was asked for, on stdout. */
export function presentComparison(
  exitCode: ExitCode,
  comparison: Comparison,
  format: ComparisonFormat,
): Printable<Comparison> {
  return {
    exitCode,
    data: comparison,
    text: async (visible, style) => {
      if (format === 'json') return `${escapeControls(JSON.stringify(comparison, undefined, 2))}\n`;
      const { renderComparison, renderComparisonMarkdown } = await import('../render/comparison.ts');
      return format === 'markdown' ? renderComparisonMarkdown(visible) : renderComparison(visible, style);
    },
  };
}
