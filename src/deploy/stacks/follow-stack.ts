import { describeStack, type EventMarker, eventsSince, type StackDescription } from './stack-api.ts';
import { detached, type StackContext, untilDetached } from './stack-context.ts';
import {
  eventsOfLastOperation,
  type MonitorState,
  type ObservedEvent,
  observe,
  type StackEvent,
  startMonitor,
} from './stack-monitor.ts';
import { isSettled } from './stack-state.ts';

/** Between two looks at a stack, ms: short at first, since an emulator is done in a second; then as AWS likes it. */
const FIRST_DELAY_MS = 150;
const DELAY_GROWTH = 1.3;
/** The longest wait while events keep coming, and while nothing happens. */
const MAX_BUSY_DELAY_MS = 2_000;
const MAX_QUIET_DELAY_MS = 5_000;

/**
 * How long a stack may seem settled without an event that says so, before that is believed, ms. Status and events are
 * read separately and either may lag behind an operation just begun; an endpoint without events must not hold us for ever.
 */
const SETTLED_WITHOUT_EVENTS_MS = 60_000;

export interface FollowOptions {
  readonly stackName: string;
  readonly stackId: string;
  /** Where the operation begins: the last event before it, or `last-operation` for one that is under way already. */
  readonly from: EventMarker | undefined | 'last-operation';
  readonly expectedResources: number;
  /**
   * What the first Ctrl-C does while the operation runs: asks CloudFormation to turn back, and resolves; the operation is
   * then followed to its new end. Without it the first Ctrl-C changes nothing here.
   */
  readonly onInterrupt?: () => Promise<void>;
}

/** How an operation ended. */
export interface FollowResult {
  /** The stack's last status; `DELETE_COMPLETE` for one that is gone. */
  readonly status: string;
  readonly stack: StackDescription | undefined;
  readonly monitor: MonitorState;
  /** True where the person asked to turn back meanwhile. */
  readonly interrupted: boolean;
}

/**
 * Follows an operation on a stack to its end, telling every event once.
 * @throws ShedbenchError `detached` at the second Ctrl-C
 */
export async function followStack(context: StackContext, options: FollowOptions): Promise<FollowResult> {
  const { stackId } = options;
  const { first, second } = context.interrupt;
  let monitor = startMonitor(stackId, options.expectedResources);
  let interrupted = false;
  let delayMs = FIRST_DELAY_MS;
  let settledSinceMs: number | undefined;
  for (;;) {
    if (first.aborted && !interrupted && options.onInterrupt !== undefined) {
      interrupted = true;
      await untilDetached(context, options.onInterrupt());
      delayMs = FIRST_DELAY_MS;
      settledSinceMs = undefined;
    }
    // The status before the events: what was settled then has all its events told now.
    const stack = await untilDetached(context, describeStack(context, stackId, second));
    const observed = observe(monitor, await untilDetached(context, eventsOf(context, options)));
    monitor = observed.state;
    for (const news of observed.fresh) emitStackEvent(context, options.stackName, news);
    if (stack === undefined) return { status: 'DELETE_COMPLETE', stack, monitor, interrupted };
    if (isSettled(stack.status)) {
      settledSinceMs ??= context.now();
      // An event of the stack with the same status proves that this is the end of this operation, not of the one before.
      const proven = monitor.stackStatus === stack.status;
      if (proven || context.now() - settledSinceMs >= SETTLED_WITHOUT_EVENTS_MS) {
        return { status: stack.status, stack, monitor, interrupted };
      }
    } else {
      settledSinceMs = undefined;
    }
    const ceiling = observed.fresh.length > 0 ? MAX_BUSY_DELAY_MS : MAX_QUIET_DELAY_MS;
    delayMs = Math.min(ceiling, delayMs * DELAY_GROWTH);
    await pause(context, delayMs, interrupted || options.onInterrupt === undefined);
  }
}

async function eventsOf(context: StackContext, options: FollowOptions): Promise<readonly StackEvent[]> {
  const { stackId, from } = options;
  // Always from the operation's beginning: events may turn up in another order than they bear in their timestamps.
  const marker = from === 'last-operation' ? undefined : from;
  const newestFirst = await eventsSince(context, stackId, marker, context.interrupt.second);
  return from === 'last-operation' ? eventsOfLastOperation(stackId, newestFirst) : [...newestFirst].reverse();
}

function emitStackEvent(
  context: StackContext,
  stackName: string,
  { event, resourcesDone, resourcesTotal }: ObservedEvent,
): void {
  context.emit({
    type: 'stack-event',
    stackName,
    logicalId: event.logicalId,
    resourceType: event.resourceType,
    status: event.status,
    ...(event.reason === undefined ? {} : { reason: event.reason }),
    atEpochMs: event.atEpochMs,
    resourcesDone,
    resourcesTotal,
  });
}

/** Waits between two looks; a Ctrl-C that means something here ends the wait early. */
async function pause(context: StackContext, delayMs: number, onlySecond: boolean): Promise<void> {
  const { first, second } = context.interrupt;
  const signal = onlySecond ? second : AbortSignal.any([first, second]);
  try {
    await context.sleep(delayMs, signal);
  } catch (error) {
    if (second.aborted) throw detached(context);
    if (!signal.aborted) throw error;
  }
}
