import { type EncodedHistogram, type LatencySummary, quantileMs } from '../model/histogram.ts';
import { leadsToLambda } from '../model/lambda-url.ts';
import { counted, formatCount, formatUsd, NO_VALUE } from '../model/number-text.ts';
import type { LoaderRecord, RunRecord } from '../model/run.ts';
import { visibleLength, wrapText } from '../model/wrap-text.ts';
import { paint } from './ansi.ts';
import { latencyBars } from './latency-bars.ts';

/** The data for the text of a load. */
export interface LoadView {
  readonly interrupted: boolean;
  readonly runs: readonly RunRecord[];
  readonly origins: readonly RunOriginView[];
  readonly thresholds: readonly {
    readonly runId: string;
    readonly expression: string;
    readonly failed: boolean;
    readonly actualText: string;
  }[];
}

/** The origin of a run's load, in addition to the facts in its record. */
interface RunOriginView {
  readonly runId: string;
  readonly loadersUsd?: number;
  readonly elsewhere?: { readonly runId: string; readonly latencyMs: LatencySummary };
}

const MS_PER_S = 1000;

/** Renders the runs of a load, one block each: what was sent, what was answered, and how long it took. */
export function renderLoad(
  view: LoadView,
  style: { readonly color: boolean; readonly columns: number },
): string {
  const blocks = view.runs.map((run) =>
    renderRun(
      run,
      view.origins.find(({ runId }) => runId === run.id),
      style,
    ),
  );
  if (view.interrupted) blocks.push('Ended early: the measurements so far are kept.\n');
  const failed = view.thresholds.filter((threshold) => threshold.failed);
  if (view.thresholds.length > 0) {
    const lines = view.thresholds.map(
      ({ expression, failed, actualText, runId }) =>
        `${failed ? 'crossed' : 'held   '}  ${expression}  was ${actualText}  (${runId})`,
    );
    blocks.push(`${lines.join('\n')}\n`);
  }
  const deployed = view.runs.some((run) => run.target.kind !== 'url');
  if (deployed && failed.length === 0 && !view.interrupted) {
    blocks.push('What Lambda measured and billed:  shedbench report\n');
  }
  return blocks.join('\n');
}

function renderRun(
  run: RunRecord,
  origin: RunOriginView | undefined,
  { color, columns }: { readonly color: boolean; readonly columns: number },
): string {
  const { bold, dim, red, yellow } = paint(color);
  const { accounting, instrument } = run;
  const lines: string[] = [];
  if (instrument.bottleneck !== undefined) {
    lines.push(
      yellow(`The load generator was the bottleneck: ${instrument.bottleneck.reason}`),
      `  ${instrument.bottleneck.hint}`,
    );
  }
  const rate =
    run.elapsedMs > 0 ? `${formatCount(accounting.calls / (run.elapsedMs / MS_PER_S))}/s` : NO_VALUE;
  const state = run.state === 'complete' ? '' : `  ${yellow(run.state)}`;
  lines.push(`${bold(`${run.runtime} ${run.route}`)}${state}  ${dim(run.id)}`);
  lines.push(
    `  calls      ${formatCount(accounting.calls)} in ${formatDuration(run.elapsedMs)}, ${rate}, ${inFlight(run.plan)} in flight`,
  );
  lines.push(
    `  outcome    ${formatCount(accounting.successes)} as expected, ${formatCount(accounting.unexpected)} unexpected, ${formatCount(accounting.errors)} without an answer`,
  );
  const statuses = Object.entries(accounting.attemptsByStatus).map(
    ([status, n]) => `${status} × ${formatCount(n)}`,
  );
  const errors = Object.entries(accounting.attemptsByError).map(([kind, n]) => `${kind} × ${formatCount(n)}`);
  lines.push(`  answers    ${[...statuses, ...errors.map(red)].join(', ') || NO_VALUE}`);
  if (accounting.retries > 0) lines.push(`  retries    ${formatCount(accounting.retries)}`);
  if (accounting.notSent > 0) {
    const why = run.fleet?.loaders.some(({ losses }) => losses.length > 0)
      ? 'planned calls, those of lost loaders among them'
      : 'planned calls found no free connection';
    lines.push(`  not sent   ${formatCount(accounting.notSent)} ${why}`);
  }
  const { apiGateway, lambda } = accounting.throttled;
  if (run.plan.invoke !== undefined || leadsToLambda(run.url)) {
    if (apiGateway + lambda > 0) {
      lines.push(`  throttled  ${formatCount(apiGateway)} by API Gateway, ${formatCount(lambda)} by Lambda`);
    }
  } else if (apiGateway > 0) lines.push(`  throttled  ${formatCount(apiGateway)} with status 429`);
  lines.push(...latencyLines(run, origin, columns), ...requestLines(run), ...fleetLines(run, origin));
  const warmup = run.rounds.find(({ index }) => index === 0)?.accounting;
  if (warmup !== undefined) {
    const fellShort = warmup.calls - warmup.successes;
    const failed = fellShort > 0 ? `, ${formatCount(fellShort)} of them no success` : '';
    lines.push(`  warm-up    ${counted(warmup.calls, 'call')}${failed}, left out of the above`);
  }
  if (run.sheep !== undefined) {
    lines.push(`  sheep      ${formatCount(run.sheep.before)} before, ${formatCount(run.sheep.after)} after`);
  }
  for (const { status, body, count } of run.unexpectedSamples) {
    lines.push(`  ${yellow(String(status))} × ${formatCount(count)}  ${body.replaceAll(/\s+/g, ' ')}`);
  }
  for (const warning of run.warnings) {
    lines.push(`  ${yellow('warning:')} ${warning.message}`);
    if (warning.hint !== undefined) lines.push(`    ${warning.hint}`);
  }
  return `${lines.map((line) => fitted(line, columns)).join('\n')}\n`;
}

/** The column at which the facts of a line begin, after its name. */
const FACTS_AT = 13;
const BARS_INDENT = '    ';

/** Wraps a line to the width of the terminal. The continuation is indented like the facts. */
function fitted(line: string, columns: number): string {
  if (visibleLength(line) <= columns) return line;
  const indent = /^ */.exec(line)?.[0] ?? '';
  const isFact = /^ {2}\S/.test(line);
  return wrapText(line.slice(indent.length), columns, {
    first: indent,
    rest: isFact ? ' '.repeat(FACTS_AT) : `${indent}  `,
  });
}

/** The latencies, and the times of connections that were not reused. */
function latencyLines(run: RunRecord, origin: RunOriginView | undefined, columns: number): string[] {
  const { latency, instrument, accounting } = run;
  const lines = [`  latency    ${latencyLine(latency.success)}`];
  if (origin?.elsewhere !== undefined) {
    const where = run.fleet === undefined ? 'in region' : 'from here';
    const { runId, latencyMs } = origin.elsewhere;
    lines.push(`  ${where}  ${summaryLine(latencyMs)}  (${runId})`);
  }
  if (latency.serviceTime !== undefined) {
    lines.push(`  service    ${latencyLine(latency.serviceTime)}  (from the actual send)`);
  }
  const { sendLagP50Ms, sendLagP99Ms } = instrument;
  if (sendLagP50Ms !== undefined && sendLagP99Ms !== undefined) {
    const { calls, sentLate } = accounting;
    const [who, late] =
      sentLate === 0
        ? ['calls', '']
        : [
            'calls with a free connection',
            `; ${formatShare(sentLate / calls)} of all calls left over 10 ms late`,
          ];
    lines.push(
      `  schedule   ${who} left ${formatLag(sendLagP50Ms)} (p50) and ${formatLag(sendLagP99Ms)} (p99) after they were due${late}`,
    );
  }
  lines.push(...connectionLines(run));
  const bars = latencyBars(latency.success, columns - BARS_INDENT.length);
  if (bars.length > 0) lines.push('', ...bars.map((bar) => `${BARS_INDENT}${bar}`), '');
  return lines;
}

/**
 * The number of connections and the times to open them, unless each was kept and reused. In an open loop a call is due
 * before its connection opens, so that its latency includes the wait.
 */
function connectionLines({ latency, connections, plan, rounds }: RunRecord): string[] {
  const { opened, closedByServer } = connections;
  const attempts = rounds.reduce((sum, round) => sum + round.accounting.attempts, 0);
  const isReused = plan.keepAlive !== false && opened <= plan.parallel && opened < attempts;
  if (opened === 0 || (isReused && closedByServer === 0)) return [];
  const closed = closedByServer > 0 ? `, ${formatCount(closedByServer)} closed by the server` : '';
  const place =
    plan.mode === 'open' ? 'part of the latency of a call that waits for it' : 'before the latency begins';
  const lines = [
    `  opened     ${counted(opened, 'connection')}${closed}`,
    `  connect    ${timesLine(latency.connect)}  (${place})`,
  ];
  if (latency.handshake !== undefined) lines.push(`  of it TLS  ${timesLine(latency.handshake)}`);
  if (latency.firstByte !== undefined) lines.push(`  first byte ${timesLine(latency.firstByte)}`);
  return lines;
}

/** Describes the loaders that sent a run: their number, their CPU use, and how punctual they were. */
function fleetLines({ fleet, elapsedMs }: RunRecord, origin: RunOriginView | undefined): string[] {
  if (fleet === undefined) return [];
  const { loaders, region, clockSpreadMs, clockErrorMs } = fleet;
  const total = (count: (loader: LoaderRecord) => number) =>
    loaders.reduce((sum, loader) => sum + count(loader), 0);
  const calls = total((loader) => loader.calls);
  const cpuMs = total((loader) => loader.cpuMs);
  const busiest = Math.max(0, ...loaders.map(({ cpuMs: own }) => (elapsedMs > 0 ? own / elapsedMs : 0)));
  const latest = Math.max(0, ...loaders.map(({ startedLateMs }) => startedLateMs));
  const cost = origin?.loadersUsd === undefined ? '' : `, ${formatUsd(origin.loadersUsd)} for Lambda`;
  const lines = [
    `  loaders    ${formatCount(loaders.length)} in ${region}, ${formatCount(total(({ coldStarts }) => coldStarts))} cold starts${cost}`,
    `  their CPU  ${calls > 0 ? formatCount((cpuMs / calls) * 1000) : NO_VALUE} µs a call, the busiest at ${Math.round(busiest * 100)} % of its core`,
  ];
  if (clockSpreadMs !== undefined && clockErrorMs !== undefined) {
    lines.push(
      `  clocks     ${formatMs(clockSpreadMs)} ms apart at most, each read to ±${formatMs(clockErrorMs)} ms; ${latest > 0 ? `the last loader started ${formatMs(latest)} ms late` : 'all started in time'}`,
    );
  }
  return lines;
}

/** One line for each request of a mix. */
function requestLines({ requests = [] }: RunRecord): string[] {
  const width = Math.max(0, ...requests.map(({ name }) => name.length));
  return requests.map(({ name, accounting, success }) => {
    const failed = accounting.calls - accounting.successes;
    const shortfall = failed === 0 ? '' : `, ${formatCount(failed)} of them no success`;
    return `  ${name.padEnd(Math.max(width, 10))} ${counted(accounting.calls, 'call')}${shortfall}; ${latencyLine(success)}`;
  });
}

/** In an open loop `-p` is only a limit, and the number of connections in use depends on the answers. */
function inFlight({ mode, parallel, calls }: RunRecord['plan']): string {
  return mode === 'open'
    ? `at most ${formatCount(parallel)}`
    : formatCount(Math.min(parallel, calls ?? parallel));
}

function latencyLine(histogram: EncodedHistogram): string {
  return histogram.count === 0 ? `${NO_VALUE} (no success)` : timesLine(histogram);
}

function timesLine(histogram: EncodedHistogram): string {
  const { minMs, maxMs } = histogram;
  const [p50, p90, p99] = [0.5, 0.9, 0.99].map((q) => quantileMs(histogram, q));
  return summaryLine({ min: minMs, p50, p90, p99, max: maxMs });
}

function summaryLine(
  summary: {
    readonly [K in 'min' | 'p50' | 'p90' | 'p99' | 'max']: number | undefined;
  },
): string {
  const parts = (['min', 'p50', 'p90', 'p99', 'max'] as const).map((name) => [name, summary[name]] as const);
  return `${parts.map(([name, ms]) => `${name} ${formatMs(ms)}`).join('  ')} ms`;
}

function formatShare(share: number): string {
  const percent = 100 * share;
  return percent < 1 ? 'less than 1 %' : `${Math.round(percent)} %`;
}

function formatLag(ms: number): string {
  return ms < 1 ? `${formatCount(ms * 1000)} µs` : `${formatMs(ms)} ms`;
}

function formatMs(ms: number | undefined): string {
  if (ms === undefined) return NO_VALUE;
  return ms >= 100 ? formatCount(ms) : ms.toFixed(ms >= 10 ? 1 : 2);
}

function formatDuration(ms: number): string {
  return ms >= 100 * MS_PER_S ? `${formatCount(ms / MS_PER_S)} s` : `${(ms / MS_PER_S).toFixed(2)} s`;
}
