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

/**
 * The first pause between two reads of a stack, ms. It is short, because an emulator is finished within a second. Each
 * further pause is longer by the factor `DELAY_GROWTH`.
 */
const FIRST_DELAY_MS = 150;
const DELAY_GROWTH = 1.3;
/** The longest pauses while events arrive and while none do, ms. */
const MAX_BUSY_DELAY_MS = 2_000;
const MAX_QUIET_DELAY_MS = 5_000;

/**
 * How long a stack may look settled without an event that confirms it, ms. Status and events are read separately, and either
 * can lag behind an operation that just started. The limit is for endpoints that have no events.
 */
const SETTLED_WITHOUT_EVENTS_MS = 60_000;

export interface FollowOptions {
  readonly stackName: string;
  readonly stackId: string;
  /** The last event before the operation, or `last-operation` for one that has started already. */
  readonly from: EventMarker | undefined | 'last-operation';
  readonly expectedResources: number;
  /**
   * Called at the first Ctrl-C while the operation runs. It asks CloudFormation to turn back; the operation is then followed to
   * its new end.
   */
  readonly onInterrupt?: () => Promise<void>;
}

/** How an operation ended. */
export interface FollowResult {
  /** The stack's last status; `DELETE_COMPLETE` for a stack that does not exist any more. */
  readonly status: string;
  readonly stack: StackDescription | undefined;
  readonly monitor: MonitorState;
  /** Whether the person pressed Ctrl-C in the meantime. */
  readonly interrupted: boolean;
}

/**
 * Follows an operation on a stack to its end and reports every event once.
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
    // The status is read before the events, so that the events of a settled stack are complete.
    const stack = await untilDetached(context, describeStack(context, stackId, second));
    const observed = observe(monitor, await untilDetached(context, eventsOf(context, options)));
    monitor = observed.state;
    for (const news of observed.fresh) emitStackEvent(context, options.stackName, news);
    if (stack === undefined) return { status: 'DELETE_COMPLETE', stack, monitor, interrupted };
    if (isSettled(stack.status)) {
      settledSinceMs ??= context.now();
      // An event of the stack with the same status proves that this operation ended, and not only the one before it.
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
  // Every read begins at the operation's start, because events do not arrive in the order of their timestamps.
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

/** Waits between two looks. A Ctrl-C that has an effect here ends the wait early. */
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
