import type { Operation, OperationInput } from '../../../protocols/operation.ts';
import { compileFilterPattern } from '../filter-pattern.ts';
import { groupOf } from '../group-input.ts';
import {
  invalidParameter,
  onlyKnown,
  optionalInteger,
  optionalString,
  optionalStrings,
  pageToken,
  tokenPosition,
} from '../input.ts';
import type { LogGroup } from '../log-group.ts';
import type { LogGroups } from '../log-groups.ts';
import { comparePlaces, type EventPlace, eventsInOrder, MAX_PAGE_BYTES, MAX_PAGE_EVENTS } from '../pages.ts';

/**
 * Returns the events of a group that match a filter pattern, in order of time, from all or some streams.
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
export function filterLogEvents(groups: LogGroups): Operation {
  return async (input) => {
    onlyKnown(input, [
      'logGroupName',
      'logGroupIdentifier',
      'logStreamNames',
      'logStreamNamePrefix',
      'startTime',
      'endTime',
      'filterPattern',
      'nextToken',
      'limit',
      // It has no effect on AWS either: results are always interleaved.
      'interleaved',
      'unmask',
    ]);
    const group = groupOf(groups, input);
    const { after, limit, ...search } = readSearch(groups, group, input);
    const events: object[] = [];
    let bytes = 0;
    let last: EventPlace | undefined;
    let more = false;
    for (const place of eventsInOrder(group.events, search.startMs, search.endMs, search.isWanted)) {
      if (after !== undefined && comparePlaces(place, after) <= 0) continue;
      const message = group.events.message(place.index);
      if (!search.fits(message)) continue;
      bytes += group.events.byteLength(place.index);
      if (events.length === limit || (events.length > 0 && bytes > MAX_PAGE_BYTES)) {
        more = true;
        break;
      }
      last = place;
      events.push({
        logStreamName: group.streamName(group.events.stream(place.index)),
        timestamp: place.timestampMs,
        message,
        ingestionTime: group.events.ingestionTimeMs(place.index),
        eventId: String(place.index).padStart(56, '0'),
      });
    }
    return {
      events,
      searchedLogStreams: [],
      nextToken: more && last !== undefined ? pageToken(`${last.timestampMs}/${last.index}`) : undefined,
    };
  };
}

/** Reads which events are asked for: their streams, times and text, and the page. */
function readSearch(groups: LogGroups, group: LogGroup, input: OperationInput) {
  const names = optionalStrings(input, 'logStreamNames');
  const prefix = optionalString(input, 'logStreamNamePrefix');
  if (names !== undefined && prefix !== undefined) {
    throw invalidParameter('Only one of logStreamNames and logStreamNamePrefix can be specified');
  }
  const numbers = new Set(names?.map((name) => groups.stream(group, name).number));
  const isWanted = (stream: number): boolean =>
    (names === undefined || numbers.has(stream)) &&
    (prefix === undefined || group.streamName(stream).startsWith(prefix));
  return {
    isWanted,
    fits: compileFilterPattern(optionalString(input, 'filterPattern') ?? ''),
    startMs: optionalInteger(input, 'startTime', 0, Number.MAX_SAFE_INTEGER) ?? 0,
    endMs: optionalInteger(input, 'endTime', 0, Number.MAX_SAFE_INTEGER) ?? Number.MAX_SAFE_INTEGER,
    limit: optionalInteger(input, 'limit', 1, MAX_PAGE_EVENTS) ?? MAX_PAGE_EVENTS,
    after: placeOf(tokenPosition(input)),
  };
}

function placeOf(position: string | undefined): EventPlace | undefined {
  if (position === undefined) return undefined;
  const match = /^(\d{1,16})\/(\d{1,16})$/.exec(position);
  if (match === null) throw invalidParameter('The specified nextToken is invalid.');
  return { timestampMs: Number(match[1]), index: Number(match[2]) };
}
