import { resolve } from 'node:path';
import { type ExitCode, usageError } from '../errors.ts';
import type { CommandDeps } from '../model/command.ts';
import type { History } from '../model/history.ts';
import { withVisibleText } from '../model/visible-text.ts';
import type { Printable } from './host.ts';
import { openPage, singleOutput, writeOutput } from './present-report.ts';
import type { ReportFlags } from './shared-options.ts';

type HistoryFormat = 'table' | 'json' | 'html';

/** Refuses a format that a history does not have, before the work begins. @throws usageError `no-such-history` */
export function checkHistoryFormat(flags: ReportFlags): void {
  historyFormat(flags);
}

function historyFormat(flags: ReportFlags): HistoryFormat {
  const { format } = singleOutput(flags);
  if (format === 'table' || format === 'json' || format === 'html') return format;
  throw usageError(
    'no-such-history',
    `A history is written as table, json or html, not as ${format}.`,
    'shedbench report --history -o history.html',
  );
}

/** Prints a history in the chosen format on stdout, or writes it to a file and prints the text. */
export async function presentHistory(
  exitCode: ExitCode,
  history: History,
  flags: ReportFlags,
  deps: Pick<CommandDeps, 'cwd' | 'emit'>,
): Promise<Printable<History>> {
  const format = historyFormat(flags);
  const { output } = singleOutput(flags);
  if (output === undefined) {
    return { exitCode, data: history, text: (shown, style) => renderAs(format, history, shown, style) };
  }
  const text = await renderAs(format, history, withVisibleText(history), { color: false });
  await writeOutput(output, text, deps);
  deps.emit({ type: 'note', message: `The history is in ${output}` });
  if (flags.open === true) await openPage(resolve(deps.cwd, output), deps);
  return { exitCode, data: history, text: (shown, style) => renderAs('table', history, shown, style) };
}

async function renderAs(
  format: HistoryFormat,
  history: History,
  visible: History,
  style: { readonly color: boolean },
): Promise<string> {
  if (format === 'json') return `${JSON.stringify(history, undefined, 2)}\n`;
  if (format === 'html') return (await import('../render/history-page.ts')).renderHistoryPage(visible);
  return (await import('../render/history.ts')).renderHistory(visible, style);
}
