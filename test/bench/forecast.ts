/**
 * Holds the forecast against public measurements of Lambda and prints errors and ratios, no times:
 * npm run bench:forecast -- [--model]
 * With --model only the model is held against data, which takes a second. Otherwise local runs are made too, which takes
 * some minutes; the rows of Rust need cargo or built binaries.
 */
import { cpus } from 'node:os';
import { asPublishedForecast, asPublishedReport, publishedRows, ratioRows } from './forecast/as-published.ts';
import { burstRows } from './forecast/bursts-here.ts';
import { type EnforcedRow, enforcedRows } from './forecast/enforced.ts';
import { helloReport, initRows } from './forecast/hello-init.ts';
import { eurosysError, lightError } from './forecast/model-error.ts';
import { hasPublicData } from './forecast/public-data.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const signed = (ratio: number) => `${ratio < 1 ? '−' : '+'}${percent(Math.abs(ratio - 1))}`;
const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;

function sayModel(): void {
  const [eurosys, light] = [eurosysError(), lightError()];
  say(
    `model against eurosys26, ${eurosys.rows.length} sizes below 1769 MB: ${percent(eurosys.meanAbsoluteError)} (goal 7 %, stretch 4 %)`,
  );
  say(
    `model against cebert light, ${light.rows.length} rows: ${percent(light.meanAbsoluteError)} (goal 12 %, stretch 8 %)`,
  );
}

/** What the kernel does to single bursts: the error of the model without any function. */
async function sayBursts(): Promise<void> {
  const rows = (await burstRows()) ?? [];
  if (rows.length === 0) return;
  for (const { sizeMs, elapsedMs, modelHereMs, modelOnLambdaMs } of rows) {
    say(
      `  bursts of ${sizeMs} ms: model / measured ${(modelHereMs / elapsedMs).toFixed(2)}, with Lambda's places in a period ${(modelOnLambdaMs / elapsedMs).toFixed(2)}`,
    );
  }
  const error = (model: (row: (typeof rows)[number]) => number) =>
    percent(rows.reduce((sum, row) => sum + Math.abs(model(row) / row.elapsedMs - 1), 0) / rows.length);
  say(
    `model against bursts under this kernel at 128 MB, medians: mean error ${error((row) => row.modelHereMs)}, with Lambda's places ${error((row) => row.modelOnLambdaMs)}`,
  );
}

async function sayEnforced(): Promise<void> {
  const rows = await enforcedRows();
  if (rows === undefined) {
    say(
      'forecast against --as-lambda: this system can not enforce a CPU share (shedbench local start --as-lambda says why)',
    );
    return;
  }
  const { fullSpeed, wholeCore, itself } = rows;
  const ratioIn = (others: readonly EnforcedRow[], label: string) => {
    const row = others.find((one) => one.label === label);
    return row === undefined ? 'none' : (row.forecastMs / row.enforcedMs).toFixed(2);
  };
  for (const { label, cpuMs, enforcedCpuMs } of fullSpeed) {
    say(
      `  ${label}: CPU time enforced / full speed ${(enforcedCpuMs / cpuMs).toFixed(2)}; forecast / enforced ${ratioIn(fullSpeed, label)}, from a whole core ${ratioIn(wholeCore, label)}, from the enforced CPU time ${ratioIn(itself, label)}`,
    );
  }
  say(
    `forecast for 128 MB against --as-lambda, warm p50 of ${fullSpeed.length} functions: mean error ${percent(meanError(fullSpeed))} (goal 15 %, stretch 8 %); from runs with a whole core and TLS ${percent(meanError(wholeCore))}, from the enforced CPU time ${percent(meanError(itself))}`,
  );
}

function meanError(rows: readonly EnforcedRow[]): number {
  const errors = rows.map(({ forecastMs, enforcedMs }) => Math.abs(forecastMs / enforcedMs - 1));
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

async function sayPublished(): Promise<void> {
  const report = await asPublishedReport();
  const forecast = asPublishedForecast(report);
  for (const { language, hashNs, version } of forecast.calibrations) {
    say(`  calibration: ${language} ${version ?? ''} ${hashNs.toFixed(0)} ns a hash`);
  }
  const rows = publishedRows(forecast);
  for (const { runtime, route, publishedMs, forecastMs, lowMs, highMs } of rows) {
    const isWithin = publishedMs >= lowMs && publishedMs <= highMs;
    say(
      `  ${route} ${runtime}: forecast / published ${(forecastMs / publishedMs).toFixed(2)}, ${isWithin ? 'within' : 'outside'} the band`,
    );
  }
  const ratios = rows.map((row) => row.forecastMs / row.publishedMs);
  say(
    `as published, ${rows.length} of 8 warm rows: worst ${signed(ratios.reduce((worst, one) => (Math.abs(Math.log(one)) > Math.abs(Math.log(worst)) ? one : worst), 1))}, median error ${percent(median(ratios.map((ratio) => Math.abs(ratio - 1))))} (goal: each within a factor of 2, median 30 %; stretch: 35 %, 20 %)`,
  );
  for (const { route, published, forecast: own, factor } of ratioRows(rows)) {
    say(
      `Python to Rust, ${route}: forecast ${own.toFixed(1)}, published ${published.toFixed(1)}, ${signed(factor)} (goal: within a factor of 1.6; stretch ±25 %)`,
    );
  }
}

async function sayInits(): Promise<void> {
  const report = await helloReport();
  if (report.forecast?.state !== 'made') throw new Error('the report has no forecast');
  for (const { runtime, measuredMs, forecastMs } of initRows(report, report.forecast)) {
    say(
      `init against lambda-perf, ${runtime}: ${signed(forecastMs / measuredMs)} (goal ±30 %, stretch ±15 %)`,
    );
  }
}

if (!hasPublicData()) {
  say('The public measurements are not beside the checkout (../shared/data): nothing to hold.');
} else {
  say(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${new Date().toISOString().slice(0, 10)}`,
  );
  sayModel();
  if (!process.argv.includes('--model')) {
    await sayBursts();
    await sayEnforced();
    await sayPublished();
    await sayInits();
  }
}
