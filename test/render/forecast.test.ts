import { describe, expect, test } from 'vitest';
import type { MadeForecast } from '../../src/model/forecast.ts';
import { renderJson } from '../../src/model/json-text.ts';
import type { Report } from '../../src/model/report.ts';
import {
  bandText,
  choiceText,
  renderForecast,
  renderForecastCsv,
  renderForecastMarkdown,
} from '../../src/render/forecast.ts';
import { forecastPanels } from '../../src/render/html/forecast-section.ts';
import { renderHtml } from '../../src/render/html.ts';
import { expectGolden } from './golden.ts';
import { forecastReport } from './sample-reports.ts';

async function made(): Promise<{ report: Report; forecast: MadeForecast }> {
  const report = await forecastReport();
  if (report.forecast?.state !== 'made') throw new Error('the sample has no forecast');
  return { report, forecast: report.forecast };
}

const PLAIN = { color: false, columns: 80 };

describe('the forecast', () => {
  test('the forecast on a terminal, as Markdown, as CSV and as JSON equals its golden files', async () => {
    const { report, forecast } = await made();
    expectGolden('forecast.txt', renderForecast(report, forecast, PLAIN));
    expectGolden('forecast.md', renderForecastMarkdown(report, forecast));
    expectGolden('forecast.csv', renderForecastCsv(forecast));
    const { toolVersion, measured } = report;
    expectGolden(
      'forecast.json',
      renderJson({ schema: 'shedbench/forecast@1', toolVersion, measured, ...forecast }),
    );
  });

  test('the forecast in HTML equals its golden file', async () => {
    const { report } = await made();
    const page = renderHtml(report).replaceAll(/></g, '>\n<');
    const start = page.indexOf('<section id="forecast">');
    expectGolden('forecast.html.txt', page.slice(start, page.indexOf('</section>', start)));
  });

  test('the forecast begins with the statement that it was not measured', async () => {
    const { report, forecast } = await made();
    expect(renderForecast(report, forecast, PLAIN)).toMatch(/^━━ FORECAST, NOT MEASURED ON AWS ━━\n/);
    expect(renderForecastMarkdown(report, forecast)).toMatch(/^## Forecast, not measured on AWS\n/);
  });

  test('the lines of the forecast have at most 80 columns', async () => {
    const { report, forecast } = await made();
    const lines = renderForecast(report, forecast, PLAIN).split('\n');
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(80);
  });

  test('a forecast value and its band are rounded to two significant digits', () => {
    expect(bandText({ value: 1234, low: 987, high: 1567 })).toBe('1,200 (990–1,600)');
    expect(bandText({ value: 4.125, low: 3.3, high: 5.01 })).toBe('4.1 (3.3–5.0)');
    expect(bandText(undefined)).toBe('–');
  });

  test('the forecast names the cheapest size, the fastest one, and the one above which more memory gains little', async () => {
    const { forecast } = await made();
    const [first] = forecast.functions;
    if (first === undefined) throw new Error('no function');
    expect(
      choiceText({ ...first, runtime: 'rust', cheapestMB: 128, fastestMB: 1769, enoughMB: 1024 }),
    ).toEqual(
      expect.stringMatching(
        /^rust: cheapest at 128 MB, fastest at 1,769 MB; above 1,024 MB it gains less than a tenth\. A cold start: [\d,]+ ms \([\d,]+–[\d,]+\) at 128 MB, of which init \d+ ms\.$/,
      ),
    );
    const { cheapestMB: _, initMs: __, ...unpriced } = first;
    expect(choiceText({ ...unpriced, runtime: 'rust', fastestMB: 1769, enoughMB: 1769 })).toBe(
      'rust: fastest at 1,769 MB; less memory takes a tenth longer or more.',
    );
    // No size below the smallest one was computed, so nothing is said about less memory.
    expect(choiceText({ ...unpriced, runtime: 'rust', fastestMB: 128, enoughMB: 128 })).toBe(
      'rust: fastest at 128 MB; more memory makes it no faster.',
    );
    const alone = { ...unpriced, points: first.points.slice(0, 1) };
    expect(choiceText({ ...alone, runtime: 'rust', fastestMB: 128, enoughMB: 128 })).toBe(
      'rust: fastest at 128 MB; no other size was computed.',
    );
  });

  test('the page has a curve with an error band for the time and the cost of each forecast function', async () => {
    const { forecast } = await made();
    const panels = forecastPanels(forecast, ['node', 'python', 'rust']);
    expect(panels.map(({ chart, unit }) => `${chart} ${unit}`)).toEqual([
      'forecast-cat ms',
      'forecast-cost-cat usd',
      'forecast-sheep ms',
      'forecast-cost-sheep usd',
    ]);
    for (const { curves } of panels) {
      expect(curves.map(({ name }) => name)).toEqual([0, 1, 2]);
      for (const { memoryMB, value, low = [], high = [] } of curves) {
        expect(memoryMB).toEqual([128, 256, 512, 1024, 1769, 3008]);
        value.forEach((one, index) => {
          expect(low[index]).toBeLessThanOrEqual(one);
          expect(high[index]).toBeGreaterThanOrEqual(one);
        });
      }
    }
    expect(forecastPanels({ state: 'none', reason: 'x' }, [])).toEqual([]);
  });
});
