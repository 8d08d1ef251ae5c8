import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { type ExitCode, fileError, usageError } from '../errors.ts';
import type { CommandDeps } from '../model/command.ts';
import type { Comparison } from '../model/comparison.ts';
import type { Report } from '../model/report.ts';
import { noCurve } from '../model/sweep.ts';
import { escapeControls, withVisibleText } from '../model/visible-text.ts';
import { writeOpenedPage } from '../store/opened-page.ts';
import { PLACES } from '../store/places.ts';
import type { ComparisonFormat } from './comparison-formats.ts';
import type { Printable, TextStyle } from './host.ts';
import { REPORT_FORMATS, type ReportFlags, type ReportFormat } from './shared-options.ts';

/** The formats by the ending of a file's name. */
const FORMAT_OF_ENDING: Readonly<Record<string, ReportFormat>> = {
  '.txt': 'table',
  '.json': 'json',
  '.csv': 'csv',
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.html': 'html',
  '.htm': 'html',
};

/** The width of a table that is written to a file, in characters. */
export const FILE_STYLE: TextStyle = { color: false, columns: 100 };

/**
 * Prints a report in the chosen format on stdout, or writes it to files and prints the table.
 *
 * @throws usageError `unknown-ending` before anything is written
 */
export async function presentReport(
  exitCode: ExitCode,
  report: Report,
  flags: ReportFlags,
  deps: Pick<CommandDeps, 'cwd' | 'emit'>,
): Promise<Printable<Report>> {
  const files = filesOf(flags);
  const wide = flags.wide === true;
  for (const { name, format } of files) {
    const shown = format === 'json' ? report : withVisibleText(report);
    await writeOutput(name, await renderAs(format, shown, FILE_STYLE, wide), deps);
    deps.emit({ type: 'note', message: `The report is in ${name}` });
  }
  const page = files.find(({ format }) => format === 'html');
  if (flags.open === true && page !== undefined) await openPage(resolve(deps.cwd, page.name), deps);
  const shown = (flags.output ?? []).length === 0 ? (flags.format ?? 'table') : 'table';
  return {
    exitCode,
    data: report,
    json: async () => await renderAs('json', report, FILE_STYLE, wide),
    text: (visible, style) => renderAs(shown, shown === 'json' ? report : visible, style, wide),
  };
}

/** Writes a file that was asked for, also the page that `--open` shows without `-o`. @throws a system error */
export async function writeOutput(
  name: string,
  text: string,
  { cwd }: Pick<CommandDeps, 'cwd'>,
): Promise<void> {
  if (name === PLACES.openedPage) await writeOpenedPage(cwd, text);
  else await writeFile(resolve(cwd, name), text);
}

/**
 * Refuses output that can't be written, before the work begins.
 *
 * @param outIsTerminal whether stdout is a terminal, where a page's source would fill the screen
 * @throws usageError `unknown-ending`, `no-such-folder`, `file-trouble`, `page-on-terminal`, `no-effect`
 */
export function checkReportFlags(flags: ReportFlags, outIsTerminal: boolean): void {
  for (const { name } of filesOf({ ...flags, open: false })) {
    checkOutputFile(resolve(name));
  }
  const isOnStdout = (flags.output ?? []).length === 0;
  if (flags.format === 'html' && isOnStdout && outIsTerminal && flags.open !== true && flags.json !== true) {
    throw usageError(
      'page-on-terminal',
      '--format html writes the source of a page, and stdout is a terminal.',
      '-o report.html writes it to a file; --open shows it in the browser',
    );
  }
  if (flags.wide === true && isOnStdout && flags.format !== undefined && flags.format !== 'table') {
    throw usageError(
      'no-effect',
      `--wide is for the table alone; it has no effect with --format ${flags.format}.`,
      'Leave it out',
    );
  }
}

/**
 * Refuses a file that can't be written, before the work begins.
 *
 * @throws usageError `no-such-folder`, and `file-trouble` for a folder in its place or a missing permission
 */
function checkOutputFile(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) {
    throw usageError(
      'no-such-folder',
      `The folder ${folder} for the report is not there.`,
      `mkdir -p ${folder}`,
    );
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw usageError('file-trouble', `${path} is a folder, not a file.`, `-o ${path}/report.html`);
  }
  try {
    accessSync(existsSync(path) ? path : folder, constants.W_OK);
  } catch (error) {
    throw fileError(error) ?? error;
  }
}

/** The files to write, each in its format. @throws usageError `unknown-ending` */
function filesOf(flags: ReportFlags): { readonly name: string; readonly format: ReportFormat }[] {
  const files = (flags.output ?? []).map((name) => ({ name, format: flags.format ?? formatOf(name) }));
  const hasPage = files.some(({ format }) => format === 'html');
  return flags.open === true && !hasPage ? [...files, { name: PLACES.openedPage, format: 'html' }] : files;
}

/**
 * The name and format of the output, if at most one file is written. @throws usageError `unknown-ending`, `one-file`
 */
export function singleOutput(flags: ReportFlags): {
  readonly format: ReportFormat;
  readonly output?: string;
} {
  const [file, ...others] = filesOf(flags);
  if (others.length > 0) throw usageError('one-file', '-o/--output names one file here.', 'Give one of them');
  if (file === undefined) return { format: flags.format ?? 'table' };
  return { format: file.format, output: file.name };
}

/** The format that a file's ending names. @throws usageError `unknown-ending` */
function formatOf(name: string): ReportFormat {
  const format = FORMAT_OF_ENDING[extname(name).toLowerCase()];
  if (format === undefined) {
    throw usageError(
      'unknown-ending',
      `The ending of '${name}' names no format.`,
      `End it in ${Object.keys(FORMAT_OF_ENDING).join(', ')}, or add --format ${REPORT_FORMATS.join('|')}`,
    );
  }
  return format;
}

/** The program that opens a file with its default application, by platform. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Shows a page in the browser. If there is none, as on a server, a note names the file. */
export async function openPage(path: string, deps: Pick<CommandDeps, 'emit'>): Promise<void> {
  const [program = '', ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, path], { stdio: 'ignore', detached: true });
  const wasStarted = await new Promise<boolean>((settle) => {
    child.once('spawn', () => settle(true));
    child.once('error', () => settle(false));
  });
  child.unref();
  if (wasStarted) return;
  deps.emit({ type: 'note', message: `No browser could be started (${program}): open file://${path}` });
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

/**
 * Returns the link to the curves. @throws usageError `no-sweep` if no function of the report was measured at several
 * memory sizes
 */
async function powerTuning(report: Report): Promise<string> {
  const text = (await import('../render/power-tuning.ts')).renderPowerTuning(report);
  if (text !== '') return text;
  throw noCurve('This report');
}

/** Prints a comparison in the chosen format on stdout. */
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
