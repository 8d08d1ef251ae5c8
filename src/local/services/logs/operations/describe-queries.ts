import type { Operation } from '../../../protocols/operation.ts';
import { onlyKnown, optionalInteger, optionalString, pageToken, tokenPosition } from '../input.ts';
import type { Queries } from '../queries.ts';

const MAX_PAGE = 1_000;

/**
 * Returns the queries that were started, the latest first. `queryString` is the text as sent, without the `SOURCE`
 * command that AWS puts in front.
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeQueries.html
 */
export function describeQueries(queries: Queries): Operation {
  return async (input) => {
    onlyKnown(input, ['logGroupName', 'status', 'maxResults', 'nextToken', 'queryLanguage']);
    const group = optionalString(input, 'logGroupName');
    const status = optionalString(input, 'status');
    const limit = optionalInteger(input, 'maxResults', 1, MAX_PAGE) ?? MAX_PAGE;
    const all = queries
      .list()
      .filter(
        (query) =>
          (group === undefined || query.groupNames.includes(group)) &&
          (status === undefined || query.status === status),
      );
    const after = tokenPosition(input);
    const start = after === undefined ? 0 : all.findIndex((query) => query.queryId === after) + 1;
    const page = all.slice(start, start + limit);
    return {
      queries: page.map((query) => ({
        queryId: query.queryId,
        queryLanguage: 'CWLI',
        queryString: query.queryString,
        status: query.status,
        createTime: query.createdAtMs,
        logGroupName: query.groupNames[0],
      })),
      nextToken: start + limit < all.length ? pageToken(page.at(-1)?.queryId ?? '') : undefined,
    };
  };
}
