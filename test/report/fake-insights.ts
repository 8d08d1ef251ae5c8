import type {
  InsightsPort,
  InsightsRow,
  QueryPage,
  QueryRequest,
  QueryStatus,
} from '../../src/report/rows/insights-port.ts';
import { DIAGNOSIS_QUERY, rowsQuery } from '../../src/report/rows/query-text.ts';

const ROWS_QUERY = rowsQuery({});

/** One line of a log. `kind` says whether it is a REPORT line (the default), one in JSON format, or any other line. */
export interface FakeLine {
  readonly atEpochMs: number;
  readonly durationMs: number;
  readonly initMs?: number;
  readonly billedMs: number;
  readonly memoryMB: number;
  readonly status?: 'timeout' | 'error';
  /** By default each line has its own id. Empty if the line contains no id. */
  readonly requestId?: string;
  /** By default `stream`. */
  readonly logStream?: string;
  /** The time of the fake clock from which queries find the line. By default they always find it. */
  readonly visibleFromEpochMs?: number;
  readonly kind?: 'report' | 'json' | 'other';
  /** A whole message instead of a START, an END and a REPORT line. Only the local logs support it. */
  readonly text?: string;
}

export interface FakeOptions {
  readonly now: () => number;
  readonly pageRows?: number;
  /** Called before each answer. It may throw an error as the SDK does. */
  readonly onStart?: (request: QueryRequest, index: number) => void;
  readonly onResults?: (queryId: string, call: number, request: QueryRequest) => QueryStatus | undefined;
  /** Changes the rows of an answer, so that it is wrong. */
  readonly distort?: (rows: InsightsRow[], request: QueryRequest) => InsightsRow[];
  readonly rowLimit?: number;
  /** When the log groups were created. If absent, the list of log groups is empty. */
  readonly createdAtEpochMs?: number;
}

const computed = (value: number) => String(Number(value.toFixed(4)));
const scientific = (value: number) => value.toExponential().replace('e+', 'E');

/** Statistics that are computed without the report's own code, so that the two can be compared. */
function stats(
  values: readonly number[],
  name: string,
  percentiles: readonly number[],
): Record<string, string> {
  if (values.length === 0) return {};
  const ascending = [...values].sort((a, b) => a - b);
  let sum = 0;
  for (const value of values) sum += value;
  const average = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - average) * (value - average);
  const rank = (p: number) => ascending[Math.ceil((p / 100) * values.length - 1e-9) - 1] ?? Number.NaN;
  return {
    [`avg${name}`]: computed(average),
    [`min${name}`]: computed(ascending[0] ?? Number.NaN),
    [`max${name}`]: computed(ascending.at(-1) ?? Number.NaN),
    ...(values.length < 2 ? {} : { [`stddev${name}`]: computed(Math.sqrt(squares / (values.length - 1))) }),
    ...Object.fromEntries(
      percentiles.map((p) => [`p${String(p).replace('.', '_')}${name}`, computed(rank(p))]),
    ),
  };
}

/** CloudWatch Logs as the report sees it, for the three queries that the report asks. */
export class FakeInsights implements InsightsPort {
  readonly started: QueryRequest[] = [];
  readonly stopped: string[] = [];
  readonly #groups: Map<string, readonly FakeLine[]>;
  readonly #options: FakeOptions;
  readonly #answers = new Map<
    string,
    { request: QueryRequest; rows: InsightsRow[] | undefined; calls: number }
  >();

  constructor(groups: Readonly<Record<string, readonly FakeLine[]>>, options: FakeOptions) {
    this.#groups = new Map(Object.entries(groups));
    this.#options = options;
  }

  async startQuery(request: QueryRequest, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    this.#options.onStart?.(request, this.started.length);
    this.started.push(request);
    for (const name of request.logGroupNames) {
      if (!this.#groups.has(name)) {
        throw sdkError('ResourceNotFoundException', `Log group '${name}' does not exist`);
      }
    }
    const id = `query-${this.started.length}`;
    this.#answers.set(id, { request, rows: undefined, calls: 0 });
    return id;
  }

  async getQueryResults(
    queryId: string,
    nextToken: string | undefined,
    signal: AbortSignal,
  ): Promise<QueryPage> {
    signal.throwIfAborted();
    const answer = this.#answers.get(queryId);
    if (answer === undefined) throw sdkError('ResourceNotFoundException', 'no such query');
    const status = this.#options.onResults?.(queryId, answer.calls++, answer.request) ?? 'Complete';
    if (status !== 'Complete') return { status, rows: [] };
    answer.rows ??= (this.#options.distort ?? ((rows) => rows))(
      this.#evaluate(answer.request),
      answer.request,
    );
    const from = nextToken === undefined ? 0 : Number(nextToken);
    const to = from + (this.#options.pageRows ?? 10_000);
    return {
      status,
      rows: answer.rows.slice(from, to),
      ...(to < answer.rows.length ? { nextToken: String(to) } : {}),
    };
  }

  async logGroupCreatedAt(name: string): Promise<number | undefined> {
    return this.#groups.has(name) ? this.#options.createdAtEpochMs : undefined;
  }

  async stopQuery(queryId: string): Promise<void> {
    this.stopped.push(queryId);
  }

  #evaluate(request: QueryRequest): InsightsRow[] {
    return request.logGroupNames.flatMap((name) => {
      const lines = (this.#groups.get(name) ?? [])
        .map((line, index) => ({ line, pointer: `${name}#${index}` }))
        .filter(
          ({ line }) =>
            line.atEpochMs >= request.startEpochSeconds * 1000 &&
            line.atEpochMs < (request.endEpochSeconds + 1) * 1000 &&
            (line.visibleFromEpochMs ?? 0) <= this.#options.now(),
        );
      if (request.query === DIAGNOSIS_QUERY) return this.#diagnosis(lines.map(({ line }) => line));
      const reports = lines.filter(({ line }) => (line.kind ?? 'report') === 'report');
      if (request.query === ROWS_QUERY) {
        return reports
          .sort((a, b) => a.line.atEpochMs - b.line.atEpochMs)
          .slice(0, this.#options.rowLimit ?? request.limit)
          .map(({ line, pointer }) => rawRow(line, pointer));
      }
      return this.#aggregate(name, reports, request.query);
    });
  }

  #diagnosis(lines: readonly FakeLine[]): InsightsRow[] {
    if (lines.length === 0) return [];
    const times = lines.map(({ atEpochMs }) => atEpochMs);
    const count = (kind: string) => String(lines.filter((line) => (line.kind ?? 'report') === kind).length);
    return [
      {
        lines: String(lines.length),
        jsonReports: count('json'),
        textReports: count('report'),
        firstAt: String(Math.min(...times)),
        lastAt: String(Math.max(...times)),
      },
    ];
  }

  #aggregate(
    group: string,
    reports: readonly { readonly line: FakeLine; readonly pointer: string }[],
    query: string,
  ): InsightsRow[] {
    const lines = reports.map(({ line, pointer }) => ({ requestId: pointer, ...line }));
    const percentiles = [...new Set([...query.matchAll(/pct\(\S+, ([\d.]+)\)/g)].map(([, p]) => Number(p)))];
    const project = /lambda\.(.+?)-\(\?<Lambda>/.exec(query)?.[1]?.replaceAll('\\', '') ?? '';
    const label = group.replace(`/aws/lambda/${project}-`, '');
    return [false, true].flatMap((cold) => {
      const own = lines.filter((line) => (line.initMs !== undefined) === cold);
      if (own.length === 0) return [];
      return [
        {
          Lambda: label,
          coldStart: cold ? '1' : '0',
          count: String(own.length),
          requests: String(new Set(own.flatMap(({ requestId }) => requestId || [])).size),
          timeouts: String(own.filter(({ status }) => status === 'timeout').length),
          failures: String(own.filter(({ status }) => status !== undefined).length),
          memorySize: '128',
          ...stats(
            own.map(({ durationMs, initMs }) => durationMs + (initMs ?? 0)),
            'Duration',
            percentiles,
          ),
          ...stats(
            own.flatMap(({ initMs }) => (initMs === undefined ? [] : [initMs])),
            'Init',
            percentiles,
          ),
          ...stats(
            own.map(({ billedMs }) => billedMs),
            'Billed',
            percentiles,
          ),
          ...stats(
            own.map(({ memoryMB }) => memoryMB),
            'Memory',
            percentiles,
          ),
        },
      ];
    });
  }
}

function rawRow(line: FakeLine, pointer: string): InsightsRow {
  return {
    '@timestamp': new Date(line.atEpochMs).toISOString().replace('T', ' ').replace('Z', ''),
    '@duration': String(line.durationMs),
    ...(line.initMs === undefined ? {} : { '@initDuration': String(line.initMs) }),
    '@billedDuration': `${line.billedMs}.0`,
    '@maxMemoryUsed': scientific(line.memoryMB * 1_000_000),
    isTimeout: line.status === 'timeout' ? '1' : '0',
    isFailure: line.status === undefined ? '0' : '1',
    '@requestId': line.requestId ?? pointer,
    '@logStream': line.logStream ?? 'stream',
    '@ptr': pointer,
  };
}

/** An error as the AWS SDK throws it. */
export function sdkError(name: string, message: string, status = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}
