import { findDeployment } from '../../deploy/discovery/find-deployment.ts';
import { askFirst } from '../../load/estimate/ask-first.ts';
import { estimateGrid, type GridEstimate } from '../../load/estimate/estimate-grid.ts';
import { measurePace, REFERENCE_PACE } from '../../load/measure/machine-pace.ts';
import { roundsOf } from '../../load/rounds.ts';
import type { CommandDeps } from '../../model/command.ts';
import { FUNCTION_DEFAULTS } from '../../model/defaults.ts';
import type { DeployedRuntime } from '../../model/deployment.ts';
import { DEFAULT_PROJECT } from '../../model/project.ts';
import { ROUTES } from '../../model/route.ts';
import type { RunRecord } from '../../model/run.ts';
import { gridOf, isSameSetting, type Setting, settingText } from '../../model/setting.ts';
import type { Architecture } from '../../model/target.ts';
import { estimateUsd } from '../../report/cost/estimate-cost.ts';
import { isFlat } from '../../report/sweep/is-flat.ts';
import { measuredSizes, requireCurve } from '../../session/measured-sizes.ts';
import { deployDeps, type Session } from '../../session/session.ts';
import { type GridRecord, gridRecord, writeGrid } from '../../store/grids.ts';
import { listRuns } from '../../store/runs.ts';
import { isCalibrationDue } from '../../targets/calibrate-core.ts';
import { localCloudUnderLoad, localMachine } from '../../targets/local-cloud-queries.ts';
import { planDeploy } from '../deploy.ts';
import { reportOn } from '../report.ts';
import { type BenchOptions, deployOptionsOf } from './bench-options.ts';
import { benchSetting, checkNames, type Played, planOf } from './bench-setting.ts';

interface GridPlace {
  readonly benchId: string;
  /** The record of the bench that is continued. */
  readonly resumed: GridRecord<BenchOptions> | undefined;
}

/**
 * Benches every setting of a grid, one after the other, with one update of the stacks for each. Runtimes that can't
 * be built for an architecture are refused before anything is deployed. Each finished setting is recorded on disk,
 * and `bench --resume` continues after it.
 *
 * @throws ShedbenchError exit 2 `needs-yes`, `declined`; and as its parts
 */
export async function benchGrid(
  session: Session,
  options: BenchOptions,
  grid: NonNullable<BenchOptions['grid']>,
  { benchId, resumed }: GridPlace,
  deps: CommandDeps,
): Promise<Played> {
  const settings = resumed?.settings ?? (await settingsOf(session, options, grid, deps));
  const done = [...(resumed?.done ?? [])];
  const due = settings.filter((setting) => !done.some((each) => isSameSetting(each, setting)));
  const { runtimes, buildSets } = await runtimesToMeasure(session, options, deps);
  checkNames(
    runtimes.map(({ runtime }) => runtime),
    buildSets,
    options,
  );
  const estimate = await estimateOf(session, options, due, runtimes, deps);
  await askFirst(estimate, due.length, options.assumeYes, deps);
  let record = gridRecord({
    benchId,
    state: 'running',
    options,
    settings,
    done,
    startedAtEpochMs: resumed?.startedAtEpochMs ?? deps.now(),
  });
  await writeGrid(deps.cwd, record);
  const runs = await runsOfSettings(benchId, done, deps);
  const played: Played[] = [];
  const flat = new Set<string>();
  for (const [at, setting] of settings.entries()) {
    if (deps.interrupt.first.aborted) break;
    if (done.some((each) => isSameSetting(each, setting)) || flat.has(setting.architecture)) continue;
    deps.emit({ type: 'note', message: `Setting ${at + 1} of ${settings.length}: ${settingText(setting)}` });
    const own = await benchSetting(session, { ...options, ...setting }, { benchId, setting }, deps);
    played.push(own);
    runs.push(...own.runs);
    if (deps.interrupt.first.aborted) break;
    // The rows are stored before the setting counts as done, because a later command can't read them from a local cloud
    // that has ended.
    if (await stopsHere(session, options, setting, runs, own.runs, deps)) flat.add(setting.architecture);
    done.push(setting);
    record = { ...record, done: [...done] };
    await writeGrid(deps.cwd, record);
  }
  if (!deps.interrupt.first.aborted) await writeGrid(deps.cwd, { ...record, state: 'done' });
  return {
    runs,
    buildSets: played[0]?.buildSets ?? [],
    failedBuilds: Math.max(0, ...played.map(({ failedBuilds }) => failedBuilds)),
    isPutBack: played.every(({ isPutBack }) => isPutBack),
  };
}

/** The settings that are measured. @throws ShedbenchError as `planDeploy`, for every architecture */
async function settingsOf(
  session: Session,
  options: BenchOptions,
  { architectures, memorySizesMB }: NonNullable<BenchOptions['grid']>,
  deps: CommandDeps,
): Promise<Setting[]> {
  const planned: Architecture[] = [];
  for (const architecture of architectures.length === 0 ? [undefined] : architectures) {
    const asked = { ...deployOptionsOf(options), ...(architecture === undefined ? {} : { architecture }) };
    planned.push((await planDeploy(asked, deps)).runsOn.architecture);
  }
  const machine = session.target.kind === 'local' ? await localMachine(deps) : undefined;
  const sizes = memorySizesMB.length === 0 ? [FUNCTION_DEFAULTS.memorySizeMB] : memorySizesMB;
  const measured = measuredSizes(sizes, machine, deps.emit);
  requireCurve(measured, options.showsCurves);
  return gridOf(measured, planned);
}

async function estimateOf(
  session: Session,
  options: BenchOptions,
  settings: readonly Setting[],
  runtimes: readonly GridRuntime[],
  deps: CommandDeps,
): Promise<GridEstimate> {
  const isLocal = session.target.kind === 'local';
  const cloud = isLocal ? await localCloudUnderLoad(deps) : undefined;
  const { coldStarts } = options;
  const plans = ROUTES.filter((route) => options.routes.includes(route)).map((route) =>
    planOf(route, options),
  );
  return estimateGrid(
    {
      settings,
      runtimes: runtimes.map(({ runtime }) => runtime),
      plans,
      rounds: Math.max(1, ...plans.map((plan) => roundsOf(plan, options.rounds, true))),
      target: session.target,
      isAsLambda: cloud?.isAsLambda === true,
      pace: isLocal ? await measurePace(Number.POSITIVE_INFINITY) : REFERENCE_PACE,
      calibrates: isLocal && (await isCalibrationDue(runtimes, deps)),
      ...(coldStarts === undefined
        ? {}
        : { cold: { asked: coldStarts, atOnce: cloud?.startsAtOnce ?? coldStarts } }),
    },
    await listRuns(deps.cwd, () => {}),
    estimateUsd,
  );
}

type GridRuntime = Pick<DeployedRuntime, 'runtime' | 'lambdaRuntime'>;

/** The runtimes of a grid, which are deployed or will be, and the builds that are compared with each other. */
async function runtimesToMeasure(
  session: Session,
  options: BenchOptions,
  deps: CommandDeps,
): Promise<{ readonly runtimes: readonly GridRuntime[]; readonly buildSets: Played['buildSets'] }> {
  const found = await findDeployment(options.project ?? DEFAULT_PROJECT, deployDeps(session, deps));
  const there = found?.runtimes ?? [];
  const asked = options.runtimes ?? there.map(({ runtime }) => runtime);
  // Several versions or builds of a runtime have labels of their own.
  const hasVariants =
    options.handlerDirs.length + (options.lambdaRuntimes ?? []).length > 0 ||
    options.againstDir !== undefined;
  const measured = there.filter(({ runtime }) => asked.includes(runtime));
  if (!hasVariants && measured.length > 0 && measured.length === asked.length) {
    return { runtimes: measured, buildSets: [] };
  }
  const { usable, buildSets } = await planDeploy(deployOptionsOf(options), deps);
  const runtimes = usable.map(({ manifest: { label, lambdaRuntime } }) => ({
    runtime: label,
    lambdaRuntime,
  }));
  return { runtimes, buildSets };
}

/** The runs of the settings that an earlier command finished. */
async function runsOfSettings(
  benchId: string,
  done: readonly Setting[],
  deps: CommandDeps,
): Promise<RunRecord[]> {
  if (done.length === 0) return [];
  return (await listRuns(deps.cwd, deps.emit)).filter(
    (run) => run.benchId === benchId && done.some((setting) => isSameSetting(run, setting)),
  );
}

/**
 * Whether larger sizes of the same architecture are left out. Reads the rows of the setting for this decision. On the
 * local cloud it always reads them, because the logs are lost if the cloud fails later.
 */
async function stopsHere(
  session: Session,
  options: BenchOptions,
  setting: Setting,
  all: readonly RunRecord[],
  own: readonly RunRecord[],
  deps: CommandDeps,
): Promise<boolean> {
  if (session.target.kind !== 'local' && !options.stopWhenFlat) return false;
  const ofArchitecture = all.filter(({ architecture }) => architecture === setting.architecture);
  const { data } = await reportOn(options.stopWhenFlat ? ofArchitecture : own, session, options, deps);
  if (!options.stopWhenFlat || !isFlat(data.sweep)) return false;
  deps.emit({
    type: 'note',
    message: `${setting.memorySizeMB} MB made no function faster than the size before: larger sizes of ${setting.architecture} are left out.`,
  });
  return true;
}
