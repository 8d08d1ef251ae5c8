import type { EventLog } from './event-log.ts';

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html */
export const MAX_PAGE_EVENTS = 10_000;
export const MAX_PAGE_BYTES = 1_048_576;

/** The position of an event: ordered by its time, and of equal times by its arrival. */
export interface EventPlace {
  readonly timestampMs: number;
  readonly index: number;
}

export function comparePlaces(a: EventPlace, b: EventPlace): number {
  return a.timestampMs - b.timestampMs || a.index - b.index;
}

/** Returns the events of the wanted streams in a time range (epoch ms, both ends inclusive), in order of time. */
export function eventsInOrder(
  events: EventLog,
  startMs: number,
  endMs: number,
  wanted: (stream: number) => boolean,
): EventPlace[] {
  const places: EventPlace[] = [];
  for (let index = 0; index < events.count; index += 1) {
    const timestampMs = events.timestampMs(index);
    if (timestampMs < startMs || timestampMs > endMs || !wanted(events.stream(index))) continue;
    places.push({ timestampMs, index });
  }
  return places.sort(comparePlaces);
}
