import { warnOfConcurrencyLimit } from '../../aws/concurrency-limit.ts';
import { type FunctionReference, refuseQualifier } from '../../aws/function-facts.ts';
import { usageError } from '../../errors.ts';
import { announceWork } from '../../load/estimate/announce-work.ts';
import type { LoadedRuns, LoadOptions } from '../../load/load-options.ts';
import { createLoadPlan } from '../../load/load-plan.ts';
import { type LoadJob, type LoadRunsOptions, loadRuns } from '../../load/load-runs.ts';
import { readPayload } from '../../load/read-body.ts';
import { requestExtras, signedPlan, startCalls } from '../../load/request-extras.ts';
import { roundsOf } from '../../load/rounds.ts';
import { shedJob } from '../../load/shed-job.ts';
import type { CommandDeps } from '../../model/command.ts';
import type { Route } from '../../model/route.ts';
import { estimateUsd } from '../../report/cost/estimate-cost.ts';
import { openLoaders, refuseLoaders } from '../../session/open-loaders.ts';
import type { Session } from '../../session/session.ts';
import { withLoadMark } from '../../targets/running-loads.ts';

/** Loads a route of the deployed runtimes. */
export async function loadDeployment(
  route: Route,
  benchId: string,
  options: LoadOptions,
  deps: CommandDeps,
): Promise<LoadedRuns> {
  refuseInsecure(options);
  const plan = createLoadPlan(options);
  refuseLoaders(plan, options);
  // Imported only here, because a load of a URL needs no AWS clients, and they use much memory.
  const { openDeployment, pickRuntimes } = await import('../../session/session.ts');
  const { createShedTables } = await import('../../contract/shed-tables.ts');
  const session = await openDeployment(options, deps);
  try {
    const { deployment } = session;
    const { project } = deployment;
    const fleet = await openLoaders(plan, benchId, { ...options, project }, session, deps);
    const jobs: LoadJob[] = await Promise.all(
      pickRuntimes(deployment, options.runtimes).map(async (runtime) => ({
        plan: options.sigv4 ? signedPlan(plan, runtime.apiUrl) : plan,
        ...shedJob(route, deployment, runtime),
        ...fleet,
        ...(await requestExtras(runtime.apiUrl, plan, options, session.target, deps)),
      })),
    );
    const tables = createShedTables(session.clients, deps);
    startCalls(options, deps);
    return await loadInSession(jobs, { benchId, tables }, session, options, deps);
  } finally {
    session.close();
  }
}

/** Loads functions by Lambda's Invoke, each with the same payload. */
export async function loadFunctions(
  references: readonly FunctionReference[],
  benchId: string,
  options: LoadOptions,
  deps: CommandDeps,
): Promise<LoadedRuns> {
  refuseInsecure(options);
  if (options.coldStarts !== undefined) for (const reference of references) refuseQualifier(reference);
  const { openFunctions } = await import('../../session/open-functions.ts');
  const { earliestPlan, functionJobs } = await import('../../load/function-job.ts');
  const payload = await readPayload('--payload', options.payload ?? '{}', deps.cwd);
  for (const reference of references) refuseLoaders(earliestPlan(reference, payload, options), options);
  const session = await openFunctions(references, options, deps);
  try {
    const plain = await functionJobs(session, payload, options, deps);
    const [first] = plain;
    if (first === undefined) return { runs: [], isPutBack: true };
    const fleet = await openLoaders(first.plan, benchId, options, session, deps);
    startCalls(options, deps);
    const jobs = plain.map((job) => ({ ...job, ...fleet }));
    return await loadInSession(jobs, { benchId }, session, options, deps);
  } finally {
    session.close();
  }
}

/** Makes the runs of a session's functions, and then their forced cold starts. */
async function loadInSession(
  jobs: readonly LoadJob[],
  given: Pick<LoadRunsOptions, 'benchId' | 'tables'>,
  session: Session,
  options: LoadOptions,
  deps: CommandDeps,
): Promise<LoadedRuns> {
  const [first] = jobs;
  if (first === undefined) return { runs: [], isPutBack: true };
  const { localCloudUnderLoad } = await import('../../targets/local-cloud-queries.ts');
  const { withColdStarts } = await import('../../session/forced-cold-starts.ts');
  const { parallel } = first.plan;
  await warnOfConcurrencyLimit({ parallel, loaders: first.fleet?.loaders ?? 0 }, session, deps);
  const cloud = session.target.kind === 'local' ? await localCloudUnderLoad(deps) : undefined;
  const rounds = roundsOf(first.plan, options.rounds, jobs.length > 1);
  const { result, isPutBack } = await withLoadMark('load', deps, () =>
    withColdStarts(options.coldStarts, session, cloud, deps, async (cold) => {
      const emit = await announceWork(jobs, estimateUsd, deps, {
        rounds,
        cold,
        isAsLambda: cloud?.isAsLambda === true,
        localSinceEpochMs: cloud?.startedAtEpochMs,
      });
      return await loadRuns(
        jobs,
        {
          ...given,
          name: options.name,
          rounds,
          ...(cloud === undefined ? {} : { cloud }),
          ...(cold === undefined ? {} : { cold }),
        },
        { ...deps, emit },
      );
    }),
  );
  return { runs: result, isPutBack };
}

function refuseInsecure({ insecure }: LoadOptions): void {
  if (!insecure) return;
  throw usageError('insecure-without-url', '--insecure goes only with --url.', 'Leave --insecure out');
}
