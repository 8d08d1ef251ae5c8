import { translateAwsError } from '../aws/errors.ts';
import { awsError, ShedbenchError } from '../errors.ts';
import type { DataLoss, DeployPlan, PlanHeading, PlannedStack } from '../model/deploy-plan.ts';
import { DEPLOYMENT_SCHEMA, type DeployedRuntime, type Deployment } from '../model/deployment.ts';
import { apiStackName } from '../model/project.ts';
import { functionName, ROUTES, type Route } from '../model/route.ts';
import type { PackagedRuntime } from './artifacts/package-functions.ts';
import {
  discardPrepared,
  executePrepared,
  type PreparedStack,
  prepareStack,
  type StackOutcome,
} from './converge-stack.ts';
import { dataLossOf } from './data-loss.ts';
import { untilDetached } from './follow-stack.ts';
import { deleteLogGroup } from './log-groups.ts';
import { createPatience } from './patience.ts';
import { inspect, type Preflight, wantedStacks } from './preflight.ts';
import { readRecords, recordFileName, writeRecord } from './records.ts';
import { describeStack, type StackDescription } from './stack-api.ts';
import { type DeployDeps, type StackContext, stopIfInterrupted } from './stack-context.ts';
import { apiOutputs, bucketOf, toDeployedRuntime } from './stack-outputs.ts';
import { apiSpec, assetsSpec, type FunctionSettings, type StackSpec } from './stack-specs.ts';
import { conditionOf } from './stack-state.ts';
import { readTemplate, type Template } from './template.ts';
import { uploadArtifacts } from './upload-artifacts.ts';

export interface DeployOptions extends FunctionSettings {
  readonly project: string;
  readonly runtimes: readonly PackagedRuntime[];
  /** Says what would be done, with change sets for the stacks that stand, and does nothing. */
  readonly planOnly: boolean;
  /** Asked before something is lost for good; false leaves everything as it is. Never asked for an empty list. */
  readonly confirmDataLoss: (losses: readonly DataLoss[], plan: DeployPlan) => Promise<boolean>;
  /** Asks the routes whether they answer, once all stacks stand; its failure fails the deploy. */
  readonly probe?: (deployment: Deployment) => Promise<void>;
  /** The command that picks up again after an interruption: `shedbench deploy --project p`. */
  readonly pickUpCommand: string;
}

export interface DeployResult {
  /** `unchanged`: every stack was as it should be already. `declined`: a loss of data was not agreed to. */
  readonly outcome: 'deployed' | 'unchanged' | 'planned' | 'declined';
  readonly plan: DeployPlan;
  readonly losses: readonly DataLoss[];
  readonly stacks: readonly Omit<StackOutcome, 'stack'>[];
  readonly deployment: Deployment | undefined;
}

/**
 * Brings the stacks of a project to what the options say: leftovers cleared away, the bucket's stack, the uploads, then
 * every runtime's stack side by side, each through a change set. Running it again after any end of an earlier run
 * converges.
 * @throws ShedbenchError exit 3: `name-clash`, `change-set-failed`, `stack-failed`, `stack-unsteady` and what
 *   `translateAwsError` makes; exit 130: `interrupted` (in order), `detached` (CloudFormation works on)
 */
export async function deployProject(options: DeployOptions, deps: DeployDeps): Promise<DeployResult> {
  const patience = createPatience({ ...deps, endpoint: deps.clients.target.endpoint });
  const context: StackContext = { ...deps, patience, pickUpCommand: options.pickUpCommand };
  try {
    return await new Deploy(options, context, await readTemplates()).run();
  } catch (error) {
    throw translateAwsError(error, deps.clients.target);
  }
}

interface Templates {
  readonly api: Template;
  readonly assets: Template;
}

async function readTemplates(): Promise<Templates> {
  const [api, assets] = await Promise.all([readTemplate('api'), readTemplate('assets')]);
  return { api, assets };
}

/** One deploy, from the first look to the record. */
class Deploy {
  readonly #options: DeployOptions;
  readonly #context: StackContext;
  readonly #templates: Templates;
  readonly #startedAtEpochMs: number;

  constructor(options: DeployOptions, context: StackContext, templates: Templates) {
    this.#options = options;
    this.#context = context;
    this.#templates = templates;
    this.#startedAtEpochMs = context.now();
  }

  async run(): Promise<DeployResult> {
    const { project, planOnly } = this.#options;
    const preflight = await this.#step('preflight', 'Looking for what is there already', () =>
      inspect(this.#context, project, this.#wanted(), this.#context.interrupt.second),
    );
    const plan = this.#plan(preflight, preflight.stacks);
    this.#context.emit({ type: 'deploy-plan', plan });
    if (planOnly) return this.#planOnly(preflight, plan);
    if (!(await this.#agreed(preflight.losses, plan))) return this.#declined(plan, preflight.losses);
    stopIfInterrupted(this.#context, 'Stopped before anything was changed');
    const before = await this.#recordBegin();
    try {
      return await this.#change(preflight, plan, before);
    } catch (error) {
      await this.#recordFailure(before);
      throw error;
    }
  }

  #wanted() {
    const { project, runtimes } = this.#options;
    return wantedStacks(
      project,
      runtimes.map(({ manifest: { label } }) => ({
        stackName: apiStackName(project, label),
        runtime: label,
        functions: ROUTES.map((route) => functionName(project, label, route)),
      })),
    );
  }

  /** Everything that changes something. */
  async #change(preflight: Preflight, plan: DeployPlan, before: Deployment): Promise<DeployResult> {
    const { runtimes } = this.#options;
    const context = this.#context;
    const assets = await this.#assetsStack();
    const bucket = await bucketOf(context, assets.stack);
    for (const name of preflight.orphanedLogGroups) {
      await untilDetached(context, deleteLogGroup(context, name, context.interrupt.second));
      context.emit({ type: 'note', message: `Deleted the orphaned log group ${name}` });
    }
    await this.#upload(bucket);
    const specs = runtimes.map((packaged) => this.#apiSpec(packaged, bucket));
    const apis = await this.#apiStacks(specs, preflight, plan);
    if ('declined' in apis) {
      await this.#recordEnd(before, [], before.runtimes.length > 0 ? 'deployed' : 'failed');
      return { ...this.#declined(apis.plan, apis.declined), stacks: [withoutDescription(assets)] };
    }
    const outcomes = [assets, ...apis.outcomes];
    const created = await this.#recordEnd(before, apis.outcomes, 'creating');
    await this.#options.probe?.(created);
    const deployment: Deployment = { ...created, state: 'deployed', updatedAtEpochMs: context.now() };
    await writeRecord(context.cwd, deployment);
    return {
      outcome: outcomes.every(({ outcome }) => outcome === 'unchanged') ? 'unchanged' : 'deployed',
      plan: apis.plan,
      losses: apis.losses,
      stacks: outcomes.map(withoutDescription),
      deployment,
    };
  }

  async #assetsStack(): Promise<StackOutcome> {
    const { project } = this.#options;
    const spec = assetsSpec(project, this.#templates.assets, this.#context.toolVersion);
    const outcome = await this.#step(spec.stackName, `Stack ${spec.stackName}`, () =>
      this.#converge(spec, async (prepared) => executePrepared(this.#context, prepared)),
    );
    stopIfInterrupted(this.#context, `Stopped after ${spec.stackName}, which costs nothing while it stands`);
    return outcome;
  }

  async #upload(bucket: string): Promise<void> {
    const { project, runtimes } = this.#options;
    const artifacts = runtimes.flatMap(({ functions }) => ROUTES.map((route) => functions[route]));
    const { first } = this.#context.interrupt;
    try {
      await uploadArtifacts(this.#context, project, bucket, artifacts, first);
    } catch (error) {
      stopIfInterrupted(
        this.#context,
        'Stopped while uploading; the bucket keeps what is there, which costs next to nothing',
      );
      throw error;
    }
  }

  #apiSpec(packaged: PackagedRuntime, bucket: string): StackSpec {
    const { toolVersion } = this.#context;
    return apiSpec(this.#options.project, packaged, this.#options, bucket, this.#templates.api, toolVersion);
  }

  /** All runtimes' stacks: every change set first, then the question if something is lost, then all at once. */
  async #apiStacks(
    specs: readonly StackSpec[],
    preflight: Preflight,
    plan: DeployPlan,
  ): Promise<
    | {
        readonly outcomes: readonly StackOutcome[];
        readonly plan: DeployPlan;
        readonly losses: readonly DataLoss[];
      }
    | { readonly declined: readonly DataLoss[]; readonly plan: DeployPlan }
  > {
    const context = this.#context;
    const prepared = await this.#step('change-sets', 'Change sets', () => this.#prepareAll(specs));
    const changed = this.#plan(preflight, withChanges(plan.stacks, prepared));
    context.emit({ type: 'deploy-plan', plan: changed });
    const losses = prepared.flatMap(lossesOf);
    const agreed = await this.#agreed(losses, changed);
    if (!agreed || context.interrupt.first.aborted) {
      await Promise.all(prepared.map((each) => discardPrepared(context, each)));
      stopIfInterrupted(context, 'Stopped before the stacks were changed');
      return { declined: losses, plan: changed };
    }
    const outcomes = await settleAll(
      prepared.map((each) =>
        this.#step(each.spec.stackName, `Stack ${each.spec.stackName}`, async () => {
          const outcome = await executePrepared(context, each);
          if (outcome !== 'moved') return outcome;
          // Somebody else's change came first. What is lost by ours now was not asked about yet.
          return this.#converge(each.spec, async (again) => {
            if (!(await this.#agreed(lossesOf(again), changed))) {
              await discardPrepared(context, again);
              throw awsError(
                'declined',
                `${each.spec.stackName} stays as it is: the loss of data was declined`,
              );
            }
            return executePrepared(context, again);
          });
        }),
      ),
    );
    stopIfInterrupted(context, 'Stopped after all stacks were changed');
    return { outcomes, plan: changed, losses };
  }

  /** All change sets, or none: what was made is taken back when one of them can't be. */
  async #prepareAll(specs: readonly StackSpec[]): Promise<readonly PreparedStack[]> {
    const context = this.#context;
    const settled = await Promise.allSettled(
      specs.map((spec) => prepareStack(context, this.#options.project, spec)),
    );
    const prepared = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const errors = settled.flatMap((each): unknown[] => (each.status === 'rejected' ? [each.reason] : []));
    if (errors.length === 0) return prepared;
    const cleanUps = await Promise.allSettled(prepared.map((each) => discardPrepared(context, each)));
    for (const each of cleanUps) {
      if (each.status === 'rejected') this.#warnOfCleanUp(each.reason);
    }
    throw gather(errors);
  }

  #warnOfCleanUp(reason: unknown): void {
    const error = translateAwsError(reason, this.#context.clients.target);
    this.#context.emit({
      type: 'warning',
      code: 'clean-up-failed',
      message: `A change set stays behind: ${error instanceof Error ? error.message : String(error)}`,
      hint: `The next run clears it away: ${this.#context.pickUpCommand}`,
    });
  }

  /** Prepares and executes one stack until it is what it should be. */
  async #converge(
    spec: StackSpec,
    execute: (prepared: PreparedStack) => Promise<StackOutcome | 'moved'>,
  ): Promise<StackOutcome> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const outcome = await execute(await prepareStack(this.#context, this.#options.project, spec));
      if (outcome !== 'moved') return outcome;
    }
    throw awsError(
      'stack-unsteady',
      `${spec.stackName} was changed by somebody else each of ${MAX_ATTEMPTS} times that this deploy tried`,
      `Wait until they are done, then: ${this.#context.pickUpCommand}`,
    );
  }

  /** What would be done: change sets for the stacks that stand, taken back at once. */
  async #planOnly(preflight: Preflight, plan: DeployPlan): Promise<DeployResult> {
    const context = this.#context;
    const specs = await this.#specsOfStanding();
    const prepared = await this.#step('change-sets', 'Change sets', () => this.#prepareAll(specs));
    await Promise.all(prepared.map((each) => discardPrepared(context, each)));
    stopIfInterrupted(context, 'Stopped; nothing was changed');
    const full = this.#plan(preflight, withChanges(plan.stacks, prepared));
    context.emit({ type: 'deploy-plan', plan: full });
    const losses = [...preflight.losses, ...prepared.flatMap(lossesOf)];
    return { outcome: 'planned', plan: full, losses, stacks: [], deployment: undefined };
  }

  /** The specs of those stacks that stand: only they can have a change set without leaving a trace. */
  async #specsOfStanding(): Promise<readonly StackSpec[]> {
    const { project, runtimes } = this.#options;
    const context = this.#context;
    const assets = assetsSpec(project, this.#templates.assets, context.toolVersion);
    const found = await describeStack(context, assets.stackName, context.interrupt.second);
    const bucket = found === undefined ? undefined : await bucketOf(context, found);
    const specs = [
      assets,
      ...(bucket === undefined ? [] : runtimes.map((packaged) => this.#apiSpec(packaged, bucket))),
    ];
    const standing = await Promise.all(
      specs.map(async (spec) => {
        const stack = await describeStack(context, spec.stackName, context.interrupt.second);
        return conditionOf(stack?.status) === 'standing' ? [spec] : [];
      }),
    );
    return standing.flat();
  }

  async #agreed(losses: readonly DataLoss[], plan: DeployPlan): Promise<boolean> {
    return losses.length === 0 || this.#options.confirmDataLoss(losses, plan);
  }

  #declined(plan: DeployPlan, losses: readonly DataLoss[]): DeployResult {
    return { outcome: 'declined', plan, losses, stacks: [], deployment: undefined };
  }

  #plan(preflight: Preflight, stacks: readonly PlannedStack[]): DeployPlan {
    return {
      heading: headingOf(this.#context, this.#options.project),
      stacks,
      leftovers: preflight.leftovers,
      idleUsdPerMonth: 0,
    };
  }

  /** Told as a step: begins, and ends well or badly. */
  async #step<T>(id: string, title: string, work: () => Promise<T>): Promise<T> {
    this.#context.emit({ type: 'step-start', id, title });
    try {
      const result = await work();
      this.#context.emit({ type: 'step-end', id, outcome: 'done' });
      return result;
    } catch (error) {
      this.#context.emit({ type: 'step-end', id, outcome: 'failed' });
      throw error;
    }
  }

  /** Before the first create: whatever happens then, the next command knows where to look. */
  async #recordBegin(): Promise<Deployment> {
    const { project, architecture, memorySizeMB } = this.#options;
    const { clients, identity, cwd, emit, toolVersion, now } = this.#context;
    const { kind, region, endpoint, profile } = clients.target;
    const target = {
      kind,
      region,
      accountId: identity.accountId,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(profile === undefined ? {} : { profile }),
    };
    const fileName = recordFileName({ project, target });
    const earlier = (await readRecords(cwd, emit)).find((record) => recordFileName(record) === fileName);
    const record: Deployment = {
      schema: DEPLOYMENT_SCHEMA,
      state: 'creating',
      project,
      target,
      architecture,
      memorySizeMB,
      templateSha256: this.#templates.api.sha256,
      toolVersion,
      createdAtEpochMs: earlier?.createdAtEpochMs ?? this.#startedAtEpochMs,
      updatedAtEpochMs: now(),
      runtimes: await this.#stillStanding(earlier?.runtimes ?? []),
    };
    await writeRecord(cwd, record);
    return record;
  }

  /** Of the runtimes that an earlier deploy recorded, those whose stacks are there yet. */
  async #stillStanding(recorded: readonly DeployedRuntime[]): Promise<readonly DeployedRuntime[]> {
    const { second } = this.#context.interrupt;
    const found = await Promise.all(
      recorded.map(async (runtime) => {
        const stack = await describeStack(this.#context, runtime.stackName, second);
        return stack !== undefined && stack.stackId === runtime.stackId ? [runtime] : [];
      }),
    );
    return found.flat();
  }

  async #recordEnd(
    before: Deployment,
    outcomes: readonly StackOutcome[],
    state: Deployment['state'],
  ): Promise<Deployment> {
    const { cwd, now } = this.#context;
    const deployed = await Promise.all(
      this.#options.runtimes.flatMap(({ manifest: { label }, functions: { cat, sheep, dog, wolf } }) => {
        const outcome = outcomes.find(({ runtime }) => runtime === label);
        if (outcome === undefined) return [];
        const artifacts = { cat: cat.sha256, sheep: sheep.sha256, dog: dog.sha256, wolf: wolf.sha256 };
        return [this.#deployedRuntime(label, outcome.stack, artifacts)];
      }),
    );
    const labels = new Set(deployed.map(({ runtime }) => runtime));
    const kept = before.runtimes.filter(({ runtime }) => !labels.has(runtime));
    const record = { ...before, state, updatedAtEpochMs: now(), runtimes: [...kept, ...deployed] };
    await writeRecord(cwd, record);
    return record;
  }

  async #deployedRuntime(
    runtime: string,
    stack: StackDescription,
    artifacts: Readonly<Record<Route, string>>,
  ): Promise<DeployedRuntime> {
    const context = this.#context;
    const withOutputs = await apiOutputs(context, stack, runtime);
    return toDeployedRuntime(context.clients.target, runtime, withOutputs, artifacts);
  }

  /** A failure to write it must not hide the one that it is about. */
  async #recordFailure(before: Deployment): Promise<void> {
    try {
      const earlier = { ...before, state: 'failed' as const, updatedAtEpochMs: this.#context.now() };
      await writeRecord(this.#context.cwd, earlier);
    } catch (error) {
      this.#context.emit({
        type: 'warning',
        code: 'record-not-written',
        message: `The record of this deploy could not be written: ${String(error)}`,
      });
    }
  }
}

/** How often a stack is prepared anew because somebody else's change came between. */
const MAX_ATTEMPTS = 4;

/** The heading of every plan: who does what where. */
export function headingOf(context: DeployDeps, project: string): PlanHeading {
  const { kind, region, endpoint, profile } = context.clients.target;
  return {
    kind,
    accountId: context.identity.accountId,
    callerArn: context.identity.arn,
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
    project,
  };
}

function lossesOf({ spec, operation, changeSet }: PreparedStack): readonly DataLoss[] {
  return operation === 'create' || changeSet.kind === 'no-changes'
    ? []
    : dataLossOf(spec.stackName, changeSet.changes);
}

function withChanges(
  stacks: readonly PlannedStack[],
  prepared: readonly PreparedStack[],
): readonly PlannedStack[] {
  return stacks.map((stack) => {
    const change = prepared.find(({ spec }) => spec.stackName === stack.stackName)?.changeSet;
    if (change === undefined) return stack;
    if (change.kind === 'no-changes') return { ...stack, action: 'none', changes: [] };
    return { ...stack, changes: change.changes };
  });
}

function withoutDescription({ stackName, runtime, outcome, elapsedMs }: StackOutcome) {
  return { stackName, runtime, outcome, elapsedMs };
}

/** Waits for all, then gives all results or throws what failed: one failure leaves the other stacks alone. */
async function settleAll<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  const settled = await Promise.allSettled(work);
  const errors = settled.flatMap((each): unknown[] => (each.status === 'rejected' ? [each.reason] : []));
  if (errors.length > 0) throw gather(errors);
  return settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

/** One error for several: a real failure goes before an interruption, and further ones are named after the first. */
function gather(errors: readonly unknown[]): unknown {
  const isStop = (error: unknown): boolean =>
    error instanceof ShedbenchError && (error.code === 'interrupted' || error.code === 'detached');
  const detachedError = errors.find((error) => error instanceof ShedbenchError && error.code === 'detached');
  if (detachedError !== undefined) return detachedError;
  const failures = errors.filter((error) => !isStop(error));
  const [first, ...others] = failures.length > 0 ? failures : errors;
  if (!(first instanceof ShedbenchError) || others.length === 0) return first;
  return new ShedbenchError({
    code: first.code,
    message: [first, ...others]
      .map((error) => (error instanceof Error ? error.message : String(error)))
      .join('\n'),
    hint: first.hint,
    exitCode: first.exitCode,
    cause: first,
  });
}
