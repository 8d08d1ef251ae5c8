import type { ProgressEvent } from '../model/events.ts';
import { clock, loadFigures, loadName, wholeText } from './lines.ts';
import type { Listener } from './listener.ts';
import { createMessageTeller } from './message-lines.ts';

/** How often work that lasts says where it is. */
const HEARTBEAT_MS = 10_000;

/** Work under way, and what its latest event said. */
interface Ongoing {
  readonly title: string;
  readonly startedMs: number;
  readonly detail?: string;
}

/**
 * Writes one line for each piece of work when it ends: a stack, a build, a load. Work that lasts says every ten seconds
 * where it is. There are no colours and no cursor movements: this is for pipes, files and CI.
 *
 * @param write gets whole lines
 * @param now monotonic clock, ms
 */
export function createPlainListener(write: (text: string) => void, now: () => number): Listener {
  const messageLines = createMessageTeller();
  const ongoing = new Map<string, Ongoing>();
  let lastLineMs = now();
  let load: string | undefined;
  let rows: string | undefined;
  const line = (text: string): void => {
    lastLineMs = now();
    write(`${text}\n`);
  };

  function heartbeat(): void {
    if (now() - lastLineMs < HEARTBEAT_MS) return;
    for (const text of [load, rows]) if (text !== undefined) line(text);
    for (const { title, startedMs, detail } of ongoing.values()) {
      line(`${title}: ${clock(now() - startedMs)} so far${detail === undefined ? '' : `, ${detail}`}`);
    }
  }

  const timer = setInterval(heartbeat, HEARTBEAT_MS / 10);
  timer.unref();

  function endStep(event: Extract<ProgressEvent, { type: 'step-end' }>): void {
    const step = ongoing.get(event.id);
    ongoing.delete(event.id);
    const failed = event.outcome === 'failed' ? 'failed' : event.outcome === 'skipped' ? 'left out' : '';
    const facts = [failed, event.detail ?? ''].filter((text) => text !== '').join(', ');
    const took = step === undefined ? '' : `  (${clock(now() - step.startedMs)})`;
    line(`${step?.title ?? event.id}${facts === '' ? '' : `: ${facts}`}${took}`);
  }

  function detailOf(id: string, detail: string): void {
    const step = ongoing.get(id);
    if (step !== undefined) ongoing.set(id, { ...step, detail });
  }

  return {
    handle(event) {
      switch (event.type) {
        case 'step-start':
          ongoing.set(event.id, { title: event.title, startedMs: now() });
          break;
        case 'step-progress':
          detailOf(event.id, event.detail);
          break;
        case 'step-end':
          endStep(event);
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
          if (event.status.endsWith('_FAILED')) {
            line(
              `${event.stackName} ${event.logicalId}: ${event.status}${event.reason === undefined ? '' : `, ${event.reason}`}`,
            );
          }
          break;
        case 'load-start':
          break;
        case 'load-progress':
          load = `${loadName(event)}: ${loadFigures(event.progress)}${event.whole === undefined ? '' : `  ·  ${wholeText(event.whole)}`}`;
          break;
        case 'load-end':
          load = undefined;
          line(loadEndLine(event));
          break;
        case 'rows':
          rows =
            event.found >= event.expected
              ? undefined
              : `waiting for REPORT rows: ${event.found} of ${event.expected}, ${clock(event.waitLeftMs)} left`;
          break;
      }
      heartbeat();
    },
    pause() {},
    close() {
      clearInterval(timer);
    },
  };
}

/** A load that ended, as a line: `node cat: 1,000/1,000  …  in 0:12`. */
export function loadEndLine(event: Extract<ProgressEvent, { type: 'load-end' }>): string {
  const cut = event.interrupted ? '  (cut short)' : '';
  return `${event.runtime} ${event.route}: ${loadFigures(event.progress)}  in ${clock(event.progress.elapsedMs)}${cut}`;
}
