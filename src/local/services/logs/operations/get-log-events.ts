import type { Operation, OperationInput } from '../../../protocols/operation.ts';
import { groupOf } from '../group-input.ts';
import {
  flag,
  invalidParameter,
  onlyKnown,
  optionalInteger,
  optionalString,
  requiredString,
} from '../input.ts';
import type { LogGroups } from '../log-groups.ts';
import { comparePlaces, type EventPlace, eventsInOrder, MAX_PAGE_BYTES, MAX_PAGE_EVENTS } from '../pages.ts';

const TOKEN = /^([fb])\/(\d{1,16})\/(\d{1,16})$/;

/**
 * Returns the events of one stream in order of time. Without `startFromHead` or a token it is the latest page. A token
 * names the event after which the page begins or before which it ends, so later events never shift a page.
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
 */
export function getLogEvents(groups: LogGroups): Operation {
  return async (input) => {
    onlyKnown(input, [
      'logGroupName',
      'logGroupIdentifier',
      'logStreamName',
      'startTime',
      'endTime',
      'nextToken',
      'limit',
      'startFromHead',
      'unmask',
    ]);
    const group = groupOf(groups, input);
    const stream = groups.stream(group, requiredString(input, 'logStreamName'));
    const startMs = optionalInteger(input, 'startTime', 0, Number.MAX_SAFE_INTEGER) ?? 0;
    // The end is exclusive, unlike in the other operations of this service.
    const endMs =
      (optionalInteger(input, 'endTime', 0, Number.MAX_SAFE_INTEGER) ?? Number.MAX_SAFE_INTEGER) - 1;
    const limit = optionalInteger(input, 'limit', 1, MAX_PAGE_EVENTS) ?? MAX_PAGE_EVENTS;
    const token = tokenOf(input);
    const forward = token?.forward ?? flag(input, 'startFromHead');

    const all = eventsInOrder(group.events, startMs, endMs, (number) => number === stream.number);
    const open =
      token === undefined
        ? all
        : all.filter((place) => comparePlaces(place, token.place) * (forward ? 1 : -1) > 0);
    const page: EventPlace[] = [];
    let bytes = 0;
    for (const place of forward ? open : open.toReversed()) {
      bytes += group.events.byteLength(place.index);
      if (page.length === limit || (page.length > 0 && bytes > MAX_PAGE_BYTES)) break;
      page.push(place);
    }
    if (!forward) page.reverse();
    // A page without events returns its own position, so a client that waits for more repeats the same token.
    const here = token?.place ?? { timestampMs: startMs, index: -1 };
    return {
      events: page.map(({ timestampMs, index }) => ({
        timestamp: timestampMs,
        message: group.events.message(index),
        ingestionTime: group.events.ingestionTimeMs(index),
      })),
      nextForwardToken: `f/${tokenText(page.at(-1) ?? here)}`,
      nextBackwardToken: `b/${tokenText(page[0] ?? here)}`,
    };
  };
}

/** In a token the index counts from 1, so that 0 is before every event of that time. */
function tokenText(place: EventPlace): string {
  return `${place.timestampMs}/${place.index + 1}`;
}

function tokenOf(input: OperationInput): { forward: boolean; place: EventPlace } | undefined {
  const token = optionalString(input, 'nextToken');
  if (token === undefined) return undefined;
  const match = TOKEN.exec(token);
  if (match === null) throw invalidParameter('The specified nextToken is invalid.');
  return {
    forward: match[1] === 'f',
    place: { timestampMs: Number(match[2]), index: Number(match[3]) - 1 },
  };
}
