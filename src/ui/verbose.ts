import type { ProgressEvent } from '../model/events.ts';
import { loadName, shareDone, stackEventLine } from './lines.ts';
import type { Listener } from './listener.ts';
import { createMessageTeller } from './message-lines.ts';
import { loadEndLine, progressLine, waitingForRowsLine } from './plain.ts';

/** A load with a known end gets a progress line at each multiple of this share: ten lines, whatever its length. */
const LOAD_STEP = 0.1;
/** The time between two progress lines of a load without a known end, or of a report that waits for rows. */
const QUIET_INTERVAL_MS = 10_000;
const PHASES = ['warmup', 'measure'] as const;

/**
 * Writes a line for every event, except that a load's progress gets a line at every tenth of the load. This is the
 * output of `--verbose` and `--debug`.
 *
 * @param write receives whole lines
 * @param now monotonic clock, ms
 * @param stamp returns the text before each line, such as the time of day; empty by default
 */
export function createVerboseListener(
  write: (text: string) => void,
  now: () => number,
  stamp: () => string = () => '',
): Listener {
  return new VerboseListener((text) => write(`${stamp()}${text}\n`), now);
}

class VerboseListener implements Listener {
  readonly #line: (text: string) => void;
  readonly #now: () => number;
  readonly #messageLines = createMessageTeller();
  /**
   * The share at which each load, in each phase, gets its next line. Several loads may be under way, because they take
   * turns.
   */
  readonly #nextShares = new Map<string, number>();
  #lastQuietMs = Number.NEGATIVE_INFINITY;

  constructor(line: (text: string) => void, now: () => number) {
    this.#line = line;
    this.#now = now;
  }

  handle(event: ProgressEvent): void {
    switch (event.type) {
      case 'step-start':
        this.#line(`${event.title} …`);
        break;
      case 'step-progress':
        this.#line(`  ${event.detail}`);
        break;
      case 'step-end':
        if (event.outcome === 'failed') this.#line(`  failed${event.detail ? `: ${event.detail}` : ''}`);
        else if (event.detail) this.#line(`  ${event.detail}`);
        break;
      case 'stack-event':
        this.#line(stackEventLine(event));
        break;
      case 'load-start':
        this.#startLoad(event);
        break;
      case 'load-progress':
        this.#showLoad(event);
        break;
      case 'load-end':
        this.#line(loadEndLine(event));
        break;
      case 'rows':
        this.#quietly(waitingForRowsLine(event));
        break;
      default:
        for (const text of this.#messageLines(event)) this.#line(text);
    }
  }

  pause(): void {}

  close(): void {}

  #startLoad(event: Extract<ProgressEvent, { type: 'load-start' }>): void {
    for (const phase of PHASES) this.#nextShares.delete(loadName({ ...event, progress: { phase } }));
    const most = event.mode === 'open' ? 'at most ' : '';
    this.#line(`${event.runtime} ${event.route}: ${most}${event.parallel} in flight`);
  }

  #showLoad(event: Extract<ProgressEvent, { type: 'load-progress' }>): void {
    const share = shareDone(event.progress);
    if (share === undefined) {
      this.#quietly(progressLine(event));
      return;
    }
    const name = loadName(event);
    if (share < (this.#nextShares.get(name) ?? LOAD_STEP) || share >= 1) return;
    this.#nextShares.set(name, (Math.floor(share / LOAD_STEP) + 1) * LOAD_STEP);
    this.#line(progressLine(event));
  }

  /** Writes a line at most every ten seconds. */
  #quietly(text: string | undefined): void {
    if (text === undefined || this.#now() - this.#lastQuietMs < QUIET_INTERVAL_MS) return;
    this.#lastQuietMs = this.#now();
    this.#line(text);
  }
}
