import type { RecordSource } from '../../insights/record.ts';
import type { LogGroup } from './log-group.ts';
import { encodePointer } from './log-pointer.ts';

/**
 * A group's events as Insights reads them, as many as there are now: later ones are not part of it, and it outlives the
 * group's deletion.
 * @param log what `@log` shows: `<account>:<group>`
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
