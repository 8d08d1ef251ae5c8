import type { Operation } from '../../../protocols/operation.ts';
import { onlyKnown, requiredString } from '../input.ts';
import type { Queries } from '../queries.ts';

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StopQuery.html */
export function stopQuery(queries: Queries): Operation {
  return async (input) => {
    onlyKnown(input, ['queryId']);
    queries.stop(requiredString(input, 'queryId'));
    return { success: true };
  };
}
