import { resolve } from 'node:path';
import { warnOfConcurrencyLimit } from '../aws/concurrency-limit.ts';
import { EXIT, type ExitCode, usageError } from '../errors.ts';
import { startCallFile } from '../load/engine/call-log.ts';
import { announceWork } from '../load/estimate/announce-work.ts';
import { createLoadPlan, type LoadRequest } from '../load/load-plan.ts';
import { isKept, type LoadJob, loadRuns } from '../load/load-runs.ts';
import { parseHeaders } from '../load/parse-headers.ts';
import { roundsOf } from '../load/rounds.ts';
import { createRunId } from '../load/run-record.ts';
import { signedRegion, signedService, signingKeys } from '../load/signing-keys.ts';
import { evaluateThresholds, parseThreshold, type ThresholdOutcome } from '../load/thresholds.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import { type LatencySummary, summarizeLatency } from '../model/histogram.ts';
import type { LoadPlan, RunRecord } from '../model/run.ts';
import type { Selector } from '../model/selector.ts';
import type { Target } from '../model/target.ts';
import { estimateUsd } from '../report/cost/estimate-cost.ts';
import { withLoadMark } from '../targets/running-loads.ts';

export interface LoadOptions extends Selector, LoadRequest {
  readonly runtimes?: readonly string[];
  /** A server with the same routes, without a deployment. */
  readonly url?: string;
  readonly insecure: boolean;
  /** How many rounds the calls are divided into; undefined: 1 for one runtime, else the default. */
  readonly rounds?: number;
  /** Forced cold starts per function after the rounds; undefined: none. */
  readonly coldStarts?: number;
  /** As typed. */
  readonly failIf: readonly string[];
  /** Signs every request by AWS Signature Version 4. */
  readonly sigv4: boolean;
  /** A file that gets a line for every call. */
  readonly callsOut?: string;
}

export interface LoadCommandResult {
  readonly schema: 'shedbench/load@1';
  readonly benchId: string;
  readonly interrupted: boolean;
  readonly runs: readonly RunRecord[];
  /** The successes' latency of each run in numbers: the records hold it as histograms. */
  readonly latencies: readonly RunLatency[];
  readonly thresholds: readonly (ThresholdOutcome & { readonly runId: string })[];
}

/** The successes' latency of one run, ms. */
export interface RunLatency {
  readonly runId: string;
  /** Closed loop: from the send; open loop: from the intended start. Absent without a success. */
  readonly latencyMs?: LatencySummary;
  /** Open loop: from the actual send. */
  readonly serviceTimeMs?: LatencySummary;
}

/**
 * Loads one route of every runtime asked for. Exit 1 when every call of a run failed or a threshold is crossed, 130
 * when it was cut short; what was measured is on disk in any case.
 *
 * @throws ShedbenchError exit 2 for what can't be understood, exit 3 where nothing is deployed
 */
export async function load(
  options: LoadOptions,
  deps: CommandDeps,
): Promise<CommandResult<LoadCommandResult>> {
  const basePlan = createLoadPlan(options);
  const plan = options.sigv4 && options.url !== undefined ? signedPlan(basePlan, options.url) : basePlan;
  if (options.callsOut !== undefined) startCallFile(resolve(deps.cwd, options.callsOut));
  const thresholds = options.failIf.map((text) => parseThreshold(text));
  const benchId = createRunId(deps);
  const { url } = options;
  const { runs, isPutBack } = await (url === undefined
    ? loadDeployment(plan, benchId, options, deps)
    : loadServer(plan, benchId, url, options, deps));
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
      thresholds: outcomes,
    },
  };
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

interface LoadedRuns {
  readonly runs: readonly RunRecord[];
  /** Whether every function has the settings that it had before. */
  readonly isPutBack: boolean;
}

async function loadDeployment(
  plan: LoadPlan,
  benchId: string,
  options: LoadOptions,
  deps: CommandDeps,
): Promise<LoadedRuns> {
  if (options.insecure) {
    throw usageError('insecure-without-url', '--insecure goes with --url alone.', 'Leave --insecure out');
  }
  // Only here: a load of a bare URL needs no AWS client, nor the memory that a dozen of them take.
  const { openDeployment, pickRuntimes } = await import('../session/session.ts');
  const { createShedTables } = await import('../contract/shed-tables.ts');
  const { localCloudUnderLoad } = await import('../targets/local-cloud-queries.ts');
  const session = await openDeployment(options, deps);
  try {
    const { deployment } = session;
    const jobs: LoadJob[] = await Promise.all(
      pickRuntimes(deployment, options.runtimes).map(async (runtime) => ({
        plan: options.sigv4 ? signedPlan(plan, runtime.apiUrl) : plan,
        runtime: runtime.runtime,
        url: runtime.apiUrl,
        deployed: { deployment, runtime },
        ...(await requestExtras(runtime.apiUrl, plan, options, session.target, deps)),
      })),
    );
    await warnOfConcurrencyLimit(plan.parallel, session, deps);
    const tables = createShedTables(session.clients, deps);
    const cloud = session.target.kind === 'local' ? await localCloudUnderLoad(deps) : undefined;
    const rounds = roundsOf(plan, options.rounds, jobs.length > 1);
    const { withColdStarts } = await import('./forced-cold-starts.ts');
    const { result, isPutBack } = await withLoadMark('load', deps, () =>
      withColdStarts(options.coldStarts, session, cloud, deps, async (cold) => {
        const emit = await announceWork(jobs, estimateUsd, deps);
        const given = {
          ...(cloud === undefined ? {} : { cloud }),
          ...(cold === undefined ? {} : { cold }),
        };
        return await loadRuns(jobs, { benchId, rounds, tables, ...given }, { ...deps, emit });
      }),
    );
    return { runs: result, isPutBack };
  } finally {
    session.close();
  }
}

async function loadServer(
  plan: LoadPlan,
  benchId: string,
  url: string,
  options: LoadOptions,
  deps: CommandDeps,
): Promise<LoadedRuns> {
  if (options.coldStarts !== undefined) {
    throw usageError(
      'cold-without-functions',
      '--cold needs the functions, and --url names none.',
      'Leave --url out',
    );
  }
  const [runtime = 'server', ...others] = options.runtimes ?? [];
  if (others.length > 0) {
    throw usageError('one-server', '--url names one server: one --runtime at most.');
  }
  const extras = await requestExtras(url, plan, options, await credentialsFor(url, options, deps), deps);
  const job: LoadJob = { plan, runtime, url, insecure: options.insecure, ...extras };
  const rounds = roundsOf(plan, options.rounds, false);
  const runs = await withLoadMark('load', deps, () => loadRuns([job], { benchId, rounds }, deps));
  return { runs, isPutBack: true };
}

function signedPlan(plan: LoadPlan, url: string): LoadPlan {
  return { ...plan, sigv4: signedService(url) };
}

/** Undefined where requests are not signed: then no credentials are needed. */
async function credentialsFor(
  url: string,
  options: LoadOptions,
  deps: CommandDeps,
): Promise<Target | undefined> {
  if (!options.sigv4) return undefined;
  const { openCredentials } = await import('../session/session.ts');
  const region = signedRegion(url) ?? options.region;
  const { profile } = options;
  return await openCredentials(
    { ...(region === undefined ? {} : { region }), ...(profile === undefined ? {} : { profile }) },
    deps,
  );
}

/** What requests carry beside the plan, and the file that their calls get into. */
async function requestExtras(
  url: string,
  plan: LoadPlan,
  options: LoadOptions,
  target: Target | undefined,
  deps: CommandDeps,
): Promise<Pick<LoadJob, 'headers' | 'signing' | 'callsOut'>> {
  const headers = parseHeaders(options.headers ?? []);
  const extras = {
    ...(headers.length === 0 ? {} : { headers }),
    ...(options.callsOut === undefined ? {} : { callsOut: resolve(deps.cwd, options.callsOut) }),
  };
  if (!options.sigv4 || target === undefined) return extras;
  const { keys, expireAtEpochMs } = await signingKeys(url, target);
  const endsAtMs = deps.now() + (plan.durationMs ?? 0);
  if (expireAtEpochMs !== undefined && expireAtEpochMs <= endsAtMs) {
    deps.emit({
      type: 'warning',
      code: 'credentials-expire',
      message: `The credentials that sign the requests expire at ${new Date(expireAtEpochMs).toISOString()}, before the load ends.`,
      hint: 'Renew them first, or take a shorter --duration',
    });
  }
  return { ...extras, signing: keys };
}

/** The figures of a run's histograms. */
export function latencyOf(run: RunRecord): RunLatency {
  const { success, serviceTime } = run.latency;
  return {
    runId: run.id,
    ...(success.count === 0 ? {} : { latencyMs: summarizeLatency(success) }),
    ...(serviceTime === undefined || serviceTime.count === 0
      ? {}
      : { serviceTimeMs: summarizeLatency(serviceTime) }),
  };
}
