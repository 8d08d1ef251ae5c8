import type { ProgressEvent } from '../model/events.ts';
import { bar, clock, grouped, loadLine, wholeText } from './lines.ts';

/** The live block of a terminal: one line for each current piece of work. */
export interface LiveState {
  readonly steps: ReadonlyMap<
    string,
    { readonly title: string; readonly detail?: string; readonly startedMs: number }
  >;
  readonly stacks: ReadonlyMap<string, StackLine>;
  readonly load?: Extract<ProgressEvent, { type: 'load-progress' }>;
  readonly rows?: Extract<ProgressEvent, { type: 'rows' }>;
}

interface StackLine {
  readonly status: string;
  readonly done: number;
  readonly total: number;
  readonly last: string;
  readonly startedMs: number;
  readonly endedMs?: number;
}

export const EMPTY_LIVE_STATE: LiveState = { steps: new Map(), stacks: new Map() };

/** Returns the state after one more event. It is a pure function, so tests need no terminal. */
export function reduceLiveState(state: LiveState, event: ProgressEvent, nowMs: number): LiveState {
  switch (event.type) {
    case 'step-start':
      return {
        ...state,
        steps: new Map(state.steps).set(event.id, { title: event.title, startedMs: nowMs }),
      };
    case 'step-progress': {
      const step = state.steps.get(event.id);
      if (step === undefined) return state;
      return { ...state, steps: new Map(state.steps).set(event.id, { ...step, detail: event.detail }) };
    }
    case 'step-end': {
      const steps = new Map(state.steps);
      steps.delete(event.id);
      return { ...state, steps, stacks: steps.size === 0 ? new Map() : state.stacks };
    }
    case 'stack-event':
      return { ...state, stacks: new Map(state.stacks).set(event.stackName, stackLine(state, event, nowMs)) };
    case 'load-progress':
      return { ...state, load: event };
    case 'load-start':
    case 'load-end':
      return without(state, 'load');
    case 'rows':
      return event.found >= event.expected ? without(state, 'rows') : { ...state, rows: event };
    default:
      return state;
  }
}

function without(state: LiveState, key: 'load' | 'rows'): LiveState {
  const copy = { ...state };
  delete copy[key];
  return copy;
}

function stackLine(
  state: LiveState,
  event: Extract<ProgressEvent, { type: 'stack-event' }>,
  nowMs: number,
): StackLine {
  const before = state.stacks.get(event.stackName);
  const isStack = event.resourceType === 'AWS::CloudFormation::Stack' && event.logicalId === event.stackName;
  const ended = isStack && !event.status.endsWith('_IN_PROGRESS');
  return {
    status: isStack ? event.status : (before?.status ?? event.status),
    done: event.resourcesDone,
    total: event.resourcesTotal,
    last: isStack ? '' : `${event.logicalId} ${event.status.toLowerCase().replaceAll('_', ' ')}`,
    startedMs: before?.startedMs ?? nowMs,
    ...(ended ? { endedMs: nowMs } : {}),
  };
}

/** The block's lines, none longer than `columns`. Empty if there is no current work. */
export function liveLines(state: LiveState, columns: number, nowMs: number): string[] {
  const lines: string[] = [];
  for (const step of state.steps.values()) {
    const detail = step.detail === undefined ? '' : `  ${step.detail}`;
    lines.push(`${step.title}  ${clock(nowMs - step.startedMs)}${detail}`);
  }
  const nameWidth = Math.max(0, ...[...state.stacks.keys()].map((name) => name.length));
  for (const [name, stack] of state.stacks) {
    const share = stack.total === 0 ? 0 : stack.done / stack.total;
    const elapsed = clock((stack.endedMs ?? nowMs) - stack.startedMs);
    const count = `${grouped(stack.done)}/${grouped(stack.total)}`.padStart(7);
    lines.push(
      `${name.padEnd(nameWidth)}  ${bar(share, 14)} ${count}  ${elapsed}  ${stack.last || stack.status}`,
    );
  }
  if (state.load !== undefined) {
    lines.push(loadLine(state.load, columns));
    if (state.load.whole !== undefined) lines.push(wholeText(state.load.whole));
  }
  if (state.rows !== undefined) {
    const { found, expected, waitLeftMs } = state.rows;
    lines.push(
      `Waiting for REPORT rows  ${bar(found / Math.max(1, expected), 14)}  ${grouped(found)} of ${grouped(expected)}  ${clock(waitLeftMs)} left`,
    );
  }
  return lines.map((line) => (line.length > columns ? `${line.slice(0, columns - 1)}…` : line));
}
