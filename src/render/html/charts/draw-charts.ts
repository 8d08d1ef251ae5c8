/**
 * The script of the HTML report. It draws the charts from the data in the page, in the colours of the current theme. It
 * is bundled with uPlot into one text and loads nothing.
 */
import { spread } from './axes.ts';
import { ChartFrame } from './chart-frame.ts';
import { drawColdWarm } from './cold-warm-chart.ts';
import { drawCost } from './cost-chart.ts';
import { drawDistribution } from './distribution-chart.ts';
import { drawMemory } from './memory-chart.ts';
import { drawMemoryCurves } from './memory-curves-chart.ts';
import { drawOverTime } from './over-time-chart.ts';
import type { ChartPayload } from './payload.ts';

/** The pause after the last change of the window's width. */
const RESIZE_PAUSE_MS = 150;

function readPayload(): ChartPayload {
  const text = document.getElementById('chart-data')?.textContent;
  if (text == null) throw new Error('the page contains no chart data');
  return JSON.parse(text) as ChartPayload;
}

function drawInto(chart: string, draw: (host: HTMLElement) => void): void {
  const host = document.querySelector<HTMLElement>(`[data-chart="${chart}"]`);
  if (host === null) return;
  host.textContent = '';
  draw(host);
}

function drawAll(frame: ChartFrame): void {
  frame.clear();
  drawInto('cold-warm', (host) => drawColdWarm(frame, host));
  for (const { route, series } of frame.payload.routes) {
    const durations = series.flatMap(({ warm, cold }) => [...(warm?.x ?? []), ...(cold?.x ?? [])]);
    const range = durations.length === 0 ? ([1, 10] as [number, number]) : spread(durations);
    drawInto(`warm-${route}`, (host) => drawDistribution(frame, host, series, 'warm', range));
    drawInto(`cold-${route}`, (host) => drawDistribution(frame, host, series, 'cold', range));
    drawInto(`time-${route}`, (host) => drawOverTime(frame, host, series));
  }
  drawInto('memory', (host) => drawMemory(frame, host));
  for (const panel of frame.payload.memoryPanels ?? []) {
    drawInto(panel.chart, (host) => drawMemoryCurves(frame, host, panel));
  }
  drawInto('cost', (host) => drawCost(frame, host));
  document.documentElement.dataset.charts = String(frame.count);
}

function drawAgainWhenNeeded(frame: ChartFrame): void {
  // A printed page is light, whatever the theme of the screen. Its charts are drawn again before and after printing.
  for (const query of ['(prefers-color-scheme: dark)', 'print']) {
    matchMedia(query).addEventListener('change', () => drawAll(frame));
  }
  let width = document.documentElement.clientWidth;
  let pending: ReturnType<typeof setTimeout> | undefined;
  addEventListener('resize', () => {
    if (document.documentElement.clientWidth === width) return;
    width = document.documentElement.clientWidth;
    clearTimeout(pending);
    pending = setTimeout(() => drawAll(frame), RESIZE_PAUSE_MS);
  });
}

const frame = new ChartFrame(readPayload());
drawAll(frame);
drawAgainWhenNeeded(frame);
