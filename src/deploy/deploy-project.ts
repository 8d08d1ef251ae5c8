import { hasForeignEndpoint } from '../aws/aws-endpoint.ts';
import { translateAwsError } from '../aws/errors.ts';
import { awsError } from '../errors.ts';
import type { DataLoss, DeployPlan, PlannedStack } from '../model/deploy-plan.ts';
import type { Deployment } from '../model/deployment.ts';
import { apiStackName } from '../model/project.ts';
import { functionName, ROUTES } from '../model/route.ts';
import { settleAll } from '../model/settle-all.ts';
import { type StepEnding, withStep } from '../model/with-step.ts';
import type { PackagedRuntime } from './artifacts/package-functions.ts';
import { uploadArtifacts } from './artifacts/upload-artifacts.ts';
import { beginRecord, type DeployRecord } from './deploy-record.ts';
import { deleteLogGroup } from './discovery/log-groups.ts';
import {
  discardPrepared,
  executePrepared,
  type PreparedStack,
  prepareStack,
  type StackOutcome,
} from './stacks/converge-stack.ts';
import { gatherErrors } from './stacks/gather-errors.ts';
import { createPatience } from './stacks/patience.ts';
import { headingOf, lossesOf, withChanges, withOutcomes } from './stacks/plan-steps.ts';
import { inspect, type Preflight, wantedStacks } from './stacks/preflight.ts';
import { describeStack } from './stacks/stack-api.ts';
import {
  type DeployDeps,
  type StackContext,
  stopIfInterrupted,
  untilDetached,
  untilInterrupted,
} from './stacks/stack-context.ts';
import { bucketOf } from './stacks/stack-outputs.ts';
import { apiSpec, assetsSpec, type FunctionSettings, type StackSpec } from './stacks/stack-specs.ts';
import { conditionOf } from './stacks/stack-state.ts';
import { readTemplate, type Template } from './stacks/template.ts';

export interface DeployOptions extends FunctionSettings {
  readonly project: string;
  readonly runtimes: readonly PackagedRuntime[];
  /** Shows what would be done, with change sets for the existing stacks, and changes nothing. */
  readonly planOnly: boolean;
  /** Called before data is lost for good, never with an empty list. False leaves everything as it is. */
  readonly confirmDataLoss: (losses: readonly DataLoss[], plan: DeployPlan) => Promise<boolean>;
  /** Checks that all routes answer, once all stacks are ready. Its failure fails the deploy. */
  readonly probe?: (deployment: Deployment) => Promise<void>;
  /** The command that continues after an interruption: `shedbench deploy --project p`. */
  readonly pickUpCommand: string;
}

export interface DeployResult {
  /** `unchanged`: every stack already was as the options say. `declined`: the user did not agree to a loss of data. */
  readonly outcome: 'deployed' | 'unchanged' | 'planned' | 'declined';
  readonly plan: DeployPlan;
  readonly losses: readonly DataLoss[];
  readonly stacks: readonly Omit<StackOutcome, 'stack'>[];
  readonly deployment: Deployment | undefined;
}

/**
 * Makes the stacks of a project what the options say. It clears away leftovers, deploys the bucket's stack, uploads the
 * zips, and then deploys every runtime's stack in parallel, each through a change set. It can be run again after any
 * earlier run, however that ended.
 * @throws ShedbenchError exit 3: `name-clash`, `change-set-failed`, `stack-failed`, `stack-unsteady` and as
 *   `translateAwsError` returns it; exit 130: `interrupted` (nothing is in progress), `detached` (CloudFormation
 *   continues); and what `confirmDataLoss` and `probe` throw
 */
export async function deployProject(options: DeployOptions, deps: DeployDeps): Promise<DeployResult> {
  const patience = createPatience({ ...deps, target: deps.clients.target });
  const context: StackContext = { ...deps, patience, pickUpCommand: options.pickUpCommand };
  try {
    const [api, assets] = await Promise.all([readTemplate('api'), readTemplate('assets')]);
    return await new Deploy(options, context, { api, assets }).run();
  } catch (error) {
    throw translateAwsError(error, deps.clients.target);
  }
}

/** How often a change set is made again because somebody else changed the stack in between. */
const MAX_ATTEMPTS = 4;

/** One deploy, from the first look at the stacks to the record. */
class Deploy {
  readonly #options: DeployOptions;
  readonly #context: StackContext;
  readonly #templates: { readonly api: Template; readonly assets: Template };
  /** The stacks that are finished so far. */
  readonly #done: StackOutcome[] = [];

  constructor(
    options: DeployOptions,
    context: StackContext,
    templates: { readonly api: Template; readonly assets: Template },
  ) {
    this.#options = options;
    this.#context = context;
    this.#templates = templates;
  }

  async run(): Promise<DeployResult> {
    const { project, planOnly } = this.#options;
    const context = this.#context;
    const preflight = await this.#step('preflight', 'Looking for what is there already', () =>
      untilInterrupted(
        context,
        inspect(context, project, this.#wanted(), context.interrupt.first),
        'Stopped before anything was changed',
      ),
    );
    const plan = this.#plan(preflight, preflight.stacks);
    if (planOnly) return this.#planOnly(preflight, plan);
    context.emit({ type: 'deploy-plan', plan });
    const agreed = await this.#agreed(preflight.losses, plan);
    stopIfInterrupted(context, 'Stopped before anything was changed');
    if (!agreed) return declined(plan, preflight.losses);
    const record = await beginRecord(context, {
      ...this.#options,
      templateSha256: this.#templates.api.sha256,
    });
    try {
      return await this.#change(preflight, plan, record);
    } catch (error) {
      await this.#recordFailure(record);
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

  /** The part of a deploy that changes something. */
  async #change(preflight: Preflight, plan: DeployPlan, record: DeployRecord): Promise<DeployResult> {
    const { runtimes, probe } = this.#options;
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
    const stacks = this.#done.map(withoutDescription);
    if (!apis.agreed) {
      await record.restore();
      return { ...declined(apis.plan, apis.losses), stacks };
    }
    await probe?.(await record.write('creating', this.#done));
    return {
      outcome: stacks.every(({ outcome }) => outcome === 'unchanged') ? 'unchanged' : 'deployed',
      plan: apis.plan,
      losses: apis.losses,
      stacks,
      deployment: await record.write('deployed', this.#done),
    };
  }

  async #assetsStack(): Promise<StackOutcome> {
    const { project } = this.#options;
    const spec = assetsSpec(project, this.#templates.assets, this.#context.toolVersion);
    const outcome = await this.#stackStep(spec, () =>
      this.#converge(spec, (prepared) => executePrepared(this.#context, prepared)),
    );
    stopIfInterrupted(this.#context, `Stopped after ${spec.stackName}, which costs nothing while it stands`);
    return outcome;
  }

  async #upload(bucket: string): Promise<void> {
    const { project, runtimes } = this.#options;
    const context = this.#context;
    const artifacts = runtimes.flatMap(({ functions }) => ROUTES.map((route) => functions[route]));
    await untilInterrupted(
      context,
      uploadArtifacts(context, project, bucket, artifacts, context.interrupt.first),
      'Stopped while uploading; the bucket keeps what is there, which costs next to nothing',
    );
  }

  #apiSpec(packaged: PackagedRuntime, bucket: string): StackSpec {
    const { toolVersion, clients } = this.#context;
    const { project } = this.#options;
    const isForeign = hasForeignEndpoint(clients.target);
    return apiSpec(project, packaged, this.#options, bucket, this.#templates.api, toolVersion, isForeign);
  }

  /** Deploys all runtimes' stacks: makes every change set, asks if data is lost, then executes them in parallel. */
  async #apiStacks(
    specs: readonly StackSpec[],
    preflight: Preflight,
    plan: DeployPlan,
  ): Promise<{
    readonly agreed: boolean;
    readonly plan: DeployPlan;
    readonly losses: readonly DataLoss[];
  }> {
    const context = this.#context;
    const prepared = await this.#step('change-sets', 'Change sets', () => this.#prepareAll(specs));
    const changed = this.#plan(preflight, withChanges(withOutcomes(plan.stacks, this.#done), prepared));
    // The first plan said everything about stacks that are created. Only the change set of an update adds to it.
    if (prepared.some(({ operation }) => operation === 'update')) {
      context.emit({ type: 'deploy-plan', plan: changed });
    }
    const losses = prepared.flatMap(lossesOf);
    let agreed = false;
    try {
      agreed = await this.#agreed(losses, changed);
    } finally {
      if (!agreed || context.interrupt.first.aborted) await this.#discardAll(prepared);
    }
    stopIfInterrupted(context, 'Stopped before the stacks were changed');
    if (!agreed) return { agreed, plan: changed, losses };
    await settleAll(
      prepared.map((each) => this.#stackStep(each.spec, () => this.#execute(each, changed))),
      gatherErrors,
    );
    stopIfInterrupted(context, 'Stopped after all stacks were changed');
    return { agreed, plan: changed, losses };
  }

  async #execute(prepared: PreparedStack, plan: DeployPlan): Promise<StackOutcome> {
    const outcome = await executePrepared(this.#context, prepared);
    if (outcome !== 'moved') {
      this.#done.push(outcome);
      return outcome;
    }
    // Somebody else changed the stack first, so the new change set can lose data that was not asked about yet.
    const { spec } = prepared;
    return this.#converge(spec, async (again) => {
      if (await this.#agreed(lossesOf(again), plan)) return executePrepared(this.#context, again);
      await discardPrepared(this.#context, again);
      throw awsError('declined', `${spec.stackName} stays as it is: the loss of data was declined`);
    });
  }

  /** Makes all change sets or none: when one fails, the others are deleted again. */
  async #prepareAll(specs: readonly StackSpec[]): Promise<readonly PreparedStack[]> {
    const prepared: PreparedStack[] = [];
    try {
      return await settleAll(
        specs.map(async (spec) => {
          const stack = await prepareStack(this.#context, this.#options.project, spec);
          prepared.push(stack);
          return stack;
        }),
        gatherErrors,
      );
    } catch (error) {
      await this.#discardAll(prepared);
      throw error;
    }
  }

  async #discardAll(prepared: readonly PreparedStack[]): Promise<void> {
    await Promise.all(prepared.map((each) => discardPrepared(this.#context, each)));
  }

  /** Prepares and executes one stack's change set. Repeats both if somebody else changed the stack in between. */
  async #converge(
    spec: StackSpec,
    execute: (prepared: PreparedStack) => Promise<StackOutcome | 'moved'>,
  ): Promise<StackOutcome> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const outcome = await execute(await prepareStack(this.#context, this.#options.project, spec));
      if (outcome === 'moved') continue;
      this.#done.push(outcome);
      return outcome;
    }
    throw awsError(
      'stack-unsteady',
      `${spec.stackName} was changed by somebody else in each of the ${MAX_ATTEMPTS} attempts of this deploy`,
      `Wait until they are done, then: ${this.#context.pickUpCommand}`,
    );
  }

  /** Returns what a deploy would do. Creates change sets for the existing stacks and deletes them again at once. */
  async #planOnly(preflight: Preflight, plan: DeployPlan): Promise<DeployResult> {
    const context = this.#context;
    const specs = await this.#specsOfStanding();
    const prepared = await this.#step('change-sets', 'Change sets', () => this.#prepareAll(specs));
    await this.#discardAll(prepared);
    stopIfInterrupted(context, 'Stopped; nothing was changed');
    const full = this.#plan(preflight, withChanges(plan.stacks, prepared));
    context.emit({ type: 'deploy-plan', plan: full });
    const losses = [...preflight.losses, ...prepared.flatMap(lossesOf)];
    return { outcome: 'planned', plan: full, losses, stacks: [], deployment: undefined };
  }

  /** The specs of the existing stacks. A change set for a new stack would create that stack. */
  async #specsOfStanding(): Promise<readonly StackSpec[]> {
    const { project, runtimes } = this.#options;
    const context = this.#context;
    const { second } = context.interrupt;
    const assets = assetsSpec(project, this.#templates.assets, context.toolVersion);
    const found = await untilDetached(context, describeStack(context, assets.stackName, second));
    if (found === undefined || conditionOf(found.status) !== 'standing') return [];
    const bucket = await bucketOf(context, found);
    const apis = await Promise.all(
      runtimes.map(async (packaged) => {
        const spec = this.#apiSpec(packaged, bucket);
        const stack = await untilDetached(context, describeStack(context, spec.stackName, second));
        return conditionOf(stack?.status) === 'standing' ? [spec] : [];
      }),
    );
    return [assets, ...apis.flat()];
  }

  async #agreed(losses: readonly DataLoss[], plan: DeployPlan): Promise<boolean> {
    return losses.length === 0 || this.#options.confirmDataLoss(losses, plan);
  }

  #plan(preflight: Preflight, stacks: readonly PlannedStack[]): DeployPlan {
    return {
      heading: headingOf(this.#context, this.#options.project),
      stacks,
      leftovers: preflight.leftovers,
      idleUsdPerMonth: 0,
    };
  }

  async #stackStep(spec: StackSpec, work: () => Promise<StackOutcome>): Promise<StackOutcome> {
    return this.#step(spec.stackName, `Stack ${spec.stackName}`, work, ({ outcome }) =>
      outcome === 'unchanged' ? { outcome: 'skipped', detail: 'nothing to change' } : { outcome: 'done' },
    );
  }

  #step<T>(
    id: string,
    title: string,
    work: () => Promise<T>,
    ending?: (result: T) => StepEnding,
  ): Promise<T> {
    return withStep({ id, title }, this.#context.emit, work, ending);
  }

  /** Writes the record of a failed deploy. If that fails as well, the first error stays the one reported. */
  async #recordFailure(record: DeployRecord): Promise<void> {
    try {
      await record.write('failed', this.#done);
    } catch (error) {
      this.#context.emit({
        type: 'warning',
        code: 'record-not-written',
        message: `The record of this deploy could not be written: ${error instanceof Error ? error.message : String(error)}`,
      });
    }
  }
}

function declined(plan: DeployPlan, losses: readonly DataLoss[]): DeployResult {
  return { outcome: 'declined', plan, losses, stacks: [], deployment: undefined };
}

function withoutDescription({ stackName, runtime, outcome, elapsedMs }: StackOutcome) {
  return { stackName, runtime, outcome, elapsedMs };
}
