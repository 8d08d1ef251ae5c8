import { EXIT, ShedbenchError, usageError } from '../errors.ts';
import { forecastRuns } from '../forecast/forecast-report.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import type { MadeForecast } from '../model/forecast.ts';
import type { Report } from '../model/report.ts';
import type { Architecture } from '../model/target.ts';
import { checkPriceRegion } from '../report/cost/cost.ts';
import { lambdaPricesOf } from '../report/cost/prices.ts';
import { type ReportOptions, reportOnRecords, runsToReport } from './report.ts';

export interface ForecastOptions extends Omit<ReportOptions, 'waitSeconds' | 'baseline' | 'percentiles'> {
  /** Memory sizes, ascending, in MB. */
  readonly sizesMB?: readonly number[];
  readonly architecture?: Architecture;
}

/** A report of runs on the local cloud, with the forecast. */
export type ForecastReport = Report & { readonly forecast: MadeForecast };

/**
 * Forecasts Lambda's durations for runs on the local cloud, at other memory sizes or on the other architecture.
 * Without ids it uses the latest local run of each route and runtime. Errors of the report, such as missing rows, are
 * told as warnings, and give its exit code.
 *
 * @throws ShedbenchError as `report`; `nothing-to-forecast` (exit 2) for runs on AWS; `no-forecast` (exit 1) if the
 * CPU times of the runs are not known
 */
export async function forecast(
  options: ForecastOptions,
  deps: CommandDeps,
): Promise<CommandResult<ForecastReport>> {
  checkPriceRegion(options.priceRegion);
  const asked = { ...options, local: true };
  const runs = await runsToReport(asked, deps);
  if (runs.some(({ target }) => target.kind !== 'local')) {
    throw usageError(
      'nothing-to-forecast',
      'A forecast is made from runs on the local cloud, and these are not.',
      'shedbench forecast --local, or: shedbench report',
    );
  }
  const { exitCode, data } = await reportOnRecords(runs, asked, deps);
  const usual = data.forecast;
  const { architecture, sizesMB, priceRegion } = options;
  const prices = lambdaPricesOf(priceRegion ?? data.target.region ?? '');
  const made =
    usual?.state !== 'made' || (architecture === undefined && sizesMB === undefined)
      ? usual
      : forecastRuns(data.runs, {
          calibrations: usual.calibrations,
          ...(sizesMB === undefined ? {} : { sizesMB }),
          ...(architecture === undefined ? {} : { architecture }),
          ...(prices === undefined ? {} : { prices }),
        });
  if (made?.state !== 'made') {
    throw new ShedbenchError({
      code: 'no-forecast',
      message: `There is no forecast: ${made?.reason ?? 'nothing was measured'}.`,
      hint: 'shedbench bench --local makes new runs',
      exitCode: EXIT.fellShort,
    });
  }
  // The pages of a forecast don't have the problems of the report that it is made from.
  for (const { severity, code, message, hint } of data.problems) {
    if (severity !== 'error') continue;
    deps.emit({ type: 'warning', code, message, ...(hint === undefined ? {} : { hint }) });
  }
  return { exitCode, data: { ...data, forecast: made } };
}
