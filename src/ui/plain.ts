import type { ProgressEvent } from '../model/events.ts';
import { clock, loadFigures, loadName, wholeText } from './lines.ts';
import type { Listener } from './listener.ts';
import { createMessageTeller } from './message-lines.ts';

/** The time between two progress lines of long work. */
const HEARTBEAT_MS = 10_000;

/** Current work, and the text of its latest event. */
interface Ongoing {
  readonly title: string;
  readonly startedMs: number;
  readonly detail?: string;
}

/**
 * Writes one line for each piece of work when it ends: a stack, a build, a load. Long work also gets a progress line
 * every ten seconds. There are no colours and no cursor movements, because this is for pipes, files and CI.
 *
 * @param write receives whole lines
 * @param now monotonic clock, ms
 */
export function createPlainListener(write: (text: string) => void, now: () => number): Listener {
  return new PlainListener(write, now);
}

class PlainListener implements Listener {
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  readonly #messageLines = createMessageTeller();
  readonly #steps = new Map<string, Ongoing>();
  readonly #timer: NodeJS.Timeout;
  #lastLineMs: number;
  /** The progress line of the current load. */
  #load: string | undefined;
  /** The progress line of a report that waits for rows. */
  #rows: string | undefined;

  constructor(write: (text: string) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
    this.#lastLineMs = now();
    this.#timer = setInterval(() => this.#heartbeat(), HEARTBEAT_MS / 10);
    this.#timer.unref();
  }

  handle(event: ProgressEvent): void {
    switch (event.type) {
      case 'step-start':
        this.#steps.set(event.id, { title: event.title, startedMs: this.#now() });
        break;
      case 'step-progress': {
        const step = this.#steps.get(event.id);
        if (step !== undefined) this.#steps.set(event.id, { ...step, detail: event.detail });
        break;
      }
      case 'step-end':
        this.#endStep(event);
        break;
      case 'stack-event':
        if (event.status.endsWith('_FAILED')) this.#line(failedResourceLine(event));
        break;
      case 'load-progress':
        this.#load = progressLine(event);
        break;
      case 'load-end':
        this.#load = undefined;
        this.#line(loadEndLine(event));
        break;
      case 'rows':
        this.#rows = waitingForRowsLine(event);
        break;
      default:
        for (const text of this.#messageLines(event)) this.#line(text);
    }
    this.#heartbeat();
  }

  pause(): void {}

  close(): void {
    clearInterval(this.#timer);
  }

  #endStep(event: Extract<ProgressEvent, { type: 'step-end' }>): void {
    const step = this.#steps.get(event.id);
    this.#steps.delete(event.id);
    const failed = event.outcome === 'failed' ? 'failed' : event.outcome === 'skipped' ? 'left out' : '';
    const facts = [failed, event.detail ?? ''].filter((text) => text !== '').join(', ');
    const took = step === undefined ? '' : `  (${clock(this.#now() - step.startedMs)})`;
    this.#line(`${step?.title ?? event.id}${facts === '' ? '' : `: ${facts}`}${took}`);
  }

  /** Writes the progress of all current work, if nothing was written for ten seconds. */
  #heartbeat(): void {
    if (this.#now() - this.#lastLineMs < HEARTBEAT_MS) return;
    for (const text of [this.#load, this.#rows]) if (text !== undefined) this.#line(text);
    for (const { title, startedMs, detail } of this.#steps.values()) {
      const elapsed = clock(this.#now() - startedMs);
      this.#line(`${title}: ${elapsed} so far${detail === undefined ? '' : `, ${detail}`}`);
    }
  }

  #line(text: string): void {
    this.#lastLineMs = this.#now();
    this.#write(`${text}\n`);
  }
}

function failedResourceLine(event: Extract<ProgressEvent, { type: 'stack-event' }>): string {
  const reason = event.reason === undefined ? '' : `, ${event.reason}`;
  return `${event.stackName} ${event.logicalId}: ${event.status}${reason}`;
}

/** The line of a running load: its figures so far, and its position among all loads. */
export function progressLine(event: Extract<ProgressEvent, { type: 'load-progress' }>): string {
  const whole = event.whole === undefined ? '' : `  ·  ${wholeText(event.whole)}`;
  return `${loadName(event)}: ${loadFigures(event.progress)}${whole}`;
}

/** The line of a report that waits for rows. Undefined if it has all of them. */
export function waitingForRowsLine({
  found,
  expected,
  waitLeftMs,
}: Extract<ProgressEvent, { type: 'rows' }>): string | undefined {
  if (found >= expected) return undefined;
  return `waiting for REPORT rows: ${found} of ${expected}, ${clock(waitLeftMs)} left`;
}

/** The line of a load that ended: `node cat: 1,000/1,000  …  in 0:12`. */
export function loadEndLine(event: Extract<ProgressEvent, { type: 'load-end' }>): string {
  const cut = event.interrupted ? '  (cut short)' : '';
  return `${event.runtime} ${event.route}: ${loadFigures(event.progress)}  in ${clock(event.progress.elapsedMs)}${cut}`;
}
