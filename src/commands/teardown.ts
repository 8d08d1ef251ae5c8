import { shippedRuntimes } from '../deploy/artifacts/make-artifacts.ts';
import { type TeardownResult, teardownProject } from '../deploy/teardown/teardown-project.ts';
import { EXIT, type ExitCode, usageError } from '../errors.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import type { Deployment } from '../model/deployment.ts';
import { DEFAULT_PROJECT } from '../model/project.ts';
import { type Selector, targetFlags } from '../model/selector.ts';
import { selectRecord } from '../session/select-deployment.ts';
import { deployDeps, isLocal, openRecorded, type Session } from '../session/session.ts';
import { forgetLocalDeployments, readRecords } from '../store/deployments.ts';
import { keptReports } from '../store/reports.ts';
import { listRuns } from '../store/runs.ts';
import { isCloudUp } from '../targets/local-cloud-queries.ts';

export interface TeardownCommandOptions extends Selector {
  /** The runtimes to delete. The bucket is then kept. Undefined means everything of the project. */
  readonly runtimes?: readonly string[];
  readonly assumeYes: boolean;
  /** The logical ids of resources to keep. */
  readonly retain: readonly string[];
}

/** The result of the teardown with its receipt. `cloud-gone`: the project's local cloud had already ended. */
export type TeardownCommandResult =
  | (TeardownResult & {
      readonly schema: 'shedbench/teardown@1';
      /** Whether the local cloud was ended. */
      readonly localCloudStopped: boolean;
    })
  | {
      readonly schema: 'shedbench/teardown@1';
      readonly outcome: 'cloud-gone';
      /** How many records of deployments in that cloud were removed. */
      readonly recordsRemoved: number;
    };

const EXIT_OF: Readonly<Record<TeardownCommandResult['outcome'], ExitCode>> = {
  'cloud-gone': EXIT.ok,
  nothing: EXIT.ok,
  removed: EXIT.ok,
  declined: EXIT.fellShort,
  incomplete: EXIT.aws,
};

/**
 * Deletes the project at the target of its record or of the selector. On the local cloud it never asks, and ends the
 * cloud if nothing else is deployed in it. Exit 3 if something is left.
 *
 * @throws ShedbenchError exit 2 if it can't ask and `--yes` is missing, exit 3 or 130 as its parts
 */
export async function teardown(
  options: TeardownCommandOptions,
  deps: CommandDeps,
): Promise<CommandResult<TeardownCommandResult>> {
  const records = await readRecords(deps.cwd, deps.emit);
  const selector = { ...options, local: isLocal(options, deps) };
  const record = selectRecord(records, selector);
  if ((record?.target.kind === 'local' || selector.local) && !(await isCloudUp(deps))) {
    return { exitCode: EXIT.ok, data: await clearGoneCloud(deps) };
  }
  const session = await openRecorded(record, selector, deps);
  try {
    const data = await teardownWith(session, record, selector, deps);
    if (data.outcome === 'nothing' && record === undefined)
      checkElsewhere(session, records, data.heading.project);
    return { exitCode: EXIT_OF[data.outcome], data };
  } finally {
    session.close();
  }
}

/**
 * Refuses to report success if this target has no stack of the project, but a record of this folder says that the
 * project is deployed elsewhere.
 *
 * @throws usageError `deployed-elsewhere`
 */
function checkElsewhere(session: Session, records: readonly Deployment[], project: string): void {
  const elsewhere = records.find((record) => record.project === project);
  if (elsewhere === undefined) return;
  const { kind, accountId, region, profile } = elsewhere.target;
  const place = kind === 'local' ? 'on the local cloud' : `in account ${accountId}, ${region}`;
  throw usageError(
    'deployed-elsewhere',
    `${project} is not deployed in account ${session.identity.accountId}, ${session.target.region}; the record of this folder says that it is ${place}.`,
    `shedbench teardown${targetFlags({
      project,
      region,
      local: kind === 'local',
      ...(profile === undefined ? {} : { profile }),
    })}`,
  );
}

/** Deletes the project on an open session. */
export async function teardownWith(
  session: Session,
  record: Deployment | undefined,
  options: TeardownCommandOptions,
  deps: CommandDeps,
): Promise<TeardownCommandResult> {
  const { kind } = session.target;
  const project = options.project ?? record?.project ?? DEFAULT_PROJECT;
  if (kind !== 'local' && !options.assumeYes && !deps.interactive) {
    throw usageError(
      'needs-yes',
      'Teardown deletes the whole project, and there is no terminal on which to ask for confirmation.',
      `shedbench teardown${targetFlags({ ...options, project })} --yes`,
    );
  }
  const known = new Set([
    ...(await shippedRuntimes()),
    ...(record?.runtimes ?? []).map(({ runtime }) => runtime),
    ...(options.runtimes ?? []),
  ]);
  if (record !== undefined) await warnOfUnreported(record, options.runtimes, deps);
  const result = await teardownProject(
    {
      project,
      runtimes: options.runtimes,
      knownRuntimes: [...known],
      retain: options.retain,
      confirm: async () =>
        kind === 'local' || options.assumeYes || (await deps.confirm('Delete all of this?')),
      pickUpCommand: `shedbench teardown${targetFlags({ ...options, project, local: kind === 'local' })}`,
    },
    deployDeps(session, deps),
  );
  const emptied = result.outcome === 'removed' || result.outcome === 'nothing';
  const localCloudStopped = kind === 'local' && emptied && (await stopUnlessUsed(deps));
  return { schema: 'shedbench/teardown@1', ...result, localCloudStopped };
}

/** Warns, before asking or deleting, of the runs of this deployment that would lose their REPORT rows for good. */
async function warnOfUnreported(
  { project, target, createdAtEpochMs }: Deployment,
  runtimes: readonly string[] | undefined,
  deps: CommandDeps,
): Promise<void> {
  const runs = (await listRuns(deps.cwd, deps.emit)).filter(
    (run) =>
      run.project === project &&
      run.target.kind === target.kind &&
      run.target.region === target.region &&
      run.startedAtEpochMs >= createdAtEpochMs &&
      (runtimes === undefined || runtimes.includes(run.runtime)),
  );
  const reported = new Set((await keptReports(runs, deps)).map((report) => report.runs[0]?.runId));
  const lost = runs.filter(({ id }) => !reported.has(id));
  const [first, ...others] = lost;
  if (first === undefined) return;
  deps.emit({
    type: 'warning',
    code: 'runs-not-reported',
    ...(others.length === 0
      ? {
          message: `The run ${first.id} was never reported: its REPORT rows are deleted with the log groups.`,
          hint: `shedbench report --run ${first.id} keeps them`,
        }
      : {
          message: `${lost.length} runs were never reported: their REPORT rows are deleted with the log groups.`,
          hint: 'shedbench report keeps them',
        }),
  });
}

/**
 * Cleans up after a local cloud that was stopped or killed, whose stacks are gone: removes its processes, its files and
 * the records of its deployments.
 */
async function clearGoneCloud(deps: CommandDeps): Promise<TeardownCommandResult> {
  const { stopLocalCloud } = await import('../targets/local-cloud.ts');
  await stopLocalCloud({ folder: deps.cwd, now: deps.now, sleep: deps.sleep, emit: deps.emit });
  const recordsRemoved = await forgetLocalDeployments(deps.cwd, deps.emit);
  return { schema: 'shedbench/teardown@1', outcome: 'cloud-gone', recordsRemoved };
}

/** Ends the folder's local cloud, unless there is a record of another project in it. */
async function stopUnlessUsed(deps: CommandDeps): Promise<boolean> {
  const others = (await readRecords(deps.cwd, deps.emit)).filter(({ target }) => target.kind === 'local');
  if (others.length > 0) return false;
  const { stopLocalCloud } = await import('../targets/local-cloud.ts');
  const stopped = await stopLocalCloud({
    folder: deps.cwd,
    now: deps.now,
    sleep: deps.sleep,
    emit: deps.emit,
  });
  return stopped !== undefined;
}
