import ora, { type Ora } from 'ora';
import type { ProgressEvent } from '../model/events.ts';
import { wrapHint, wrapText } from '../model/wrap-text.ts';
import { clock, estimateLine, loadFigures } from './lines.ts';
import type { Listener } from './listener.ts';
import { EMPTY_LIVE_STATE, type LiveState, liveLines, reduceLiveState } from './live-state.ts';
import { createPlanTeller, receiptSummary, teardownPlanLines } from './plan-lines.ts';

/** The shortest time between two redraws. Ten a second look smooth and take little CPU time from the load. */
const REDRAW_INTERVAL_MS = 100;
/** ora writes its frame and a space before the text. A line that wraps would not be erased whole. */
const FRAME_WIDTH = 3;

type LoadEnd = Extract<ProgressEvent, { type: 'load-end' }>;

export interface TerminalListenerOptions {
  readonly stream: NodeJS.WriteStream;
  readonly color: boolean;
  /** Monotonic clock, ms. */
  readonly now: () => number;
}

/**
 * Whether a resource failed by itself. CloudFormation cancels others because of it, and their events explain nothing.
 */
function isFirstHandFailure({ status, reason }: Extract<ProgressEvent, { type: 'stack-event' }>): boolean {
  return status.endsWith('_FAILED') && reason !== undefined && !/cancel+ed/i.test(reason);
}

/**
 * Shows work under way in a live block at the bottom of the terminal. Finished steps and warnings become lines above
 * it.
 */
export function createTerminalListener({ stream, color, now }: TerminalListenerOptions): Listener {
  let state: LiveState = EMPTY_LIVE_STATE;
  const planLines = createPlanTeller();
  const titles = new Map<string, { readonly title: string; readonly startedMs: number }>();
  const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
  const paint = (code: number, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const spinner: Ora = ora({
    stream,
    discardStdin: false,
    isEnabled: true,
    spinner: { interval: REDRAW_INTERVAL_MS, frames },
    ...(color ? {} : { color: false as const }),
  });

  function redraw(): void {
    const lines = liveLines(state, Math.max(20, (stream.columns ?? 80) - FRAME_WIDTH), now());
    if (lines.length === 0) {
      if (spinner.isSpinning) spinner.stop();
      return;
    }
    spinner.text = lines.join('\n  ');
    if (!spinner.isSpinning) spinner.start();
  }

  // The elapsed times move even while no event comes.
  const tick = setInterval(() => {
    if (spinner.isSpinning) redraw();
  }, REDRAW_INTERVAL_MS);
  tick.unref();

  function above(text: string): void {
    const spinning = spinner.isSpinning;
    if (spinning) spinner.stop();
    stream.write(`${text}\n`);
    if (spinning) redraw();
  }

  const columns = (): number => stream.columns ?? Number.POSITIVE_INFINITY;

  /** A sentence within the columns of the terminal. */
  function wrapped(text: string): string {
    return wrapText(text, columns(), { first: '', rest: '  ' });
  }

  function loadEnd({ runtime, route, progress, interrupted }: LoadEnd): string {
    const mark = interrupted ? paint(33, '◼') : paint(32, '✔');
    const took = `in ${clock(progress.elapsedMs)}${interrupted ? ', cut short' : ''}`;
    return `${mark} ${runtime} ${route}  ${loadFigures(progress)}  ${paint(90, took)}`;
  }

  return {
    handle(event) {
      const atMs = now();
      if (event.type === 'step-start') titles.set(event.id, { title: event.title, startedMs: atMs });
      state = reduceLiveState(state, event, atMs);
      switch (event.type) {
        case 'step-end': {
          const step = titles.get(event.id);
          titles.delete(event.id);
          const mark =
            event.outcome === 'done'
              ? paint(32, '✔')
              : event.outcome === 'failed'
                ? paint(31, '✖')
                : paint(90, '–');
          const took = step === undefined ? '' : paint(90, `  ${clock(atMs - step.startedMs)}`);
          above(
            wrapped(`${mark} ${step?.title ?? event.id}${event.detail ? `: ${event.detail}` : ''}${took}`),
          );
          break;
        }
        case 'note':
          above(wrapped(event.message));
          break;
        case 'warning':
          above(wrapped(`${paint(33, 'warning:')} ${event.message}`));
          if (event.hint !== undefined) above(wrapHint(event.hint, columns()));
          break;
        case 'deploy-plan': {
          const lines = planLines(event.plan);
          if (lines.length > 0) above(lines.map(wrapped).join('\n'));
          break;
        }
        case 'teardown-plan':
          above(teardownPlanLines(event.plan).map(wrapped).join('\n'));
          break;
        case 'receipt':
          above(receiptSummary(event).map(wrapped).join('\n'));
          break;
        case 'stack-event':
          if (isFirstHandFailure(event)) {
            above(wrapped(`${paint(31, '✖')} ${event.stackName} ${event.logicalId}: ${event.reason}`));
          }
          break;
        case 'work-estimate':
          above(wrapped(estimateLine(event)));
          break;
        case 'load-end':
          above(wrapped(loadEnd(event)));
          break;
        default:
          break;
      }
      // A load reports ten times a second by itself: the tick draws it.
      if (event.type !== 'load-progress' || !spinner.isSpinning) redraw();
    },
    pause() {
      state = EMPTY_LIVE_STATE;
      redraw();
    },
    close() {
      clearInterval(tick);
      if (spinner.isSpinning) spinner.stop();
    },
  };
}
