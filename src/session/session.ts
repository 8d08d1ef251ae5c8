import { type AwsClients, createClients } from '../aws/clients.ts';
import { identify } from '../aws/identity.ts';
import { findDeployment, findDeployments } from '../deploy/discovery/find-deployment.ts';
import type { SettingsDeps } from '../deploy/settings/function-settings.ts';
import type { DeployDeps } from '../deploy/stacks/stack-context.ts';
import { awsError, type ShedbenchError, usageError } from '../errors.ts';
import type { AsLambdaChoice } from '../model/as-lambda.ts';
import { closest } from '../model/closest.ts';
import type { CommandDeps } from '../model/command.ts';
import type { DeployedRuntime, Deployment } from '../model/deployment.ts';
import { DEFAULT_PROJECT } from '../model/project.ts';
import type { RunRecord } from '../model/run.ts';
import type { Selector } from '../model/selector.ts';
import type { Identity, Target } from '../model/target.ts';
import { readChangedFunctions } from '../store/changed-functions.ts';
import { readRecords } from '../store/deployments.ts';
import { PLACES } from '../store/places.ts';
import { type OpenLocalCloud, openTarget } from '../targets/open-target.ts';
import { isSameProcess, processStart } from '../targets/process-identity.ts';
import { selectRecord } from './select-deployment.ts';

/** An open target: its clients, and the identity of the caller. */
export interface Session {
  readonly target: Target;
  readonly clients: AwsClients;
  readonly identity: Identity;
  /** Whether this command started the local cloud. If so, the cloud ends with this process unless it is kept. */
  readonly startedLocalCloud: boolean;
  keepLocalCloud(): void;
  /** Closes the clients' connections. */
  close(): void;
}

/** A session about one deployment. */
export interface DeploymentSession extends Session {
  readonly deployment: Deployment;
}

interface OpenOptions {
  readonly startLocal: boolean;
  /** The speed at which a local cloud that is started here runs functions. `command` is the command as typed. */
  readonly asLambda?: AsLambdaChoice & { readonly command: string };
  /** The endpoint of a record. Undefined if it has none. */
  readonly endpoint?: string;
}

/** Whether the local cloud is selected: by a flag, or by `SHEDBENCH_TARGET=local`. */
export function isLocal(selector: Selector, deps: Pick<CommandDeps, 'env'>): boolean {
  const wish = deps.env.SHEDBENCH_TARGET;
  if (wish !== undefined && wish !== '' && wish !== 'local' && wish !== 'aws') {
    throw usageError('bad-target', `SHEDBENCH_TARGET takes local or aws, not '${wish}'.`);
  }
  return selector.local || wish === 'local';
}

/**
 * The option of `openSession` for `--as-lambda`.
 * @param verb the verb in the advice for a system that does not support it
 * @throws usageError `as-lambda-without-local`
 */
export function asLambdaOption(
  options: Selector & { readonly asLambda?: AsLambdaChoice },
  verb: 'bench' | 'deploy',
  deps: Pick<CommandDeps, 'env'>,
): Pick<OpenOptions, 'asLambda'> {
  const { asLambda } = options;
  if (asLambda === undefined) return {};
  if (!isLocal(options, deps)) {
    throw usageError(
      'as-lambda-without-local',
      '--as-lambda is only for the local cloud: on AWS functions always run at the speed of Lambda.',
      'Add --local, or leave --as-lambda out',
    );
  }
  return { asLambda: { ...asLambda, command: `shedbench ${verb} --local --as-lambda` } };
}

/**
 * Opens the target that the selector names, and identifies the caller there.
 *
 * @throws ShedbenchError as `openTarget` and `identify`
 */
export async function openSession(
  selector: Selector,
  options: OpenOptions,
  deps: CommandDeps,
): Promise<Session> {
  let keep = (): void => {};
  let started = false;
  const openLocalCloud: OpenLocalCloud = async ({ cwd, start }) => {
    const cloud = {
      folder: cwd,
      now: deps.now,
      sleep: deps.sleep,
      emit: deps.emit,
      signal: deps.interrupt.first,
    };
    const local = await import('../targets/local-cloud.ts');
    if (!start) return await local.findLocalCloud(cloud);
    const opened = await local.startLocalCloud({
      ...cloud,
      ...(selector.region === undefined ? {} : { region: selector.region }),
      emit: deps.emit,
      toolVersion: deps.toolVersion,
      ...(options.asLambda === undefined ? {} : { asLambda: options.asLambda }),
      endWithThisProcess: true,
    });
    keep = () => opened.keep();
    started = opened.started;
    return opened.state;
  };
  const env = options.endpoint === undefined ? deps.env : { ...deps.env, AWS_ENDPOINT_URL: options.endpoint };
  const target = await openTarget(
    {
      local: isLocal(selector, deps),
      startLocal: options.startLocal,
      ...(selector.region === undefined ? {} : { region: selector.region }),
      ...(selector.profile === undefined ? {} : { profile: selector.profile }),
    },
    { cwd: deps.cwd, env, emit: deps.emit, openLocalCloud, askMfaCode: mfaQuestion(deps) },
  );
  const clients = createClients(target, { env, toolVersion: deps.toolVersion });
  try {
    const identity = await identify(clients, deps.interrupt.first);
    const session = {
      target,
      clients,
      identity,
      startedLocalCloud: started,
      keepLocalCloud: () => keep(),
      close: () => clients.destroy(),
    };
    await putBackAfterCrash(session, deps);
    return session;
  } catch (error) {
    clients.destroy();
    throw error;
  }
}

/** Restores the settings of functions that a killed command of this folder had changed. */
async function putBackAfterCrash(session: Session, deps: CommandDeps): Promise<void> {
  if ((await readChangedFunctions(deps.cwd, deps.emit)).length === 0) return;
  const { putBackLeftBehind } = await import('../deploy/settings/function-settings.ts');
  await putBackLeftBehind(await settingsDeps(session, deps));
}

/** The function that asks for the code of an MFA device. Undefined without a terminal. */
function mfaQuestion({ askLine }: CommandDeps): ((serial: string) => Promise<string>) | undefined {
  if (askLine === undefined) return undefined;
  return async (serial) => {
    const code = await askLine(`Code of the MFA device ${serial}:`);
    if (code !== '') return code;
    throw usageError('mfa-needed', `No code of the MFA device ${serial} was given`);
  };
}

/**
 * Opens credentials and region with the SDK's standard settings, without identifying the caller. It is for requests to
 * a server that is not a deployment.
 *
 * @throws ShedbenchError as `openTarget`
 */
export async function openCredentials(
  selector: Pick<Selector, 'region' | 'profile'>,
  deps: CommandDeps,
): Promise<Target> {
  return await openTarget(
    {
      local: false,
      startLocal: false,
      ...(selector.region === undefined ? {} : { region: selector.region }),
      ...(selector.profile === undefined ? {} : { profile: selector.profile }),
    },
    {
      cwd: deps.cwd,
      env: deps.env,
      emit: deps.emit,
      openLocalCloud: async () => undefined,
      askMfaCode: mfaQuestion(deps),
    },
  );
}

/** The dependencies of `deploy/` from a session. */
export function deployDeps(session: Session, deps: CommandDeps): DeployDeps {
  const { cwd, toolVersion, now, random, sleep, emit, interrupt } = deps;
  return {
    clients: session.clients,
    identity: session.identity,
    cwd,
    toolVersion,
    now,
    random,
    sleep,
    emit,
    interrupt,
  };
}

/** The dependencies for changing the settings of functions, from a session. */
export async function settingsDeps(session: Session, deps: CommandDeps): Promise<SettingsDeps> {
  return {
    ...deployDeps(session, deps),
    owner: { pid: process.pid, processStart: (await processStart(process.pid)) ?? '' },
    isAlive: isSameProcess,
  };
}

/**
 * Opens the deployment that the selector names: from the record of this folder, otherwise from the target's stacks with
 * the project's name and tags. Emits a note with the deployment.
 *
 * @throws ShedbenchError exit 2 if several match, exit 3 if nothing is deployed
 */
export async function openDeployment(selector: Selector, deps: CommandDeps): Promise<DeploymentSession> {
  const local = isLocal(selector, deps);
  const record = selectRecord(await readRecords(deps.cwd, deps.emit), { ...selector, local });
  const session = await openRecorded(record, { ...selector, local }, deps);
  try {
    const deployment = await findOnTarget(record?.project ?? selector.project, session, deps);
    deps.emit({ type: 'note', message: describeDeployment(deployment) });
    return { ...session, deployment };
  } catch (error) {
    session.close();
    throw error;
  }
}

/** The one deployment among the target's stacks. */
async function findOnTarget(
  project: string | undefined,
  session: Session,
  deps: CommandDeps,
): Promise<Deployment> {
  const at = deployDeps(session, deps);
  if (project !== undefined) {
    const named = await findDeployment(project, at);
    if (named === undefined || named.runtimes.length === 0) throw nothingDeployed(project, session.target);
    return named;
  }
  const found = (await findDeployments(at)).filter(({ runtimes }) => runtimes.length > 0);
  const [only, ...others] = found;
  if (only === undefined) throw nothingDeployed(project ?? DEFAULT_PROJECT, session.target);
  if (others.length > 0) {
    throw usageError(
      'several-deployments',
      `Several projects are deployed there: ${found.map((each) => each.project).join(', ')}.`,
      `Name one: --project ${only.project}`,
    );
  }
  return only;
}

/**
 * Opens the target of a record, or the selector's target without a record.
 *
 * @throws ShedbenchError `other-account`, `other-target` (exit 2) if the credentials or the endpoint differ from those
 *   of the record, because the stacks of that target are not those of the deployment
 */
export async function openRecorded(
  record: Deployment | undefined,
  selector: Selector,
  deps: CommandDeps,
): Promise<Session> {
  if (record === undefined) return await openSession(selector, { startLocal: false }, deps);
  const { kind, region, profile, endpoint } = record.target;
  const session = await openSession(
    {
      ...selector,
      local: kind === 'local',
      region: selector.region ?? region,
      ...(selector.profile === undefined && profile !== undefined ? { profile } : {}),
    },
    { startLocal: false, ...(kind === 'endpoint' && endpoint !== undefined ? { endpoint } : {}) },
    deps,
  );
  const mismatch = otherTarget(record, session);
  if (mismatch === undefined) return session;
  session.close();
  throw mismatch;
}

/** The error for a session on another target than the record's. Undefined if it is the same target. */
function otherTarget(record: Deployment, { target, identity }: Session): ShedbenchError | undefined {
  const { kind, accountId, profile } = record.target;
  if (kind !== target.kind) {
    return usageError(
      'other-target',
      `${record.project} was deployed ${where(record.target, accountId)}; the current settings select ${target.endpoint ?? 'AWS'}.`,
      target.endpoint === undefined
        ? 'Set AWS_ENDPOINT_URL as it was for the deploy'
        : `Unset AWS_ENDPOINT_URL (and endpoint_url of the profile); a record of this folder that is wrong is deleted from ${PLACES.deployments} by hand`,
    );
  }
  if (accountId === identity.accountId) return undefined;
  return usageError(
    'other-account',
    `${record.project} was deployed in account ${accountId}; these credentials are of ${identity.accountId}.`,
    profile === undefined ? 'Use the credentials of that account: --profile NAME' : `--profile ${profile}`,
  );
}

/** Opens the target of a run. @throws ShedbenchError as `openSession` */
export async function openSessionOf(run: RunRecord, selector: Selector, deps: CommandDeps): Promise<Session> {
  const { kind, region, endpoint } = run.target;
  const session = await openSession(
    {
      local: kind === 'local',
      ...(region === undefined ? {} : { region }),
      ...(selector.profile === undefined ? {} : { profile: selector.profile }),
    },
    { startLocal: false, ...(kind === 'endpoint' && endpoint !== undefined ? { endpoint } : {}) },
    deps,
  );
  deps.emit({ type: 'note', message: describeTarget(session) });
  return session;
}

function nothingDeployed(project: string, target: Target) {
  const local = target.kind === 'local';
  const where = local ? 'on the local cloud' : `in ${target.region}`;
  const flags = `${local ? ' --local' : ''}${project === DEFAULT_PROJECT ? '' : ` --project ${project}`}`;
  return awsError(
    'nothing-deployed',
    `Nothing of project ${project} is deployed ${where}.`,
    `shedbench deploy${flags}`,
  );
}

/** `sheepshed (node, rust) in AWS account 123456789012, eu-west-3`. */
export function describeDeployment({ project, runtimes, target }: Deployment): string {
  const names = runtimes.map(({ runtime }) => runtime).join(', ');
  return `${project} (${names}) ${where(target, target.accountId)}`;
}

/** `AWS account 123456789012, eu-west-3`: the first line of a command without a deployment. */
export function describeTarget({ target, identity }: Pick<Session, 'target' | 'identity'>): string {
  const text = where(target, identity.accountId).replace(/^(in|on) /, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function where(target: Pick<Target, 'kind' | 'region' | 'endpoint' | 'profile'>, accountId: string): string {
  const profile = target.profile === undefined ? '' : ` (profile ${target.profile})`;
  switch (target.kind) {
    case 'local':
      return `on the local cloud of this machine, ${target.endpoint}`;
    case 'endpoint':
      return `at ${target.endpoint}, account ${accountId}, ${target.region}${profile}`;
    case 'aws':
      return `in AWS account ${accountId}, ${target.region}${profile}`;
  }
}

/**
 * The requested runtimes of a deployment, in their order. Without a request, all runtimes.
 *
 * @throws usageError `runtime-not-deployed`
 */
export function pickRuntimes(
  deployment: Deployment,
  asked: readonly string[] | undefined,
): readonly DeployedRuntime[] {
  if (asked === undefined) return deployment.runtimes;
  return asked.map((name) => {
    const found = deployment.runtimes.find(({ runtime }) => runtime === name);
    if (found !== undefined) return found;
    const there = deployment.runtimes.map(({ runtime }) => runtime);
    const meant = closest(name, there);
    throw usageError(
      'runtime-not-deployed',
      `The runtime ${name} is not deployed in ${deployment.project}: only ${there.join(', ')} ${there.length === 1 ? 'is' : 'are'}.`,
      meant === undefined ? `shedbench deploy --runtime ${name}` : `Did you mean --runtime ${meant}?`,
    );
  });
}
