import { parseFunctionReference } from '../aws/function-facts.ts';
import { EXIT, type ExitCode, usageError } from '../errors.ts';
import type { LoadedRuns, LoadOptions } from '../load/load-options.ts';
import { isKept } from '../load/load-runs.ts';
import { roundsOf } from '../load/rounds.ts';
import { createRunId } from '../load/run-record.ts';
import { evaluateThresholds, parseThreshold, type ThresholdOutcome } from '../load/thresholds.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import { type EncodedHistogram, type LatencySummary, summarizeLatency } from '../model/histogram.ts';
import { ROUTES } from '../model/route.ts';
import type { RunRecord } from '../model/run.ts';
import { fleetCostUsd } from '../report/cost/loader-cost.ts';
import { runFromElsewhere } from '../report/rows/other-origin.ts';
import { listFleetRuns, listRuns } from '../store/runs.ts';
import { loadDeployment, loadFunctions } from './load/load-deployed.ts';
import { loadUrl } from './load/load-server.ts';

export interface LoadCommandResult {
  readonly schema: 'shedbench/load@1';
  readonly benchId: string;
  readonly interrupted: boolean;
  readonly runs: readonly RunRecord[];
  /** The latency figures of each run's successes. The records contain histograms. */
  readonly latencies: readonly RunLatency[];
  /** One entry for each run that loaders sent, and for each run whose work was also sent from the other place. */
  readonly origins: readonly RunOrigin[];
  readonly thresholds: readonly (ThresholdOutcome & { readonly runId: string })[];
}

/** The origin of a run, with facts that are not in its record. */
export interface RunOrigin {
  readonly runId: string;
  /** The cost of its loaders, US dollars. Absent without loaders, or if a price or the billed time is not known. */
  readonly loadersUsd?: number;
  /** The latest run of the same work from the other place, this machine or loaders in the region. */
  readonly elsewhere?: { readonly runId: string; readonly latencyMs: LatencySummary };
}

/** The latency of one run's successes, ms. */
export interface RunLatency {
  readonly runId: string;
  /** Closed loop: from the send; open loop: from the intended start. Absent without a success. */
  readonly latencyMs?: LatencySummary;
  /** Open loop: from the actual send. */
  readonly serviceTimeMs?: LatencySummary;
  /** The time to open a connection, TLS included. Absent if none was opened in the measured part. */
  readonly connectMs?: LatencySummary;
  /** The part of it that TLS took. */
  readonly handshakeMs?: LatencySummary;
  /** From the send of a connection's first request to the first byte of its answer. */
  readonly firstByteMs?: LatencySummary;
}

/**
 * Loads a route of every runtime asked for, a server, or functions by Invoke. Exit 1 if every call of a run failed or
 * a threshold was exceeded, 130 after an interrupt. The measurements are on disk in any case.
 *
 * @throws ShedbenchError exit 2 for invalid options, exit 3 if nothing is deployed
 */
export async function load(
  options: LoadOptions,
  deps: CommandDeps,
): Promise<CommandResult<LoadCommandResult>> {
  const thresholds = options.failIf.map((text) => parseThreshold(text));
  roundsOf(options, options.rounds, true);
  const benchId = createRunId(deps);
  const { runs, isPutBack } = await runsOf(benchId, options, deps);
  const interrupted = deps.interrupt.first.aborted;
  const outcomes = runs.flatMap((run) =>
    evaluateThresholds(thresholds, run).map((outcome) => ({ ...outcome, runId: run.id })),
  );
  return {
    exitCode: exitCodeOf(runs, outcomes, interrupted) || (isPutBack ? EXIT.ok : EXIT.aws),
    data: {
      schema: 'shedbench/load@1',
      benchId,
      interrupted,
      runs,
      latencies: runs.map(latencyOf),
      origins: await originsOf(runs, deps),
      thresholds: outcomes,
    },
  };
}

async function runsOf(benchId: string, options: LoadOptions, deps: CommandDeps): Promise<LoadedRuns> {
  const { url: address, functions } = options;
  if (functions !== undefined) {
    const references = functions.map((text) => parseFunctionReference(text, options.qualifier));
    return await loadFunctions(references, benchId, options, deps);
  }
  if (address === undefined) {
    if (options.route === undefined) throw noSubject();
    return await loadDeployment(options.route, benchId, options, deps);
  }
  return await loadUrl(address, benchId, options, deps);
}

function noSubject() {
  return usageError(
    'no-subject',
    'load needs something to call.',
    `--route wolf (one of ${ROUTES.join(', ')}), --url ADDRESS, or --function NAME`,
  );
}

function exitCodeOf(
  runs: readonly RunRecord[],
  outcomes: readonly ThresholdOutcome[],
  interrupted: boolean,
): ExitCode {
  if (interrupted) return EXIT.interrupted;
  const failed = runs.some(
    (run) => run.state !== 'complete' || run.accounting.successes === 0 || !isKept(run),
  );
  return failed || outcomes.some((outcome) => outcome.failed) ? EXIT.fellShort : EXIT.ok;
}

/**
 * For each run, the cost of its loaders and the latest run of the same work from the other place. Runs that have
 * neither are left out.
 */
export async function originsOf(
  runs: readonly RunRecord[],
  deps: Pick<CommandDeps, 'cwd'>,
): Promise<RunOrigin[]> {
  // The list of runs warns of unreadable records. A run that this machine sent is compared with runs of loaders only.
  const isFleet = runs.some(({ fleet }) => fleet !== undefined);
  const earlier = await (isFleet ? listRuns : listFleetRuns)(deps.cwd, () => {});
  const all = [...earlier, ...runs];
  return runs.flatMap((run) => {
    const other = runFromElsewhere(run.id, all);
    const loadersUsd = run.fleet === undefined ? undefined : fleetCostUsd(run.fleet);
    if (other === undefined && loadersUsd === undefined) return [];
    return {
      runId: run.id,
      ...(loadersUsd === undefined ? {} : { loadersUsd }),
      ...(other === undefined
        ? {}
        : { elsewhere: { runId: other.id, latencyMs: summarizeLatency(other.latency.success) } }),
    };
  });
}

/** Computes the figures of a run's histograms. */
export function latencyOf(run: RunRecord): RunLatency {
  const { success, serviceTime, connect, handshake, firstByte } = run.latency;
  const summaryOf = (histogram: EncodedHistogram | undefined) =>
    histogram === undefined || histogram.count === 0 ? undefined : summarizeLatency(histogram);
  const summaries = {
    latencyMs: summaryOf(success),
    serviceTimeMs: summaryOf(serviceTime),
    connectMs: summaryOf(connect),
    handshakeMs: summaryOf(handshake),
    firstByteMs: summaryOf(firstByte),
  };
  const known = Object.entries(summaries).filter(([, summary]) => summary !== undefined);
  return { runId: run.id, ...Object.fromEntries(known) };
}
