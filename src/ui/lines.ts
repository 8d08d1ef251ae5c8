import type { LoadProgress, ProgressEvent, WholeProgress } from '../model/events.ts';
import { counted, formatUsd, groupThousands } from '../model/number-text.ts';

/** A count or a rate with commas between thousands: `1,234`. */
export function grouped(value: number): string {
  return groupThousands(value);
}

/** A remaining or elapsed time in ms, as `0.4 s`, `0:07`, `12:30` or `1:02:03`. */
export function clock(ms: number): string {
  if (ms < 950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.max(0, Math.round(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = String(seconds % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** Longer estimates are rounded to multiples of 5 s, because they are not more exact. */
const COARSE_FROM_MS = 20_000;
const COARSE_STEP_MS = 5000;

/** An estimated time: `about 0:40`. */
export function about(ms: number): string {
  return `about ${clock(ms < COARSE_FROM_MS ? ms : Math.round(ms / COARSE_STEP_MS) * COARSE_STEP_MS)}`;
}

/** The position of a load among all loads: `load 3 of 12 · about 0:40 left in all`. */
export function wholeText({ load, of, leftMs }: WholeProgress): string {
  return `load ${load} of ${of} · ${about(leftMs)} left in all`;
}

/** The planned work, before it begins: `12 loads, 13,200 calls: about 0:40 until the report (by typical figures)`. */
export function estimateLine(event: Extract<ProgressEvent, { type: 'work-estimate' }>): string {
  const { loads, calls, expectedMs, until, expectedUsd, basis } = event;
  const what = `${counted(loads, 'load')}${calls === undefined ? '' : `, ${counted(calls, 'call')}`}`;
  const cost = expectedUsd === undefined ? '' : `, on AWS about ${formatUsd(expectedUsd)}`;
  const source = basis === 'earlier-run' ? 'by earlier runs of this folder' : 'by typical figures';
  const end = until === 'report' ? 'until the report' : 'until the last call';
  return `${what}: ${about(expectedMs)} ${end}${cost} (${source})`;
}

/** A latency in ms with its significant digits: `0.42 ms`, `12.3 ms`, `250 ms`, `4.27 s`. */
export function latency(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms >= 100) return `${ms.toFixed(0)} ms`;
  return `${ms.toFixed(ms >= 10 ? 1 : 2)} ms`;
}

/** A bar of `width` cells, filled up to `share` (0 to 1). Its characters exist in every terminal font. */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
}

/** The finished share of a load, 0 to 1. Undefined if neither calls nor time bound it. */
export function shareDone(progress: LoadProgress): number | undefined {
  if (progress.callsPlanned !== undefined && progress.callsPlanned > 0) {
    return progress.callsDone / progress.callsPlanned;
  }
  if (progress.leftMs !== undefined && progress.elapsedMs + progress.leftMs > 0) {
    return progress.elapsedMs / (progress.elapsedMs + progress.leftMs);
  }
  return undefined;
}

/** The figures that a load's line omits if it is too long, in this order. */
const FIRST_LEFT_OUT = ['p99', 'p50', 'rate'] as const;

/**
 * The text after the progress bar of a load: calls, rate, latency so far, failures, remaining time.
 *
 * @param columns the largest length in characters; if the text is longer, the latencies and the rate are omitted
 */
export function loadFigures(progress: LoadProgress, columns = Number.POSITIVE_INFINITY): string {
  const figures = new Map<string, string>([
    [
      'calls',
      progress.callsPlanned === undefined
        ? counted(progress.callsDone, 'call')
        : `${grouped(progress.callsDone)}/${grouped(progress.callsPlanned)}`,
    ],
    ['rate', `${grouped(progress.ratePerSecond)}/s`],
  ]);
  if (progress.p50Ms !== undefined) figures.set('p50', `p50 ${latency(progress.p50Ms)}`);
  if (progress.p99Ms !== undefined) figures.set('p99', `p99 ${latency(progress.p99Ms)}`);
  figures.set('errors', counted(progress.errors, 'error'));
  if (progress.unexpected > 0) figures.set('unexpected', `${grouped(progress.unexpected)} unexpected`);
  if (progress.leftMs !== undefined) figures.set('left', `${clock(progress.leftMs)} left`);
  const text = (): string => [...figures.values()].join('  ');
  for (const figure of FIRST_LEFT_OUT) if (text().length > columns) figures.delete(figure);
  return text();
}

/** The name of a load, and whether it is the warm-up. */
export function loadName(event: {
  readonly runtime: string;
  readonly route: string;
  readonly progress: Pick<LoadProgress, 'phase'>;
}): string {
  return `${event.runtime} ${event.route}${event.progress.phase === 'warmup' ? ' (warm-up)' : ''}`;
}

/**
 * The line of a running load, at most `columns` long. If the line is too long, the bar becomes shorter, and then is
 * omitted.
 */
export function loadLine(
  event: Extract<ProgressEvent, { type: 'load-progress' | 'load-end' }>,
  columns: number,
): string {
  const name = loadName(event);
  const figures = loadFigures(event.progress, columns - name.length - 2);
  const share = shareDone(event.progress);
  const room = Math.min(30, columns - name.length - figures.length - 6);
  if (share === undefined || room < 5) return `${name}  ${figures}`.slice(0, columns);
  return `${name}  ${bar(share, room)}  ${figures}`;
}

/** One stack event as a line. */
export function stackEventLine(event: Extract<ProgressEvent, { type: 'stack-event' }>): string {
  const reason = event.reason === undefined ? '' : `: ${event.reason}`;
  return `${event.stackName} ${event.resourcesDone}/${event.resourcesTotal} ${event.status} ${event.logicalId} (${event.resourceType})${reason}`;
}
