import { usageError } from '../../errors.ts';
import { mergeHistograms } from '../../model/histogram.ts';
import type { InstrumentHealth, Round, RunRecord, RunWarning, ServerWindow } from '../../model/run.ts';
import { mergeSamples } from '../measure/merge-tallies.ts';
import { addAccounting, addConnections, addLatencies, alignTimelines } from './merge-figures.ts';
import { mergePlans, planDifference } from './merge-plans.ts';

type Parts = readonly [RunRecord, ...RunRecord[]];

/** The names of a merged run, which the command determines. */
export type MergedNames = Pick<RunRecord, 'id' | 'benchId' | 'toolVersion'>;

/** The members of a run record that say what was loaded. They must be equal in all parts. */
const SUBJECT = [
  'url',
  'project',
  'runtime',
  'route',
  'functionName',
  'lambdaRuntime',
  'architecture',
  'memorySizeMB',
  'artifactSha256',
  'templateSha256',
] as const satisfies readonly (keyof RunRecord)[];

/** The ids of the loads whose calls are in a record: its own id, or those of the merged runs. */
export function partsOf(run: RunRecord): readonly string[] {
  return run.mergedFrom ?? [run.id];
}

/**
 * Merges several runs of one subject, loaded from several machines, into one run. Counts and histogram buckets are
 * added. A round lasts from the first send of any part to the last answer of any part.
 *
 * @throws usageError `not-one-load` if the runs differ in what was loaded or how, `same-run-twice` if two of them hold
 *   the calls of one load
 */
export function mergeRuns(runs: Parts, names: MergedNames): RunRecord {
  const [first] = runs;
  for (const run of runs) refuseDifference(first, run);
  const mergedFrom = runs.flatMap(partsOf);
  refuseRepeats(mergedFrom);
  const starts = runs.map((run) => run.startedAtEpochMs - run.clockOffsetMs);
  const rounds = mergeRounds(runs);
  const measured = rounds.filter(({ index }) => index > 0);
  const { mergedFrom: _parts, machine: _machine, sheep: _sheep, fleet: _fleet, ...common } = first;
  const sheep = sheepOf(runs);
  return {
    ...common,
    ...names,
    state: stateOf(runs),
    plan: mergePlans([first.plan, ...runs.slice(1).map(({ plan }) => plan)]),
    rounds,
    mergedFrom,
    window: mergeWindows(runs.map(({ window }) => window)),
    startedAtEpochMs: Math.min(...starts) + first.clockOffsetMs,
    endedAtEpochMs:
      Math.max(...runs.map((run) => run.endedAtEpochMs - run.clockOffsetMs)) + first.clockOffsetMs,
    elapsedMs: measured.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0),
    ...(sheep === undefined ? {} : { sheep }),
    accounting: addAccounting(runs.map(({ accounting }) => accounting)),
    latency: addLatencies(runs.map(({ latency }) => latency)),
    ...mergeRequests(runs),
    timeline: alignTimelines(
      runs.map(({ timeline }, at) => ({ timeline, lateMs: (starts[at] ?? 0) - Math.min(...starts) })),
    ),
    connections: addConnections(runs.map(({ connections }) => connections)),
    instrument: mergeInstruments(runs),
    unexpectedSamples: mergeSamples(runs.map(({ unexpectedSamples }) => unexpectedSamples)),
    warnings: [...apartWarning(runs), ...runs.flatMap(warningsOf)],
  };
}

function refuseDifference(a: RunRecord, b: RunRecord): void {
  const differing = SUBJECT.find((name) => a[name] !== b[name]);
  const inPlan = planDifference(a.plan, b.plan);
  if (differing === undefined && inPlan === undefined) return;
  const what =
    differing === undefined ? `the plan's ${inPlan}` : `${differing} (${a[differing]}, ${b[differing]})`;
  throw usageError(
    'not-one-load',
    `${a.id} and ${b.id} are not parts of one load: they differ in ${what}.`,
    'Run the same command on every machine; -c, -p, --rate, --threads and -s may differ',
  );
}

function refuseRepeats(ids: readonly string[]): void {
  const repeated = ids.find((id, at) => ids.indexOf(id) !== at);
  if (repeated === undefined) return;
  throw usageError(
    'same-run-twice',
    `The calls of ${repeated} would be counted twice.`,
    'Name each file once, and no file beside one that it was merged into',
  );
}

function stateOf(runs: Parts): RunRecord['state'] {
  if (runs.every(({ state }) => state === 'complete')) return 'complete';
  return runs.every(({ state }) => state === 'failed') ? 'failed' : 'interrupted';
}

/** The requests of a mix, each with the merged results of all parts. Empty if the plan has only one request. */
function mergeRequests(runs: Parts): Pick<RunRecord, 'requests'> {
  const [first] = runs;
  if (first.requests === undefined) return {};
  return {
    requests: first.requests.map(({ name }, at) => {
      const parts = runs.flatMap(({ requests }) => requests?.[at] ?? []);
      return {
        name,
        accounting: addAccounting(parts.map(({ accounting }) => accounting)),
        success: mergeHistograms(parts.map(({ success }) => success)),
      };
    }),
  };
}

/**
 * Merges the rounds of the same number. Each machine begins a round when it is ready, so the merged round spans all
 * of them.
 */
function mergeRounds(runs: Parts): Round[] {
  const all = runs.flatMap(({ rounds }) => rounds);
  const indexes = [...new Set(all.map(({ index }) => index))].sort((a, b) => a - b);
  return indexes.flatMap((index) => {
    const parts = all.filter((round) => round.index === index);
    const [first] = parts;
    if (first === undefined) return [];
    const startEpochMs = Math.min(...parts.map((part) => part.startEpochMs));
    const endEpochMs = Math.max(...parts.map((part) => part.endEpochMs));
    const longestMs = Math.max(...parts.map(({ elapsedMs }) => elapsedMs));
    return {
      index,
      turn: first.turn,
      startEpochMs,
      endEpochMs,
      elapsedMs: parts.length === 1 ? longestMs : Math.max(longestMs, endEpochMs - startEpochMs),
      accounting: addAccounting(parts.map(({ accounting }) => accounting)),
      success: mergeHistograms(parts.map(({ success }) => success)),
    };
  });
}

function mergeWindows(windows: readonly ServerWindow[]): ServerWindow {
  return {
    startEpochMs: Math.min(...windows.map(({ startEpochMs }) => startEpochMs)),
    endEpochMs: Math.max(...windows.map(({ endEpochMs }) => endEpochMs)),
    closedLateMs: Math.max(...windows.map(({ closedLateMs }) => closedLateMs)),
  };
}

/** The CPU time of all machines divided by the time of the load. Every other figure is that of the worst machine. */
function mergeInstruments(runs: Parts): InstrumentHealth {
  const all = runs.map(({ instrument }) => instrument);
  const worst = (pick: (health: InstrumentHealth) => number | undefined) => {
    const known = all.flatMap((health) => pick(health) ?? []);
    return known.length === 0 ? undefined : Math.max(...known);
  };
  const cpuMs = runs.reduce((sum, { instrument, elapsedMs }) => sum + instrument.cpuShare * elapsedMs, 0);
  const elapsedMs = mergeRounds(runs).reduce(
    (sum, round) => sum + (round.index > 0 ? round.elapsedMs : 0),
    0,
  );
  const [sendLagP50Ms, sendLagP99Ms] = [
    worst((health) => health.sendLagP50Ms),
    worst((health) => health.sendLagP99Ms),
  ];
  const bottleneck = all.find((health) => health.bottleneck !== undefined)?.bottleneck;
  return {
    cpuShare: elapsedMs > 0 ? cpuMs / elapsedMs : 0,
    eventLoopUtilization: worst((health) => health.eventLoopUtilization) ?? 0,
    eventLoopDelayP99Ms: worst((health) => health.eventLoopDelayP99Ms) ?? 0,
    ...(sendLagP50Ms === undefined ? {} : { sendLagP50Ms }),
    ...(sendLagP99Ms === undefined ? {} : { sendLagP99Ms }),
    threads: all.reduce((sum, { threads }) => sum + threads, 0),
    peakRssMiB: worst((health) => health.peakRssMiB) ?? 0,
    ...(bottleneck === undefined ? {} : { bottleneck }),
  };
}

/**
 * The number of sheep before the first part began and after the last one ended. Undefined if a part did not count
 * them.
 */
function sheepOf(runs: Parts): RunRecord['sheep'] {
  if (runs.some(({ sheep }) => sheep === undefined)) return undefined;
  const byStart = runs.toSorted((a, b) => a.window.startEpochMs - b.window.startEpochMs);
  const byEnd = runs.toSorted((a, b) => a.window.endEpochMs - b.window.endEpochMs);
  const [before, after] = [byStart[0]?.sheep?.before, byEnd.at(-1)?.sheep?.after];
  return before === undefined || after === undefined ? undefined : { before, after };
}

/**
 * Warns about runs that hardly overlap. They were loads one after the other: their latencies are right, but the sum
 * of their rates never occurred.
 */
function apartWarning(runs: Parts): RunWarning[] {
  const spans = runs.map(({ rounds }) => {
    const measured = rounds.filter(({ index }) => index > 0);
    return {
      startEpochMs: Math.min(...measured.map(({ startEpochMs }) => startEpochMs)),
      endEpochMs: Math.max(...measured.map(({ endEpochMs }) => endEpochMs)),
    };
  });
  const lastStart = Math.max(...spans.map(({ startEpochMs }) => startEpochMs));
  const firstStart = Math.min(...spans.map(({ startEpochMs }) => startEpochMs));
  const shortest = Math.min(...spans.map(({ startEpochMs, endEpochMs }) => endEpochMs - startEpochMs));
  const apartMs = lastStart - firstStart;
  if (!Number.isFinite(apartMs) || apartMs <= shortest / 2) return [];
  return [
    {
      code: 'not-at-once',
      message: `The merged loads began up to ${(apartMs / 1000).toFixed(1)} s apart, so they were not one load at one time.`,
      hint: 'Start them together, and by --duration instead of -c',
    },
  ];
}

/** The warnings of one part. Their counts are those of that part only. */
function warningsOf({ id, warnings, mergedFrom }: RunRecord): RunWarning[] {
  if (mergedFrom !== undefined) return [...warnings];
  return warnings.map((warning) => ({ ...warning, message: `In ${id}: ${warning.message}` }));
}
