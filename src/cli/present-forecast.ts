import type { ForecastReport } from '../commands/forecast.ts';
import type { ExitCode } from '../errors.ts';
import type { CommandDeps } from '../model/command.ts';
import { FORECAST_SCHEMA } from '../model/forecast.ts';
import { withVisibleText } from '../model/visible-text.ts';
import type { Printable, TextStyle } from './host.ts';
import { FILE_STYLE, singleOutput, writeOutput } from './present-report.ts';
import type { ReportFlags, ReportFormat } from './shared-options.ts';

/** Prints a forecast in the chosen format on stdout, or writes it to a file and prints the table. */
export async function presentForecast(
  exitCode: ExitCode,
  data: ForecastReport,
  flags: Pick<ReportFlags, 'format' | 'output'>,
  deps: Pick<CommandDeps, 'cwd' | 'emit'>,
): Promise<Printable<ForecastReport>> {
  const { format, output } = singleOutput(flags);
  if (output !== undefined) {
    const shown = format === 'json' ? data : withVisibleText(data);
    await writeOutput(output, await renderAs(format, shown, FILE_STYLE), deps);
    deps.emit({ type: 'note', message: `The forecast is in ${output}` });
  }
  const onStdout = output === undefined ? format : 'table';
  return {
    exitCode,
    data,
    json: async () => await renderAs('json', data, FILE_STYLE),
    text: (visible, style) => renderAs(onStdout, onStdout === 'json' ? data : visible, style),
  };
}

async function renderAs(format: ReportFormat, data: ForecastReport, style: TextStyle): Promise<string> {
  if (format === 'html') return (await import('../render/html.ts')).renderHtml(data);
  if (format === 'json') {
    const { toolVersion, measured, forecast } = data;
    const { renderJson } = await import('../model/json-text.ts');
    return renderJson({ schema: FORECAST_SCHEMA, toolVersion, measured, ...forecast });
  }
  const { renderForecast, renderForecastCsv, renderForecastMarkdown } = await import('../render/forecast.ts');
  if (format === 'csv') return renderForecastCsv(data.forecast);
  return format === 'markdown'
    ? renderForecastMarkdown(data, data.forecast)
    : renderForecast(data, data.forecast, style);
}
