import { ShedbenchError } from '../../errors.ts';
import type { InvocationColumns, MeasuredInvocation } from '../../model/forecast.ts';
import type { RunRecord } from '../../model/run.ts';
import type { ReportDeps } from '../deps.ts';
import type { SecondsWindow } from './fetch-rows.ts';
import { type InsightsAccess, runQuery } from './run-query.ts';

/** The log group of CloudWatch Lambda Insights. */
const TELEMETRY_LOG_GROUP = '/aws/lambda-insights';
/** The largest number of lines of a run that are queried, the latest first. */
const MOST_LINES = 10_000;
/** The largest number of invocations of a run that a report contains. */
const KEPT_WARM = 240;
const KEPT_COLD = 60;
/** The local cloud writes the line of an invocation up to half a second after its end. */
const TRIES = 4;
const PAUSE_MS = 250;

/** The lines of one function, the latest first. */
export function telemetryQuery(functionName: string): string {
  return `filter function_name = ${JSON.stringify(functionName)} and event_type = "performance"
| fields @timestamp, @message
| sort @timestamp desc`;
}

/**
 * The CPU times and waits of a run's invocations, from lines in the form of CloudWatch Lambda Insights. Warm
 * invocations of the warm-up are left out. Undefined if there is no line, because not every system reports CPU times.
 * @param expectedLines the number of the run's REPORT rows
 * @throws the abort's reason when aborted
 */
export async function readInvocations(
  access: InsightsAccess,
  run: Pick<RunRecord, 'functionName' | 'rounds'>,
  window: SecondsWindow,
  expectedLines: number,
  deps: ReportDeps,
): Promise<InvocationColumns | undefined> {
  const { functionName } = run;
  if (functionName === undefined) return undefined;
  const expected = Math.min(expectedLines, MOST_LINES);
  const warmFromEpochMs = run.rounds.find(({ index }) => index > 0)?.startEpochMs ?? 0;
  for (let attempt = 1; ; attempt++) {
    const found: MeasuredInvocation[] = [];
    let lines = 0;
    try {
      await runQuery(
        access,
        {
          logGroupNames: [TELEMETRY_LOG_GROUP],
          ...window,
          query: telemetryQuery(functionName),
          limit: MOST_LINES,
        },
        deps,
        (row) => {
          lines++;
          const invocation = parseTelemetry(row['@message'] ?? '');
          if (invocation === undefined) return;
          const endEpochMs = Date.parse(`${(row['@timestamp'] ?? '').replace(' ', 'T')}Z`);
          if (invocation.init !== undefined || endEpochMs - invocation.durationMs >= warmFromEpochMs) {
            found.push(invocation);
          }
        },
      );
    } catch (error) {
      // Without lines there is no log group. The report then lacks only the figures that need CPU times.
      if (!(error instanceof ShedbenchError)) throw error;
      return undefined;
    }
    if (lines >= expected || attempt === TRIES) return columnsOf(found.reverse());
    await deps.sleep(PAUSE_MS, deps.signal);
  }
}

/**
 * Parses a line of CloudWatch Lambda Insights that has the waits which the local cloud adds. Undefined for any other
 * text.
 */
export function parseTelemetry(line: string): MeasuredInvocation | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const event = recordOf(value);
  const extra = recordOf(event?.shedbench);
  const [durationMs, cpuMs, queuedMs] = [event?.duration, event?.cpu_total_time, extra?.queued_time].map(
    amountOf,
  );
  if (durationMs === undefined || cpuMs === undefined) return undefined;
  const [initMs, initCpuMs] = [event?.init_duration, extra?.init_cpu_time].map(amountOf);
  const waits = Array.isArray(extra?.waits) ? extra.waits : [];
  return {
    durationMs,
    cpuMs,
    queuedMs: queuedMs ?? 0,
    waits: waits.flatMap((wait: unknown) => {
      const [operation, startMs, ms, opens] = Array.isArray(wait) ? (wait as readonly unknown[]) : [];
      const [start, length] = [amountOf(startMs), amountOf(ms)];
      return typeof operation === 'string' && start !== undefined && length !== undefined
        ? [{ operation, startMs: start, ms: length, ...(opens === 1 ? { opensConnection: true } : {}) }]
        : [];
    }),
    ...(initMs === undefined ? {} : { init: { durationMs: initMs, cpuMs: initCpuMs ?? initMs } }),
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function amountOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** Undefined for no invocation. */
export function columnsOf(invocations: readonly MeasuredInvocation[]): InvocationColumns | undefined {
  const kept = [
    ...spread(
      invocations.filter(({ init }) => init !== undefined),
      KEPT_COLD,
    ),
    ...spread(
      invocations.filter(({ init }) => init === undefined),
      KEPT_WARM,
    ),
  ];
  if (kept.length === 0) return undefined;
  const operations = [...new Set(kept.flatMap(({ waits }) => waits.map(({ operation }) => operation)))];
  return {
    durationMs: kept.map(({ durationMs }) => durationMs),
    cpuMs: kept.map(({ cpuMs }) => cpuMs),
    queuedMs: kept.map(({ queuedMs }) => queuedMs),
    initMs: kept.map(({ init }) => init?.durationMs ?? null),
    initCpuMs: kept.map(({ init }) => init?.cpuMs ?? null),
    operations,
    waits: kept.map(({ waits }) =>
      waits.flatMap(({ operation, startMs, ms, opensConnection }) => [
        operations.indexOf(operation),
        startMs,
        ms,
        opensConnection === true ? 1 : 0,
      ]),
    ),
  };
}

/** At most `most` of the items, spread evenly over all of them. */
function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from(
    { length: most },
    (_, index) => items[Math.floor(((index + 0.5) / most) * items.length)],
  ).filter((item) => item !== undefined);
}
