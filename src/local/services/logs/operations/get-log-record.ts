import { formatComputed, formatValue } from '../../../insights/format.ts';
import { RecordReader, SYSTEM_FIELDS } from '../../../insights/record-reader.ts';
import type { Operation } from '../../../protocols/operation.ts';
import { ServiceError } from '../../../seams.ts';
import { groupSource } from '../group-source.ts';
import { onlyKnown, requiredString } from '../input.ts';
import type { LogGroups } from '../log-groups.ts';
import { decodePointer } from '../log-pointer.ts';

/**
 * Returns all fields of the event that a `@ptr` names. As on AWS, times are epoch ms here.
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogRecord.html
 */
export function getLogRecord(groups: LogGroups): Operation {
  return async (input) => {
    onlyKnown(input, ['logRecordPointer', 'unmask']);
    const pointer = decodePointer(requiredString(input, 'logRecordPointer'));
    const group = groups.group(pointer.group);
    if (group.createdAtMs !== pointer.createdAtMs || pointer.index >= group.events.count) {
      throw new ServiceError('ResourceNotFoundException', 'The specified log record does not exist.');
    }
    const reader = new RecordReader();
    reader.load(groupSource(group, groups.logIdentifier(group)), pointer.index);
    const logRecord: Record<string, string> = {};
    for (const [name, { read, format }] of Object.entries(SYSTEM_FIELDS)) {
      const value = read(reader);
      if (value === undefined) continue;
      logRecord[name] =
        format === 'timestamp' && typeof value === 'number'
          ? formatComputed(value)
          : formatValue(value, format);
    }
    return { logRecord };
  };
}
