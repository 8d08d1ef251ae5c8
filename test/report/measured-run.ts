import type { ReportedRun, Samples } from '../../src/model/report.ts';
import type { Route } from '../../src/model/route.ts';
import { clientSide } from '../../src/report/rows/client-side.ts';
import { runRecord } from './fixtures.ts';
import { measuredServer } from './measured-server.ts';

export interface Rows {
  /** Warm durations, ms: of one round, or a list per round. */
  readonly warm: readonly number[] | readonly (readonly number[])[];
  /** Each in an environment of its own. */
  readonly cold?: readonly { readonly durationMs: number; readonly initMs: number }[];
}

/** A measured run of these durations. Billed is the duration rounded up, as Lambda bills. */
export function measured(runtime: string, route: Route, { warm, cold = [] }: Rows): ReportedRun {
  const rounds: readonly (readonly number[])[] = warm.every((item) => typeof item === 'number')
    ? [warm as readonly number[]]
    : (warm as readonly (readonly number[])[]);
  const durations = [...cold.map(({ durationMs, initMs }) => durationMs + initMs), ...rounds.flat()];
  const samples: Samples = {
    atMs: durations.map((_, index) => index),
    round: [...cold.map(() => 1), ...rounds.flatMap((values, index) => values.map(() => index + 1))],
    environment: durations.map((_, index) => (index < cold.length ? index : 0)),
    durationMs: durations,
    initMs: [...cold.map(({ initMs }) => initMs), ...rounds.flat().map(() => null)],
    billedMs: durations.map(Math.ceil),
    memoryMB: durations.map(() => 30),
    status: durations.map(() => 0),
  };
  const record = runRecord(runtime, route);
  const _count = durations.length;
  return {
    runId: record.id,
    benchId: record.benchId,
    state: 'complete',
    label: `${runtime}-${route}`,
    runtime,
    route,
    architecture: 'arm64',
    memorySizeMB: 128,
    toolVersion: '0.1.0',
    plan: record.plan,
    window: record.window,
    elapsedMs: 1000,
    rounds: rounds.map((values, index) => ({
      index: index + 1,
      turn: 1,
      startEpochMs: index * 1000,
      endEpochMs: index * 1000 + 900,
      calls: values.length,
    })),
    client: clientSide(record, [50, 90, 99]),
    server: measuredServer(samples),
  };
}

/** Eight rounds of durations about a center; each round is off by another percentage. */
export function inRounds(
  center: number,
  drift: readonly number[] = [0, 0.01, -0.01, 0.02, -0.02, 0.005, -0.005, 0.015],
): readonly (readonly number[])[] {
  return drift.map((off) =>
    Array.from({ length: 20 }, (_, index) => center * (1 + off) * (0.98 + index / 500)),
  );
}

/** So many cold starts about a duration, each with the same init. */
export function coldStarts(count: number, durationMs: number, initMs = 100) {
  return Array.from({ length: count }, (_, index) => ({ durationMs: durationMs + (index % 3), initMs }));
}
