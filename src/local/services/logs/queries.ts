import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { QueryPlan } from '../../insights/plan.ts';
import type { RecordSource } from '../../insights/record.ts';
import { type QueryOutcome, runQuery } from '../../insights/run-query.ts';
import { ServiceError } from '../../seams.ts';

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html */
export type QueryStatus = 'Scheduled' | 'Running' | 'Complete' | 'Failed' | 'Cancelled';

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
const MAX_CONCURRENT_QUERIES = 100;
/** How many ended queries are kept, and how many rows they may hold together. AWS keeps them for seven days. */
const MAX_ENDED_QUERIES = 200;
const MAX_KEPT_ROWS = 500_000;

export interface QueryRequest {
  readonly queryString: string;
  readonly groupNames: readonly string[];
  readonly plan: QueryPlan;
  readonly sources: readonly RecordSource[];
  /** Epoch ms, both inclusive. */
  readonly startMs: number;
  readonly endMs: number;
  readonly limit: number;
}

/** A query that was started, with its current state. */
export interface Query {
  readonly queryId: string;
  readonly queryString: string;
  readonly groupNames: readonly string[];
  readonly createdAtMs: number;
  status: QueryStatus;
  outcome: QueryOutcome | undefined;
}

export interface QueriesEnvironment {
  /** Wall clock, epoch ms. */
  now(): number;
  log(message: string): void;
}

/** Thrown inside a run whose query was stopped. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** The queries of the cloud. They run one after the other, in slices, so that other work of the cloud goes on. */
export class Queries {
  readonly #environment: QueriesEnvironment;
  /** In the order in which they were started. */
  readonly #queries = new Map<string, Query>();
  #last: Promise<void> = Promise.resolve();

  constructor(environment: QueriesEnvironment) {
    this.#environment = environment;
  }

  /** Schedules a query and returns its id. @throws ServiceError `LimitExceededException` */
  start(request: QueryRequest): string {
    const active = [...this.#queries.values()].filter(isActive);
    if (active.length >= MAX_CONCURRENT_QUERIES) {
      throw new ServiceError(
        'LimitExceededException',
        `Account maximum query concurrency limit of [${MAX_CONCURRENT_QUERIES}] reached.`,
      );
    }
    const query: Query = {
      queryId: randomUUID(),
      queryString: request.queryString,
      groupNames: request.groupNames,
      createdAtMs: this.#environment.now(),
      status: 'Scheduled',
      outcome: undefined,
    };
    this.#queries.set(query.queryId, query);
    this.#last = this.#last.then(async () => {
      await this.#run(query, request);
      this.#forgetOldest();
    });
    return query.queryId;
  }

  /** @throws ServiceError `ResourceNotFoundException` */
  get(queryId: string): Query {
    const query = this.#queries.get(queryId);
    if (query === undefined) {
      throw new ServiceError('ResourceNotFoundException', 'The specified query does not exist.');
    }
    return query;
  }

  /**
   * Stops a query that has not ended.
   * @throws ServiceError `ResourceNotFoundException`, `InvalidParameterException` for one that has ended
   */
  stop(queryId: string): void {
    const query = this.get(queryId);
    if (!isActive(query)) {
      throw new ServiceError(
        'InvalidParameterException',
        `Query ${queryId} is not running, its status is ${query.status}`,
      );
    }
    query.status = 'Cancelled';
  }

  /** All queries, the latest first. */
  list(): Query[] {
    return [...this.#queries.values()].reverse();
  }

  async #run(query: Query, request: QueryRequest): Promise<void> {
    const stopIfCancelled = (): void => {
      if (query.status === 'Cancelled') throw new Stopped();
    };
    try {
      // The answer with the query's id is sent before the query runs.
      await nextTurn();
      stopIfCancelled();
      query.status = 'Running';
      const pause = async (): Promise<void> => {
        await nextTurn();
        stopIfCancelled();
      };
      const input = { ...request, nowEpochMs: query.createdAtMs };
      const outcome = await runQuery(request.plan, input, pause, () => performance.now());
      stopIfCancelled();
      query.outcome = outcome;
      query.status = 'Complete';
    } catch (error) {
      if (error instanceof Stopped) return;
      query.status = 'Failed';
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#environment.log(`Logs Insights query ${query.queryId} failed: ${text}\n${query.queryString}`);
    }
  }

  /** Removes the queries that ended longest ago, but never the latest one. */
  #forgetOldest(): void {
    const ended = [...this.#queries.values()].filter((query) => !isActive(query)).reverse();
    let rows = 0;
    for (const [index, query] of ended.entries()) {
      rows += query.outcome?.rowCount ?? 0;
      if (index > 0 && (index >= MAX_ENDED_QUERIES || rows > MAX_KEPT_ROWS))
        this.#queries.delete(query.queryId);
    }
  }
}

function isActive(query: Query): boolean {
  return query.status === 'Scheduled' || query.status === 'Running';
}
