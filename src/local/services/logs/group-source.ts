import type { RecordSource } from '../../insights/record.ts';
import type { LogGroup } from './log-group.ts';
import { encodePointer } from './log-pointer.ts';

/**
 * A group's current events for a query of Insights. Later events are not included. It stays readable after the group
 * was deleted.
 * @param log the value of `@log`: `<account>:<group>`
 */
export function groupSource(group: LogGroup, log: string): RecordSource {
  const { events } = group;
  return {
    log,
    count: events.count,
    timestampMs: (index) => events.timestampMs(index),
    ingestionTimeMs: (index) => events.ingestionTimeMs(index),
    stream: (index) => group.streamName(events.stream(index)),
    message: (index) => events.message(index),
    byteLength: (index) => events.byteLength(index),
    pointer: (index) => encodePointer({ group: group.name, createdAtMs: group.createdAtMs, index }),
  };
}
