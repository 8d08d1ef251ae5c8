import { warnOfConcurrencyLimit } from '../../aws/concurrency-limit.ts';
import { functionText, parseFunctionReference, refuseQualifier } from '../../aws/function-facts.ts';
import { type FunctionSettings, withFunctionSettings } from '../../deploy/settings/function-settings.ts';
import { EXIT, type ExitCode, usageError } from '../../errors.ts';
import { announceWork } from '../../load/estimate/announce-work.ts';
import { askFirst } from '../../load/estimate/ask-first.ts';
import { estimateSettings } from '../../load/estimate/estimate-grid.ts';
import { earliestPlan, functionJobs } from '../../load/function-job.ts';
import { isKept, type LoadJob, loadRuns } from '../../load/load-runs.ts';
import { measurePace, REFERENCE_PACE } from '../../load/measure/machine-pace.ts';
import { readPayload } from '../../load/read-body.ts';
import { roundsOf } from '../../load/rounds.ts';
import { createRunId } from '../../load/run-record.ts';
import type { CommandDeps, CommandResult } from '../../model/command.ts';
import type { Report } from '../../model/report.ts';
import type { RunRecord } from '../../model/run.ts';
import { INVOKE } from '../../model/subject.ts';
import { checkScopes, type FailRule, parseFailRule } from '../../report/comparison/fail-rules.ts';
import { checkPriceRegion } from '../../report/cost/cost.ts';
import { estimateUsd } from '../../report/cost/estimate-cost.ts';
import { checkBaseline } from '../../report/verdict/baseline.ts';
import { coldStartsBy } from '../../session/forced-cold-starts.ts';
import { forecastSizes, measuredSizes, requireCurve } from '../../session/measured-sizes.ts';
import { type FunctionSession, openFunctions } from '../../session/open-functions.ts';
import { openLoaders, refuseLoaders } from '../../session/open-loaders.ts';
import { settingsDeps } from '../../session/session.ts';
import { listRuns } from '../../store/runs.ts';
import { isCalibrationDue } from '../../targets/calibrate-core.ts';
import { localCloudUnderLoad } from '../../targets/local-cloud-queries.ts';
import { withLoadMark } from '../../targets/running-loads.ts';
import { cutShort, fellShort, judge } from '../bench.ts';
import { reportOn } from '../report.ts';
import type { BenchOptions } from './bench-options.ts';
import { benchWarmup } from './bench-setting.ts';
import { refuseChanges } from './refuse-changes.ts';

/** A bench of functions of the user's own. */
export interface BenchFunctionsOptions extends BenchOptions {
  /** Names or ARNs. */
  readonly functions: readonly string[];
  /** A version or alias, the same for all functions. */
  readonly qualifier?: string;
  /** The payload of every invocation: a JSON file, or JSON; `{}` by default. */
  readonly payload?: string;
}

/**
 * Invokes functions in turns, in rounds, at one memory size or at several one after the other, and reports. Restores
 * changed settings afterwards, also after a failure or an interrupt.
 *
 * Exit 1 if a call failed or rows are missing.
 *
 * @throws ShedbenchError `bad-function`, `payload-not-json`, `too-many-loaders`, `needs-shed`, `qualified-function`, `no-sweep` (exit 2),
 *   `no-such-function`, `access-denied` (exit 3), `interrupted` (exit 130), and as `withFunctionSettings`
 */
export async function benchFunctions(
  options: BenchFunctionsOptions,
  deps: CommandDeps,
): Promise<CommandResult<Report>> {
  const rules = options.failIf.map(parseFailRule);
  refuseShedSettings(options);
  refuseChanges(rules, false);
  checkPriceRegion(options.priceRegion);
  roundsOf(options, options.rounds, true);
  requireCurve(options.grid?.memorySizesMB ?? [], options.showsCurves);
  const references = options.functions.map((text) => parseFunctionReference(text, options.qualifier));
  const names = references.map(functionText);
  checkBaseline(names, options.baseline);
  checkScopes(
    rules,
    names.map((runtime) => ({ runtime, route: INVOKE })),
  );
  if (changesSettings(options)) for (const reference of references) refuseQualifier(reference);
  const payload = await readPayload('--payload', options.payload ?? '{}', deps.cwd);
  for (const reference of references) {
    refuseLoaders(earliestPlan(reference, payload, loadOf(options)), options);
  }
  const session = await openFunctions(references, options, deps);
  try {
    return await withLoadMark('bench', deps, () => benchOn(session, payload, options, rules, deps));
  } finally {
    session.close();
  }
}

async function benchOn(
  session: FunctionSession,
  payload: Uint8Array,
  options: BenchFunctionsOptions,
  rules: readonly FailRule[],
  deps: CommandDeps,
): Promise<CommandResult<Report>> {
  const benchId = createRunId(deps);
  const plain = await functionJobs(session, payload, loadOf(options), deps);
  const [first] = plain;
  const cloud = session.target.kind === 'local' ? await localCloudUnderLoad(deps) : undefined;
  const asked = options.grid?.memorySizesMB ?? [];
  const sizes =
    asked.length === 0
      ? [options.memorySizeMB]
      : measuredSizes(asked, cloud === undefined ? undefined : { cpuShare: cloud.isAsLambda }, deps.emit);
  requireCurve(sizes, options.showsCurves);
  const fleet = first === undefined ? {} : await openLoaders(first.plan, benchId, options, session, deps);
  const jobs = plain.map((job): LoadJob => ({ ...job, ...fleet }));
  const loaders = jobs[0]?.fleet?.loaders ?? 0;
  await warnOfConcurrencyLimit({ parallel: options.parallel, loaders }, session, deps);
  await askAboutSizes(sizes, jobs, session, cloud, options, deps);
  const { result: runs, isPutBack } = await withFunctionSettings(
    await settingsDeps(session, deps),
    async (settings) => {
      const made: RunRecord[] = [];
      for (const memorySizeMB of sizes) {
        if (deps.interrupt.first.aborted) break;
        made.push(
          ...(await loadAt(memorySizeMB, jobs, { benchId, settings, session, cloud, options }, deps)),
        );
      }
      return made;
    },
  );
  if (deps.interrupt.first.aborted) throw cutShort(runs, benchId, false);
  const report = await reportOn(runs, session, { ...forecastSizes(asked), ...options }, deps);
  const judged = judge(report.data, rules, false, options, deps);
  return { ...report, exitCode: exitCodeOf(report.exitCode, runs, isPutBack) || judged };
}

type Cloud = Awaited<ReturnType<typeof localCloudUnderLoad>>;

/**
 * Asks before sizes that are expected to take more than an hour or to cost more than a dollar. Does not ask if no
 * earlier run allows an estimate.
 */
async function askAboutSizes(
  sizes: readonly (number | undefined)[],
  jobs: readonly LoadJob[],
  session: FunctionSession,
  cloud: Cloud,
  options: BenchFunctionsOptions,
  deps: CommandDeps,
): Promise<void> {
  const [first] = jobs;
  if (sizes.length < 2 || first === undefined) return;
  const { coldStarts: asked } = options;
  const estimate = estimateSettings(
    sizes.flatMap((size = 0) =>
      jobs.map((job) => ({ ...withMemory(job, size), isAsLambda: cloud?.isAsLambda === true })),
    ),
    {
      settings: sizes.length,
      rounds: roundsOf(first.plan, options.rounds, true),
      readings: 0,
      target: session.target,
      pace: cloud === undefined ? REFERENCE_PACE : await measurePace(Number.POSITIVE_INFINITY),
      calibrates: cloud !== undefined && (await isCalibrationDue(factsOf(jobs), deps)),
      cold: asked === undefined ? undefined : { asked, atOnce: cloud?.startsAtOnce ?? asked },
    },
    await listRuns(deps.cwd, () => {}),
    estimateUsd,
  );
  if (estimate !== undefined) await askFirst(estimate, sizes.length, options.assumeYes, deps);
}

/** Loads all functions at one memory size, and forces cold starts after the rounds if they are asked for. */
async function loadAt(
  memorySizeMB: number | undefined,
  jobs: readonly LoadJob[],
  at: {
    readonly benchId: string;
    readonly settings: FunctionSettings;
    readonly session: FunctionSession;
    readonly cloud: Cloud;
    readonly options: BenchFunctionsOptions;
  },
  deps: CommandDeps,
): Promise<RunRecord[]> {
  const { benchId, settings, session, cloud, options } = at;
  const names = session.functions.map(({ reference }) => reference.id);
  if (memorySizeMB !== undefined) await settings.change(names, { memorySizeMB });
  const own = memorySizeMB === undefined ? jobs : jobs.map((job) => withMemory(job, memorySizeMB));
  const [first] = own;
  if (first === undefined) return [];
  const { coldStarts } = options;
  const cold =
    coldStarts === undefined ? undefined : await coldStartsBy(settings, coldStarts, session, cloud, deps);
  const how = {
    benchId,
    name: options.name,
    rounds: roundsOf(first.plan, options.rounds, true),
    ...(cloud === undefined ? {} : { cloud }),
    ...(cold === undefined ? {} : { cold }),
    ...(options.grid === undefined ? {} : { setting: `${memorySizeMB}MB` }),
  };
  const isAsLambda = cloud?.isAsLambda === true;
  const emit = await announceWork(own, estimateUsd, deps, {
    rounds: how.rounds,
    cold,
    isAsLambda,
    localSinceEpochMs: cloud?.startedAtEpochMs,
    // The report of several sizes is made after the last one.
    report:
      options.grid === undefined && cloud !== undefined
        ? { calibrates: await isCalibrationDue(factsOf(own), deps) }
        : undefined,
  });
  return await loadRuns(own, how, { ...deps, emit });
}

function factsOf(jobs: readonly LoadJob[]) {
  return jobs.flatMap(({ about }) => about ?? []);
}

function withMemory(job: LoadJob, memorySizeMB: number): LoadJob {
  return job.about === undefined ? job : { ...job, about: { ...job.about, memorySizeMB } };
}

function loadOf(options: BenchFunctionsOptions) {
  const { parallel, calls, timeoutSeconds } = options;
  return {
    parallel,
    calls,
    warmup: benchWarmup(options),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  };
}

function exitCodeOf(reported: ExitCode, runs: readonly RunRecord[], isPutBack: boolean): ExitCode {
  if (reported !== EXIT.ok) return reported;
  if (runs.some((run) => fellShort(run) || !isKept(run))) return EXIT.fellShort;
  return isPutBack ? EXIT.ok : EXIT.aws;
}

/** Whether the bench changes settings of the functions while it measures. */
function changesSettings({ memorySizeMB, grid, coldStarts }: BenchFunctionsOptions): boolean {
  return memorySizeMB !== undefined || grid !== undefined || coldStarts !== undefined;
}

/** Options of `bench` that apply only to the shed. */
function refuseShedSettings(options: BenchFunctionsOptions): void {
  const { handlerDirs, againstDir, runtimes, allowOrigin, logRetentionDays, teardown } = options;
  const given: readonly (readonly [flag: string, isGiven: boolean])[] = [
    ['--handlers', handlerDirs.length > 0],
    ['--against', againstDir !== undefined],
    ['--runtime', runtimes !== undefined],
    ['--project', options.project !== undefined],
    ['--allow-origin', allowOrigin !== undefined],
    ['--log-retention', logRetentionDays !== undefined],
    ['--teardown', teardown],
    ['--resume', options.resumes],
    ['--stop-when-flat', options.stopWhenFlat],
    ['--lambda-runtime', options.lambdaRuntimes !== undefined && options.lambdaRuntimes.length > 0],
    ['--as-lambda', options.asLambda !== undefined],
  ];
  const [flag] = given.find(([, isGiven]) => isGiven) ?? [];
  if (flag !== undefined) {
    throw usageError(
      'needs-shed',
      `${flag} applies to the shed, and --function benches functions that exist already.`,
      `Leave ${flag} out`,
    );
  }
  if (options.architecture !== undefined || (options.grid?.architectures.length ?? 0) > 0) {
    throw usageError(
      'fixed-architecture',
      `--arch can't be combined with --function: the architecture belongs to the uploaded code.`,
      'Deploy the function for the other architecture under another name, and bench both',
    );
  }
}
