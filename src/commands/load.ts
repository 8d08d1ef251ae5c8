import { warnOfConcurrencyLimit } from '../aws/concurrency-limit.ts';
import { EXIT, type ExitCode, usageError } from '../errors.ts';
import { createLoadPlan, type LoadRequest } from '../load/load-plan.ts';
import { isKept, type LoadJob, loadRuns } from '../load/load-runs.ts';
import { roundsOf } from '../load/rounds.ts';
import { createRunId } from '../load/run-record.ts';
import { evaluateThresholds, parseThreshold, type ThresholdOutcome } from '../load/thresholds.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import type { LoadPlan, RunRecord } from '../model/run.ts';
import type { Selector } from '../model/selector.ts';

export interface LoadOptions extends Selector, LoadRequest {
  readonly runtimes?: readonly string[];
  /** A server with the same routes, without a deployment. */
  readonly url?: string;
  readonly insecure: boolean;
  /** How many rounds the calls are divided into; undefined: 1 for one runtime, else the default. */
  readonly rounds?: number;
  /** As typed. */
  readonly failIf: readonly string[];
}

export interface LoadCommandResult {
  readonly schema: 'shedbench/load@1';
  readonly benchId: string;
  readonly interrupted: boolean;
  readonly runs: readonly RunRecord[];
  readonly thresholds: readonly (ThresholdOutcome & { readonly runId: string })[];
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
  const plan = createLoadPlan(options);
  const thresholds = options.failIf.map((text) => parseThreshold(text));
  const benchId = createRunId(deps);
  const runs =
    options.url === undefined
      ? await loadDeployment(plan, benchId, options, deps)
      : await loadServer(plan, benchId, options.url, options, deps);
  const interrupted = deps.interrupt.first.aborted;
  const outcomes = runs.flatMap((run) =>
    evaluateThresholds(thresholds, run).map((outcome) => ({ ...outcome, runId: run.id })),
  );
  return {
    exitCode: exitCodeOf(runs, outcomes, interrupted),
    data: { schema: 'shedbench/load@1', benchId, interrupted, runs, thresholds: outcomes },
  };
}

function exitCodeOf(
  runs: readonly RunRecord[],
  outcomes: readonly ThresholdOutcome[],
  interrupted: boolean,
): ExitCode {
  if (interrupted) return EXIT.interrupted;
  const failed = runs.some((run) => run.state === 'failed' || run.accounting.successes === 0 || !isKept(run));
  return failed || outcomes.some((outcome) => outcome.failed) ? EXIT.fellShort : EXIT.ok;
}

async function loadDeployment(
  plan: LoadPlan,
  benchId: string,
  options: LoadOptions,
  deps: CommandDeps,
): Promise<RunRecord[]> {
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
    const jobs: LoadJob[] = pickRuntimes(deployment, options.runtimes).map((runtime) => ({
      plan,
      runtime: runtime.runtime,
      url: runtime.apiUrl,
      deployed: { deployment, runtime },
    }));
    await warnOfConcurrencyLimit(plan.parallel, session, deps);
    const tables = createShedTables(session.clients, deps);
    const cloud = session.target.kind === 'local' ? await localCloudUnderLoad(deps) : undefined;
    const rounds = roundsOf(plan, options.rounds, jobs.length > 1);
    return await loadRuns(jobs, { benchId, rounds, tables, ...(cloud === undefined ? {} : { cloud }) }, deps);
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
): Promise<RunRecord[]> {
  const [runtime = 'server', ...others] = options.runtimes ?? [];
  if (others.length > 0) {
    throw usageError('one-server', '--url names one server: one --runtime at most.');
  }
  const job: LoadJob = { plan, runtime, url, insecure: options.insecure };
  return await loadRuns([job], { benchId, rounds: roundsOf(plan, options.rounds, false) }, deps);
}
