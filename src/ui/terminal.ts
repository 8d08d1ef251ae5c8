import type { ProgressEvent } from '../model/events.ts';
import { wrapHint, wrapText } from '../model/wrap-text.ts';
import { clock, estimateLine, loadFigures } from './lines.ts';
import type { Listener } from './listener.ts';
import { LiveBlock } from './live-block.ts';
import { EMPTY_LIVE_STATE, type LiveState, liveLines, reduceLiveState } from './live-state.ts';
import { createPlanTeller, receiptSummary, teardownPlanLines } from './plan-lines.ts';

export interface TerminalListenerOptions {
  readonly stream: NodeJS.WriteStream;
  readonly color: boolean;
  /** Monotonic clock, ms. */
  readonly now: () => number;
}

/**
 * Shows current work in a live block at the bottom of the terminal. Finished steps and warnings become lines above the
 * block.
 */
export function createTerminalListener({ stream, color, now }: TerminalListenerOptions): Listener {
  let state: LiveState = EMPTY_LIVE_STATE;
  const block = new LiveBlock(stream, color, (columns) => liveLines(state, columns, now()));
  const texts = new EventTexts(color, () => stream.columns ?? Number.POSITIVE_INFINITY);
  return {
    handle(event) {
      const atMs = now();
      state = reduceLiveState(state, event, atMs);
      const text = texts.of(event, atMs);
      if (text !== undefined) block.writeAbove(text);
      // A load emits ten progress events a second. The block draws them by itself.
      if (event.type !== 'load-progress' || !block.isDrawn) block.redraw();
    },
    pause() {
      state = EMPTY_LIVE_STATE;
      block.redraw();
    },
    close() {
      block.close();
    },
  };
}

/** The texts that stay on the terminal: of finished work, of notes and warnings, of plans and receipts. */
class EventTexts {
  readonly #color: boolean;
  readonly #columns: () => number;
  readonly #planLines = createPlanTeller();
  readonly #steps = new Map<string, { readonly title: string; readonly startedMs: number }>();

  constructor(color: boolean, columns: () => number) {
    this.#color = color;
    this.#columns = columns;
  }

  /** The text of an event. Undefined if the event adds no lasting text. */
  of(event: ProgressEvent, atMs: number): string | undefined {
    switch (event.type) {
      case 'step-start':
        this.#steps.set(event.id, { title: event.title, startedMs: atMs });
        return undefined;
      case 'step-end':
        return this.#wrapped(this.#stepEnd(event, atMs));
      case 'note':
        return this.#wrapped(event.message);
      case 'warning':
        return this.#warning(event);
      case 'deploy-plan':
        return this.#paragraph(this.#planLines(event.plan));
      case 'teardown-plan':
        return this.#paragraph(teardownPlanLines(event.plan));
      case 'receipt':
        return this.#paragraph(receiptSummary(event));
      case 'stack-event':
        if (!hasOwnReason(event)) return undefined;
        return this.#wrapped(
          `${this.#paint(31, '✖')} ${event.stackName} ${event.logicalId}: ${event.reason}`,
        );
      case 'work-estimate':
        return this.#wrapped(estimateLine(event));
      case 'load-end':
        return this.#wrapped(this.#loadEnd(event));
      default:
        return undefined;
    }
  }

  #stepEnd({ id, outcome, detail }: Extract<ProgressEvent, { type: 'step-end' }>, atMs: number): string {
    const step = this.#steps.get(id);
    this.#steps.delete(id);
    const marks = { done: this.#paint(32, '✔'), failed: this.#paint(31, '✖'), skipped: this.#paint(90, '–') };
    const took = step === undefined ? '' : this.#paint(90, `  ${clock(atMs - step.startedMs)}`);
    return `${marks[outcome]} ${step?.title ?? id}${detail ? `: ${detail}` : ''}${took}`;
  }

  #warning({ message, hint }: Extract<ProgressEvent, { type: 'warning' }>): string {
    const text = this.#wrapped(`${this.#paint(33, 'warning:')} ${message}`);
    return hint === undefined ? text : `${text}\n${wrapHint(hint, this.#columns())}`;
  }

  #loadEnd({ runtime, route, progress, interrupted }: Extract<ProgressEvent, { type: 'load-end' }>): string {
    const mark = interrupted ? this.#paint(33, '◼') : this.#paint(32, '✔');
    const took = `in ${clock(progress.elapsedMs)}${interrupted ? ', cut short' : ''}`;
    return `${mark} ${runtime} ${route}  ${loadFigures(progress)}  ${this.#paint(90, took)}`;
  }

  #paragraph(lines: readonly string[]): string | undefined {
    return lines.length === 0 ? undefined : lines.map((line) => this.#wrapped(line)).join('\n');
  }

  /** A sentence, broken into lines of the terminal's width. */
  #wrapped(text: string): string {
    return wrapText(text, this.#columns(), { first: '', rest: '  ' });
  }

  #paint(code: number, text: string): string {
    return this.#color ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

/**
 * Whether a resource failed for a reason of its own. After such a failure CloudFormation cancels other resources, whose
 * events explain nothing.
 */
function hasOwnReason({ status, reason }: Extract<ProgressEvent, { type: 'stack-event' }>): boolean {
  return status.endsWith('_FAILED') && reason !== undefined && !/cancel+ed/i.test(reason);
}
