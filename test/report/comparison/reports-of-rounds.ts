import type { Report, ReportedRun, Samples } from '../../../src/model/report.ts';
import type { MachineState } from '../../../src/model/run.ts';
import { collectReport } from '../../../src/report/collect-report.ts';
import { drawNormal, seededRandom } from '../../../src/report/statistics/random-draws.ts';
import { FakeWorld, type RunChanges, runRecord } from '../fixtures.ts';
import { measuredServer } from '../measured-server.ts';

export interface RoundsOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly typicalMs?: number;
  readonly runtime?: string;
  readonly environments?: number;
  /** The yardstick and the cores that other programs used. */
  readonly machine?: { readonly yardstickMs: number; readonly otherCpuShare?: number };
  readonly changes?: RunChanges;
}

const ROWS_PER_ROUND = 50;

/** A report of one run of the cat with so many rounds; every environment starts cold in round 1. */
export async function reportOfRounds(options: RoundsOptions): Promise<Report> {
  const record = runRecord(options.runtime ?? 'rust', 'cat', options.changes ?? {});
  const report = await collectReport(
    { runs: [record], logs: undefined, toolVersion: '0.1.0' },
    new FakeWorld().deps,
  );
  return { ...report, runs: report.runs.map((run) => withRows(run, options)) };
}

function withRows(run: ReportedRun, options: RoundsOptions): ReportedRun {
  const samples = samplesOf(options);
  const _found = samples.atMs.length;
  return {
    ...run,
    ...(options.machine === undefined ? {} : { machine: machineState(options.machine) }),
    server: measuredServer(samples),
  };
}

function samplesOf({ seed, rounds, typicalMs = 20, environments = 5 }: RoundsOptions): Samples {
  const random = seededRandom(seed);
  const started = new Set<number>();
  const rows = Array.from({ length: rounds * ROWS_PER_ROUND }, (_, index) => {
    const environment = Math.floor(random() * environments);
    const isCold = !started.has(environment);
    started.add(environment);
    const initMs = isCold ? 100 * Math.exp(0.05 * drawNormal(random)) : null;
    const durationMs = typicalMs * Math.exp(0.1 * drawNormal(random)) + (initMs ?? 0);
    return {
      round: 1 + Math.floor(index / ROWS_PER_ROUND),
      environment,
      initMs,
      durationMs,
      memoryMB: 40 + environment,
    };
  });
  return {
    atMs: rows.map((_, index) => index * 10),
    round: rows.map(({ round }) => round),
    environment: rows.map(({ environment }) => environment),
    durationMs: rows.map(({ durationMs }) => durationMs),
    initMs: rows.map(({ initMs }) => initMs),
    billedMs: rows.map(({ durationMs }) => Math.ceil(durationMs)),
    memoryMB: rows.map(({ memoryMB }) => memoryMB),
    status: rows.map(() => 0),
  };
}

function machineState({
  yardstickMs,
  otherCpuShare,
}: {
  yardstickMs: number;
  otherCpuShare?: number;
}): MachineState {
  return {
    yardsticks: [1, 2, 3].map((beforeRound) => ({ atEpochMs: beforeRound, beforeRound, ms: yardstickMs })),
    ...(otherCpuShare === undefined ? {} : { otherCpuShare }),
  };
}
