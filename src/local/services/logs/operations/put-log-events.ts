import type { Operation, OperationInput } from '../../../protocols/operation.ts';
import { invalidParameter, onlyKnown, requiredString } from '../input.ts';
import type { LogGroup } from '../log-group.ts';
import type { LogGroups } from '../log-groups.ts';

const MAX_EVENTS = 10_000;
const MAX_BATCH_BYTES = 1_048_576;
/** How many bytes AWS adds for every event to the size of a batch. */
const BYTES_PER_EVENT = 26;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const OLDEST_DAYS = 14;

interface InputEvent {
  readonly timestamp: number;
  readonly message: string;
}

/**
 * Appends a batch. Events more than 2 hours in the future, older than 14 days, or older than the retention are
 * rejected, and the answer names them by index. The others are stored.
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
 */
export function putLogEvents(groups: LogGroups): Operation {
  return async (input) => {
    // AWS has ignored sequence tokens since 2023, but old clients still send them.
    onlyKnown(input, ['logGroupName', 'logStreamName', 'logEvents', 'sequenceToken']);
    const group = groups.group(requiredString(input, 'logGroupName'));
    const stream = groups.stream(group, requiredString(input, 'logStreamName'));
    const events = eventsOf(input);
    const now = groups.now();
    const bounds = acceptedRange(events, group, now);
    for (const event of events.slice(bounds.start, bounds.end)) {
      group.append(stream, event.message, event.timestamp, now);
    }
    return { rejectedLogEventsInfo: bounds.rejected };
  };
}

/** Events are in order of time, so the rejected ones are at the two ends. */
function acceptedRange(events: readonly InputEvent[], group: LogGroup, now: number) {
  const oldest = now - OLDEST_DAYS * DAY_MS;
  const expired = group.retentionInDays === undefined ? -1 : now - group.retentionInDays * DAY_MS;
  const tooOldEnd = countWhile(events, (event) => event.timestamp < oldest);
  const expiredEnd = countWhile(events, (event) => event.timestamp < expired);
  const firstTooNew = events.findIndex((event) => event.timestamp > now + 2 * HOUR_MS);
  const rejected = {
    ...(tooOldEnd > 0 ? { tooOldLogEventEndIndex: tooOldEnd } : {}),
    ...(expiredEnd > 0 ? { expiredLogEventEndIndex: expiredEnd } : {}),
    ...(firstTooNew === -1 ? {} : { tooNewLogEventStartIndex: firstTooNew }),
  };
  return {
    start: Math.max(tooOldEnd, expiredEnd),
    end: firstTooNew === -1 ? events.length : firstTooNew,
    rejected: Object.keys(rejected).length > 0 ? rejected : undefined,
  };
}

function countWhile(events: readonly InputEvent[], holds: (event: InputEvent) => boolean): number {
  const end = events.findIndex((event) => !holds(event));
  return end === -1 ? events.length : end;
}

function eventsOf(input: OperationInput): InputEvent[] {
  const { logEvents } = input;
  if (!Array.isArray(logEvents) || logEvents.length < 1 || logEvents.length > MAX_EVENTS) {
    throw invalidParameter(`logEvents must hold 1 to ${MAX_EVENTS} events`);
  }
  const events = logEvents.map(eventOf);
  let bytes = 0;
  for (const [index, event] of events.entries()) {
    bytes += Buffer.byteLength(event.message) + BYTES_PER_EVENT;
    const before = events[index - 1];
    if (before !== undefined && before.timestamp > event.timestamp) {
      throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.');
    }
  }
  if (bytes > MAX_BATCH_BYTES) {
    throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${MAX_BATCH_BYTES}`);
  }
  if ((events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0) > DAY_MS) {
    throw invalidParameter(
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    );
  }
  return events;
}

function eventOf(value: unknown): InputEvent {
  if (typeof value === 'object' && value !== null && 'timestamp' in value && 'message' in value) {
    const { timestamp, message } = value;
    const valid =
      typeof timestamp === 'number' &&
      Number.isInteger(timestamp) &&
      timestamp >= 0 &&
      typeof message === 'string' &&
      message !== '';
    if (valid) return { timestamp, message };
  }
  throw invalidParameter('every log event needs a timestamp (epoch ms) and a message that is not empty');
}
