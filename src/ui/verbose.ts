import type { ProgressEvent } from '../model/events.ts';
import { clock, loadFigures, loadName, shareDone, stackEventLine, wholeText } from './lines.ts';
import type { Listener } from './listener.ts';
import { createMessageTeller } from './message-lines.ts';
import { loadEndLine } from './plain.ts';

/** A load with a known end writes a progress line at each of these shares of it: ten lines, however long it runs. */
const LOAD_STEP = 0.1;
/** How often a load without a known end, and a report that waits for rows, write a progress line. */
const QUIET_INTERVAL_MS = 10_000;
const PHASES = ['warmup', 'measure'] as const;

/**
 * Writes a line for every event, a load's progress at every tenth: what `--verbose` and `--debug` show.
 *
 * @param write gets whole lines
 * @param now monotonic clock, ms
 * @param stamp what stands before each line, such as the time of day; empty by default
 */
export function createVerboseListener(
  write: (text: string) => void,
  now: () => number,
  stamp: () => string = () => '',
): Listener {
  const messageLines = createMessageTeller();
  /**
   * The share at which each load, in each phase, writes its next line. There may be several loads, since they take
   * turns.
   */
  const nextShares = new Map<string, number>();
  let lastQuietMs = Number.NEGATIVE_INFINITY;
  const line = (text: string): void => write(`${stamp()}${text}\n`);

  function quietly(text: string): void {
    if (now() - lastQuietMs < QUIET_INTERVAL_MS) return;
    lastQuietMs = now();
    line(text);
  }

  function onLoadProgress(event: Extract<ProgressEvent, { type: 'load-progress' }>): void {
    const share = shareDone(event.progress);
    const name = loadName(event);
    const whole = event.whole === undefined ? '' : `  ·  ${wholeText(event.whole)}`;
    const text = `${name}: ${loadFigures(event.progress)}${whole}`;
    if (share === undefined) {
      quietly(text);
      return;
    }
    if (share < (nextShares.get(name) ?? LOAD_STEP) || share >= 1) return;
    nextShares.set(name, (Math.floor(share / LOAD_STEP) + 1) * LOAD_STEP);
    line(text);
  }

  return {
    handle(event) {
      switch (event.type) {
        case 'step-start':
          line(`${event.title} …`);
          break;
        case 'step-progress':
          line(`  ${event.detail}`);
          break;
        case 'step-end':
          if (event.outcome === 'failed') line(`  failed${event.detail ? `: ${event.detail}` : ''}`);
          else if (event.detail) line(`  ${event.detail}`);
          break;
        case 'note':
        case 'warning':
        case 'deploy-plan':
        case 'teardown-plan':
        case 'receipt':
        case 'work-estimate':
          for (const text of messageLines(event)) line(text);
          break;
        case 'stack-event':
          line(stackEventLine(event));
          break;
        case 'load-start':
          for (const phase of PHASES) nextShares.delete(loadName({ ...event, progress: { phase } }));
          line(
            `${event.runtime} ${event.route}: ${event.mode === 'open' ? 'at most ' : ''}${event.parallel} in flight`,
          );
          break;
        case 'load-progress':
          onLoadProgress(event);
          break;
        case 'load-end':
          line(loadEndLine(event));
          break;
        case 'rows':
          if (event.found >= event.expected) break;
          quietly(
            `waiting for REPORT rows: ${event.found} of ${event.expected}, ${clock(event.waitLeftMs)} left`,
          );
          break;
      }
    },
    pause() {},
    close() {},
  };
}
