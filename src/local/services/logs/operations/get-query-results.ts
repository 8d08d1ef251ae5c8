import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Operation } from '../../../protocols/operation.ts';
import {
  invalidParameter,
  onlyKnown,
  optionalInteger,
  pageToken,
  requiredString,
  tokenPosition,
} from '../input.ts';
import type { Queries } from '../queries.ts';

const MAX_PAGE_ROWS = 10_000;
const ROWS_PER_TURN = 500;

/**
 * Returns the rows of a query, 10,000 per page. There are none before the query is Complete.
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
 */
export function getQueryResults(queries: Queries): Operation {
  return async (input) => {
    onlyKnown(input, ['queryId', 'nextToken', 'maxItems']);
    const query = queries.get(requiredString(input, 'queryId'));
    const pageRows = optionalInteger(input, 'maxItems', 1, MAX_PAGE_ROWS) ?? MAX_PAGE_ROWS;
    const { outcome } = query;
    const first = firstRow(query.queryId, tokenPosition(input));
    const rowCount = outcome?.rowCount ?? 0;
    const end = Math.min(first + pageRows, rowCount);
    const results = [];
    for (let index = first; index < end; index += 1) {
      results.push(outcome?.row(index));
      // A full page takes about 100 ms to render, so other work of the cloud runs in between.
      if (results.length % ROWS_PER_TURN === 0) await nextTurn();
    }
    return {
      queryLanguage: 'CWLI',
      status: query.status,
      results,
      statistics: {
        recordsMatched: outcome?.recordsMatched ?? 0,
        recordsScanned: outcome?.recordsScanned ?? 0,
        bytesScanned: outcome?.bytesScanned ?? 0,
        estimatedRecordsSkipped: 0,
        estimatedBytesSkipped: 0,
        logGroupsScanned: query.groupNames.length,
      },
      nextToken: end < rowCount ? pageToken(`${query.queryId}/${end}`) : undefined,
    };
  };
}

function firstRow(queryId: string, position: string | undefined): number {
  if (position === undefined) return 0;
  const [id, row, ...rest] = position.split('/');
  if (id !== queryId || row === undefined || !/^\d{1,9}$/.test(row) || rest.length > 0) {
    throw invalidParameter('The specified nextToken does not belong to this query.');
  }
  return Number(row);
}
