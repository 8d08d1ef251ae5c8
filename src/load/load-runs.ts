import { fileError, ShedbenchError } from '../errors.ts';
import type { EnforcedCpu } from '../model/as-lambda.ts';
import type { CommandDeps } from '../model/command.ts';
import type { Route } from '../model/route.ts';
import type { LoadPlan, RunRecord } from '../model/run.ts';
import type { HeaderField, RequestContent } from '../model/subject.ts';
import { noteCalls, tellOfCalls, waitUntilApart } from '../spacing/wait-apart.ts';
import { tryRunsFolder, writeRun } from '../store/runs.ts';
import type { Fleet } from './fleet/fleet-engine.ts';
import { type ColdStarts, forceColdStarts } from './force-cold-starts.ts';
import type { LoadDeps, LoadResult, LoadTarget } from './load-result.ts';
import { createMachineProbe, type MachineProbe } from './measure/machine-probe.ts';
import { MachineWatch } from './measure/machine-watch.ts';
import { runRounds } from './run-load.ts';
import { createRunRecord, inId, type RunContext } from './run-record.ts';
import type { SigningKeys } from './wire/request-signer.ts';
import { withSmallYoungGeneration } from './young-generation.ts';

/** The routes that have no work to do in an empty shed. */
const READS_THE_SHED: ReadonlySet<Route> = new Set(['dog', 'wolf']);

/** A run to make: a plan, and the function or server that it loads. */
export interface LoadJob {
  readonly plan: LoadPlan;
  /** The runtime's label, the function's name, or a name for the server. */
  readonly runtime: string;
  readonly url: string;
  readonly insecure?: boolean;
  /** Header fields that every request gets. */
  readonly headers?: readonly HeaderField[];
  /** Own header fields and bodies of the requests, in the order of the plan. Undefined if none has any. */
  readonly contents?: readonly RequestContent[];
  /** Undefined if requests are not signed. */
  readonly signing?: SigningKeys;
  /** The path of a file that gets a line for every call. Undefined if none was requested. */
  readonly callsOut?: string;
  /** The loaders that send the calls. Undefined if this machine sends them. */
  readonly fleet?: Fleet;
  /** What the record says about the function. Undefined for `--url`, because nothing is known about the server. */
  readonly about?: Omit<RunContext, 'id' | 'benchId' | 'toolVersion' | 'url' | 'runtime'>;
  /**
   * The shed's table, whose sheep are counted. Undefined for any other subject. `flags`: the options that select the
   * deployment.
   */
  readonly shed?: { readonly tableName: string; readonly route: Route; readonly flags: string };
}

/** The facts about the local cloud that a load records. */
export interface CloudUnderLoad {
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly startedAtEpochMs: number;
  /** How many environments the cloud starts at once, at least 1. */
  readonly startsAtOnce: number;
  /** Returns the version of the interpreter of a Lambda runtime. Undefined while it is not known. */
  interpreterOf(lambdaRuntime: string): Promise<string | undefined>;
  /** What the kernel enforces for a memory size. Undefined if functions run at full speed. */
  enforcedCpu(memorySizeMB: number): Promise<EnforcedCpu | undefined>;
}

export interface LoadRunsOptions {
  readonly benchId: string;
  /** The user's name for these runs. Undefined if they have no name. */
  readonly name?: string | undefined;
  /** How many rounds the calls of each job are divided into, at least 1. */
  readonly rounds: number;
  /** The local cloud that is loaded. Undefined for AWS and other servers. */
  readonly cloud?: CloudUnderLoad;
  /** Observes the machine that sends the load. By default it reads the system's counters. */
  readonly probe?: MachineProbe;
  /** Counts the sheep before and after the load. Undefined for `--url`. */
  readonly tables?: { count(tableName: string): Promise<number> };
  /** The setting of a grid that the runs belong to, as `settingId` returns it. Undefined without a grid. */
  readonly setting?: string;
  /** Forces cold starts after the rounds. Undefined: none. */
  readonly cold?: ColdStarts;
}

/**
 * Makes the runs in rounds, in which the jobs take turns. Every record is written after each of its turns, so that a
 * fault or an interrupt loses no measurement. Only the last record of a run also survives a power cut, because waiting
 * for the disk between two turns would give the machine time to change.
 */
export async function loadRuns(
  jobs: readonly LoadJob[],
  options: LoadRunsOptions,
  deps: CommandDeps,
): Promise<RunRecord[]> {
  await tryRunsFolder(deps.cwd);
  if (deps.interrupt.first.aborted) return [];
  const before = await Promise.all(jobs.map((job) => countSheep(job, options, deps)));
  for (const [at, job] of jobs.entries()) warnOfEmptyShed(job, before[at], deps);
  const isLocal = jobs.every(({ about }) => about?.target.kind === 'local');
  await waitUntilApart(
    functionsOf(jobs),
    'run',
    deps,
    isLocal ? (options.cloud?.startedAtEpochMs ?? 0) : undefined,
  );
  await tellOfCalls(serversOf(jobs), deps);
  // The times of the yardsticks lie within the run even if the wall clock is set during it.
  const epochAtZeroMs = deps.now() - deps.monotonicMs();
  const watch = new MachineWatch(
    options.probe ?? createMachineProbe(options.cloud?.pid),
    () => epochAtZeroMs + deps.monotonicMs(),
  );
  const interpreters = new Map<string, string>();
  const record = async (
    job: LoadJob,
    result: LoadResult,
    sheep: Pick<RunRecord, 'sheep'> = {},
  ): Promise<RunRecord> =>
    createRunRecord(result, {
      ...runContext(job, options, deps),
      machine: watch.state(),
      ...(await interpreterOf(job, interpreters, options)),
      ...(await enforcedCpuOf(job, options)),
      ...sheep,
    });
  const results = await withSmallYoungGeneration(() =>
    runRounds(
      jobs.map((job) => ({ plan: job.plan, target: loadTarget(job) })),
      {
        rounds: options.rounds,
        beforeRound: (round) => watch.beforeRound(round),
        afterTurn: async (at, result) => {
          const job = jobs[at];
          if (job !== undefined) await keep(await record(job, result), deps, { durable: false });
        },
      },
      loadDeps(deps),
    ),
  );
  const runsUntil = runsUntilEpochMs(results);
  const servers = runsUntil === undefined ? [] : serversOf(jobs);
  await noteCalls([...functionsOf(jobs), ...servers], 'run', deps, runsUntil);
  const records: RunRecord[] = [];
  for (const [at, job] of jobs.entries()) {
    const result = results[at];
    if (result === undefined) continue;
    const sheep = await sheepSpan(job, before[at], options, deps);
    records.push(await keep(await record(job, result, sheep), deps));
  }
  return options.cold === undefined ? records : await coldRuns(jobs, records, options.cold, deps);
}

/** The records, with the cold starts that were forced after their rounds. */
async function coldRuns(
  jobs: readonly LoadJob[],
  records: readonly RunRecord[],
  cold: ColdStarts,
  deps: CommandDeps,
): Promise<RunRecord[]> {
  const due = records.flatMap((run, at) => {
    const job = jobs[at];
    // After a load that was interrupted or failed, further calls would probably fail as well.
    const functionName = job?.about?.functionName;
    if (job === undefined || functionName === undefined || run.state !== 'complete') return [];
    // The file of calls contains only measured calls. The added word tells the reader of the live view that these calls
    // are not measured ones.
    const { callsOut: _measured, ...target } = loadTarget(job);
    return [{ run, functionName, target: { ...target, runtime: `${job.runtime} cold` } }];
  });
  const played = await forceColdStarts(
    due,
    cold,
    (run) => keep(run, deps, { durable: false }),
    loadDeps(deps),
  );
  await noteCalls(functionsOf(jobs), 'run', deps);
  const byId = new Map(played.map((run) => [run.id, run]));
  return await Promise.all(records.map((run) => keep(byId.get(run.id) ?? run, deps)));
}

/**
 * The interpreter of a job's functions. It is asked for repeatedly, because a cloud finds it only when a function first
 * needs it.
 */
async function interpreterOf(
  { about }: LoadJob,
  known: Map<string, string>,
  options: LoadRunsOptions,
): Promise<Pick<RunRecord, 'interpreter'>> {
  const lambdaRuntime = about?.lambdaRuntime;
  // The program of a provided runtime belongs to the function, so there is no interpreter.
  if (lambdaRuntime === undefined || lambdaRuntime.startsWith('provided')) return {};
  const interpreter = known.get(lambdaRuntime) ?? (await options.cloud?.interpreterOf(lambdaRuntime));
  if (interpreter === undefined) return {};
  known.set(lambdaRuntime, interpreter);
  return { interpreter };
}

/** Read after each turn, because the kernel's counters grow. */
async function enforcedCpuOf(
  { about }: LoadJob,
  { cloud }: LoadRunsOptions,
): Promise<Pick<RunRecord, 'enforcedCpu'>> {
  if (about?.memorySizeMB === undefined) return {};
  const enforcedCpu = await cloud?.enforcedCpu(about.memorySizeMB);
  return enforcedCpu === undefined ? {} : { enforcedCpu };
}

function functionsOf(jobs: readonly LoadJob[]): string[] {
  return jobs.flatMap(({ about }) => about?.functionName ?? []);
}

/** The origins of the servers of which no function is known. */
function serversOf(jobs: readonly LoadJob[]): string[] {
  return jobs.flatMap(({ about, url }) => (about?.functionName === undefined ? [new URL(url).origin] : []));
}

/** Until when a call without an answer may still run, by this machine's clock. Undefined if there is no such call. */
function runsUntilEpochMs(results: readonly LoadResult[]): number | undefined {
  const ends = results
    .filter(({ window }) => window.closedLateMs > 0)
    .map(({ endedAtEpochMs, window }) => endedAtEpochMs + window.closedLateMs);
  return ends.length === 0 ? undefined : Math.max(...ends);
}

function loadTarget(job: LoadJob): LoadTarget {
  const { runtime, url, insecure, headers, contents, signing, callsOut, fleet } = job;
  return {
    runtime,
    url,
    insecure: insecure === true,
    ...(headers === undefined ? {} : { headers }),
    ...(contents === undefined ? {} : { contents }),
    ...(signing === undefined ? {} : { signing }),
    ...(callsOut === undefined ? {} : { callsOut }),
    ...(fleet === undefined ? {} : { fleet }),
  };
}

function loadDeps(deps: CommandDeps): LoadDeps {
  const { emit, interrupt, now, monotonicMs, random, toolVersion } = deps;
  return { emit, interrupt, now, monotonicMs, random, toolVersion };
}

const NOT_KEPT = 'run-not-kept';

/** Whether the record of a run was written. */
export function isKept(run: RunRecord): boolean {
  return !run.warnings.some(({ code }) => code === NOT_KEPT);
}

/** Writes the record. If that fails, the run is still shown, with a warning. */
async function keep(
  record: RunRecord,
  deps: CommandDeps,
  options: { readonly durable?: boolean } = {},
): Promise<RunRecord> {
  try {
    await writeRun(deps.cwd, record, options);
    return record;
  } catch (error) {
    const trouble = error instanceof ShedbenchError ? error : fileError(error);
    if (trouble === undefined) throw error;
    const warning = {
      code: NOT_KEPT,
      message: `The record of this run is not on disk: ${trouble.message}`,
      hint: 'Only what is shown here is left of it',
    };
    return { ...record, warnings: [...record.warnings, warning] };
  }
}

function runContext(job: LoadJob, options: LoadRunsOptions, deps: CommandDeps): RunContext {
  const setting = options.setting === undefined ? '' : `-${options.setting}`;
  return {
    id: `${options.benchId}-${inId(job.plan.route)}-${inId(job.runtime)}${setting}`,
    benchId: options.benchId,
    ...(options.name === undefined ? {} : { name: options.name }),
    toolVersion: deps.toolVersion,
    url: job.url,
    runtime: job.runtime,
    ...(job.about ?? { target: { kind: 'url' } }),
  };
}

/** Counts the sheep. The cat reads no table. If the count fails, only this figure is missing. */
async function countSheep(
  job: LoadJob,
  options: LoadRunsOptions,
  deps: CommandDeps,
): Promise<number | undefined> {
  if (job.shed === undefined || job.shed.route === 'cat' || options.tables === undefined) return undefined;
  try {
    return await options.tables.count(job.shed.tableName);
  } catch (error) {
    deps.emit({
      type: 'warning',
      code: 'sheep-not-counted',
      message: `The sheep of ${job.runtime} could not be counted: ${error instanceof Error ? error.message : String(error)}`,
    });
    return undefined;
  }
}

async function sheepSpan(
  job: LoadJob,
  before: number | undefined,
  options: LoadRunsOptions,
  deps: CommandDeps,
): Promise<Pick<RunRecord, 'sheep'>> {
  if (before === undefined) return {};
  const after = await countSheep(job, options, deps);
  return after === undefined ? {} : { sheep: { before, after } };
}

function warnOfEmptyShed(job: LoadJob, before: number | undefined, deps: CommandDeps): void {
  const { shed } = job;
  if (shed === undefined || before !== 0 || !READS_THE_SHED.has(shed.route)) return;
  const { flags } = shed;
  deps.emit({
    type: 'warning',
    code: 'empty-shed',
    message: `The shed of ${job.runtime} is empty: the ${job.plan.route} has nothing to scan.`,
    hint: `shedbench load --route sheep --runtime ${job.runtime}${flags} first, or the whole bench: shedbench bench${flags}`,
  });
}
