import { resolve } from 'node:path';
import { warnOfConcurrencyLimit } from '../aws/concurrency-limit.ts';
import { type FunctionReference, parseFunctionReference } from '../aws/function-facts.ts';
import { EXIT, type ExitCode, usageError } from '../errors.ts';
import { startCallFile } from '../load/engine/call-log.ts';
import { announceWork } from '../load/estimate/announce-work.ts';
import { fleetSize } from '../load/fleet/fleet-size.ts';
import { createLoadPlan, type LoadRequest } from '../load/load-plan.ts';
import { isKept, type LoadJob, loadRuns } from '../load/load-runs.ts';
import { parseHeaders } from '../load/parse-headers.ts';
import { readBody, readPayload } from '../load/read-body.ts';
import { roundsOf } from '../load/rounds.ts';
import { createRunId } from '../load/run-record.ts';
import { shedJob } from '../load/shed-job.ts';
import { expiringKeys, signedRegion, signedService } from '../load/signing-keys.ts';
import { evaluateThresholds, parseThreshold, type ThresholdOutcome } from '../load/thresholds.ts';
import { baseOf, urlSubject } from '../load/url-subject.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import { type LatencySummary, summarizeLatency } from '../model/histogram.ts';
import { groupThousands } from '../model/number-text.ts';
import { DEFAULT_PROJECT } from '../model/project.ts';
import { ROUTES, type Route } from '../model/route.ts';
import type { LoadPlan, RunRecord } from '../model/run.ts';
import type { Selector } from '../model/selector.ts';
import type { Subject } from '../model/subject.ts';
import type { Target } from '../model/target.ts';
import { estimateUsd } from '../report/cost/estimate-cost.ts';
import { fleetCostUsd, loaderCostUsd } from '../report/cost/loader-cost.ts';
import { runFromElsewhere } from '../report/rows/other-origin.ts';
import type { Session } from '../session/session.ts';
import { listRuns } from '../store/runs.ts';
import { withLoadMark } from '../targets/running-loads.ts';

const MS_PER_MINUTE = 60_000;

export interface LoadOptions extends Selector, Omit<LoadRequest, 'subject' | 'invoke'> {
  readonly runtimes?: readonly string[];
  /** A server: with `route` one that has the shed's routes, else any. It may have a query where it is the whole request. */
  readonly url?: string;
  /** One request to `url`, as typed; `body` is a file or the text itself. */
  readonly request?: {
    readonly method?: string;
    readonly path?: string;
    readonly body?: string;
    readonly expect?: readonly number[];
  };
  /** A file with a mix of requests to `url`. */
  readonly requestsFile?: string;
  /** Functions that are invoked directly. */
  readonly functions?: readonly string[];
  /** A version or alias of every one of them. */
  readonly qualifier?: string;
  /** What an Invoke sends: a file of JSON, or JSON itself; `{}` by default. */
  readonly payload?: string;
  readonly insecure: boolean;
  /** How many rounds the calls are divided into; undefined: 1 for one runtime, else the default. */
  readonly rounds?: number;
  /** Forced cold starts per function after the rounds; undefined: none. */
  readonly coldStarts?: number;
  /** What the person calls the runs. */
  readonly name?: string;
  /** As typed. */
  readonly failIf: readonly string[];
  /** Signs every request by AWS Signature Version 4. */
  readonly sigv4: boolean;
  /** A file that gets a line for every call. */
  readonly callsOut?: string;
  /** Loaders in the region send the load; undefined: this machine does. */
  readonly from?: { readonly loaders?: number };
}

export interface LoadCommandResult {
  readonly schema: 'shedbench/load@1';
  readonly benchId: string;
  readonly interrupted: boolean;
  readonly runs: readonly RunRecord[];
  /** The successes' latency of each run in numbers: the records hold it as histograms. */
  readonly latencies: readonly RunLatency[];
  /** One for each run that loaders sent, or that was also sent from the other place. */
  readonly origins: readonly RunOrigin[];
  readonly thresholds: readonly (ThresholdOutcome & { readonly runId: string })[];
}

/** Where a run was sent from, beside what its record says. */
export interface RunOrigin {
  readonly runId: string;
  /** What its loaders cost, US dollars; absent without loaders, or where no price or no bill is known. */
  readonly loadersUsd?: number;
  /** The latest run of the same work from the other place, this machine or loaders in the region. */
  readonly elsewhere?: { readonly runId: string; readonly latencyMs: LatencySummary };
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
 * Loads a route of every runtime asked for, a server, or functions by Invoke. Exit 1 when every call of a run failed or a
 * threshold is crossed, 130 when it was cut short; what was measured is on disk in any case.
 *
 * @throws ShedbenchError exit 2 for what can't be understood, exit 3 where nothing is deployed
 */
export async function load(
  options: LoadOptions,
  deps: CommandDeps,
): Promise<CommandResult<LoadCommandResult>> {
  const thresholds = options.failIf.map((text) => parseThreshold(text));
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
  const server = await serverOf(address, options, deps);
  const plan = createLoadPlan({
    ...options,
    ...(server.subject === undefined ? {} : { subject: server.subject }),
  });
  return await loadServer(
    options.sigv4 ? signedPlan(plan, server.url) : plan,
    benchId,
    server,
    options,
    deps,
  );
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

interface LoadedRuns {
  readonly runs: readonly RunRecord[];
  /** Whether every function has the settings that it had before. */
  readonly isPutBack: boolean;
}

async function loadDeployment(
  route: Route,
  benchId: string,
  options: LoadOptions,
  deps: CommandDeps,
): Promise<LoadedRuns> {
  refuseInsecure(options);
  const plan = createLoadPlan(options);
  startCalls(options, deps);
  // Only here: a load of a bare URL needs no AWS client, nor the memory that a dozen of them take.
  const { openDeployment, pickRuntimes } = await import('../session/session.ts');
  const { createShedTables } = await import('../contract/shed-tables.ts');
  const { localCloudUnderLoad } = await import('../targets/local-cloud-queries.ts');
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
    await warnOfConcurrencyLimit(
      { parallel: plan.parallel, loaders: fleet.fleet?.loaders ?? 0 },
      session,
      deps,
    );
    const tables = createShedTables(session.clients, deps);
    const cloud = session.target.kind === 'local' ? await localCloudUnderLoad(deps) : undefined;
    const rounds = roundsOf(plan, options.rounds, jobs.length > 1);
    const { withColdStarts } = await import('./forced-cold-starts.ts');
    const { result, isPutBack } = await withLoadMark('load', deps, () =>
      withColdStarts(options.coldStarts, session, cloud, deps, async (cold) => {
        const emit = await announceWork(jobs, estimateUsd, deps, {
          cold,
          isAsLambda: cloud?.isAsLambda === true,
        });
        const given = {
          ...(cloud === undefined ? {} : { cloud }),
          ...(cold === undefined ? {} : { cold }),
        };
        return await loadRuns(
          jobs,
          { benchId, name: options.name, rounds, tables, ...given },
          { ...deps, emit },
        );
      }),
    );
    return { runs: result, isPutBack };
  } finally {
    session.close();
  }
}

/** Loads functions by Lambda's Invoke, each with the same payload. */
async function loadFunctions(
  references: readonly FunctionReference[],
  benchId: string,
  options: LoadOptions,
  deps: CommandDeps,
): Promise<LoadedRuns> {
  refuseInsecure(options);
  const { openFunctions } = await import('../session/open-functions.ts');
  const { functionJobs } = await import('../load/function-job.ts');
  const { localCloudUnderLoad } = await import('../targets/local-cloud-queries.ts');
  const { withColdStarts } = await import('./forced-cold-starts.ts');
  const payload = await readPayload('--payload', options.payload ?? '{}', deps.cwd);
  const session = await openFunctions(references, options, deps);
  try {
    const plain = await functionJobs(session, payload, options, deps);
    const [first] = plain;
    if (first === undefined) return { runs: [], isPutBack: true };
    const fleet = await openLoaders(first.plan, benchId, options, session, deps);
    const jobs = plain.map((job) => ({ ...job, ...fleet }));
    startCalls(options, deps);
    const { parallel } = first.plan;
    await warnOfConcurrencyLimit({ parallel, loaders: fleet.fleet?.loaders ?? 0 }, session, deps);
    const cloud = session.target.kind === 'local' ? await localCloudUnderLoad(deps) : undefined;
    const rounds = roundsOf(first.plan, options.rounds, jobs.length > 1);
    const { result, isPutBack } = await withLoadMark('load', deps, () =>
      withColdStarts(options.coldStarts, session, cloud, deps, async (cold) => {
        const emit = await announceWork(jobs, estimateUsd, deps);
        const given = {
          ...(cloud === undefined ? {} : { cloud }),
          ...(cold === undefined ? {} : { cold }),
        };
        return await loadRuns(jobs, { benchId, rounds, ...given }, { ...deps, emit });
      }),
    );
    return { runs: result, isPutBack };
  } finally {
    session.close();
  }
}

/** Creates the file of `--calls-out`. @throws the file system's error */
function startCalls({ callsOut }: LoadOptions, deps: CommandDeps): void {
  if (callsOut !== undefined) startCallFile(resolve(deps.cwd, callsOut));
}

function refuseInsecure({ insecure }: LoadOptions): void {
  if (!insecure) return;
  throw usageError('insecure-without-url', '--insecure goes with --url alone.', 'Leave --insecure out');
}

async function loadServer(
  plan: LoadPlan,
  benchId: string,
  { url, subject }: { readonly url: string; readonly subject?: Subject },
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
  startCalls(options, deps);
  const extras = await requestExtras(url, plan, options, await credentialsFor(url, options, deps), deps);
  const contents = subject?.requests.map(({ content }) => content);
  const job: LoadJob = {
    plan,
    runtime,
    url,
    insecure: options.insecure,
    ...(contents === undefined ? {} : { contents }),
    ...extras,
  };
  const rounds = roundsOf(plan, options.rounds, false);
  if (options.from === undefined) {
    const runs = await withLoadMark('load', deps, () =>
      loadRuns([job], { benchId, name: options.name, rounds }, deps),
    );
    return { runs, isPutBack: true };
  }
  const { openSession } = await import('../session/session.ts');
  const session = await openSession(options, { startLocal: false }, deps);
  try {
    const fleet = await openLoaders(plan, benchId, options, session, deps);
    const runs = await withLoadMark('load', deps, () =>
      loadRuns([{ ...job, ...fleet }], { benchId, name: options.name, rounds }, deps),
    );
    return { runs, isPutBack: true };
  } finally {
    session.close();
  }
}

/**
 * The loaders in the region, deployed where they do not stand; nothing where this machine sends the load.
 * @throws ShedbenchError exit 2 for what loaders can not do, exit 3 and 130 as a deploy
 */
export async function openLoaders(
  plan: LoadPlan,
  loadId: string,
  options: Selector & Pick<LoadOptions, 'from' | 'callsOut'>,
  session: Session,
  deps: CommandDeps,
): Promise<Pick<LoadJob, 'fleet'>> {
  if (options.from === undefined) return {};
  if (options.callsOut !== undefined) {
    throw usageError(
      'not-from-loaders',
      '--calls-out writes on the machine that sends, and loaders keep no files.',
      'Leave --calls-out out',
    );
  }
  const loaders = fleetSize(plan, options.from.loaders);
  const { deployLoaders } = await import('../session/deploy-loaders.ts');
  const { openFleet } = await import('../load/fleet/open-fleet.ts');
  const site = await deployLoaders(options.project ?? DEFAULT_PROJECT, session, options, deps);
  const fleet = await openFleet(site, { plan, loaders, loadId }, session.clients, deps.emit);
  const perMinuteUsd = loaderCostUsd(
    site,
    { billedMs: loaders * MS_PER_MINUTE, invocations: loaders },
    session.target.region,
  );
  const cost = perMinuteUsd === undefined ? '' : `; on AWS about $${perMinuteUsd.toPrecision(2)} a minute`;
  deps.emit({
    type: 'note',
    message: `${loaders} ${loaders === 1 ? 'loader sends' : 'loaders send'} from ${session.target.region} (${site.functionName}, ${groupThousands(site.memorySizeMB)} MB, ${site.architecture}${cost}); their figures come when they are back.`,
  });
  return { fleet };
}

/**
 * What a load of a URL calls: the shed's route, the mix of a file, or one request.
 * @returns the base URL, and the subject where it is not the shed's
 */
async function serverOf(
  address: string,
  options: LoadOptions,
  deps: CommandDeps,
): Promise<{ readonly url: string; readonly subject?: Subject }> {
  const { route, requestsFile, request = {} } = options;
  if (route === undefined && requestsFile === undefined) {
    const { body, ...words } = request;
    return urlSubject(address, {
      ...words,
      ...(body === undefined ? {} : { body: await readBody('--body', body, deps.cwd) }),
    });
  }
  const url = new URL(address);
  if (url.search !== '') {
    throw usageError(
      'two-queries',
      `--url goes without a query here: the requests have their own.`,
      `--url ${baseOf(url)}`,
    );
  }
  if (requestsFile === undefined) return { url: baseOf(url) };
  // Only a load that has such a file needs the YAML parser.
  const { readRequestsFile } = await import('../load/requests-file.ts');
  return { url: baseOf(url), subject: await readRequestsFile(requestsFile, deps.cwd) };
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
  const region = signedRegion(url) ?? target.region;
  const signing = await expiringKeys(signedService(url), region, target, plan.durationMs ?? 0, deps);
  return { ...extras, signing };
}

/** Where the runs were sent from, and what the same work took from the other place. */
export async function originsOf(
  runs: readonly RunRecord[],
  deps: Pick<CommandDeps, 'cwd'>,
): Promise<RunOrigin[]> {
  // What can't be read is told where the runs are listed.
  const all = await listRuns(deps.cwd, () => {});
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
