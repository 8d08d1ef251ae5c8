import { randomBytes } from 'node:crypto';
import pLimit from 'p-limit';
import { translateAwsError } from '../../aws/errors.ts';
import { qualifiedFunction } from '../../aws/function-facts.ts';
import { awsError, fileError, type ShedbenchError } from '../../errors.ts';
import { settleAll } from '../../model/settle-all.ts';
import {
  type ChangedFunction,
  changedFunction,
  readChangedFunctions,
  removeChangedFunction,
  writeChangedFunction,
} from '../../store/changed-functions.ts';
import type { DeployDeps } from '../stacks/stack-context.ts';
import {
  type FunctionApi,
  type FunctionState,
  isFunctionGone,
  openFunctionApi,
  type WantedState,
} from './function-state.ts';

/** The environment variable whose change makes Lambda retire a function's environments. */
export const NONCE_VARIABLE = 'SHEDBENCH_COLD_START';

/**
 * How many functions are changed at once. Lambda allows 15 control-plane requests per second in an account and region,
 * and each change takes two or more.
 */
const CHANGES_AT_ONCE = 5;
/** How often an update is tried again that conflicts with another one. */
const MAX_ATTEMPTS = 5;

/** The settings of a change. */
export interface SettingsChange {
  /** Memory of each function in MB. Undefined leaves it unchanged. */
  readonly memorySizeMB?: number;
  /**
   * Makes Lambda retire all environments of the functions. A later call that finds no idle environment is then a cold
   * start.
   */
  readonly retiresEnvironments?: boolean;
}

/** The dependencies of a change of functions, and the identity of this process for the record. */
export interface SettingsDeps extends DeployDeps {
  readonly owner: ChangedFunction['owner'];
  /** Whether the process that wrote a record still runs. */
  readonly isAlive: (owner: ChangedFunction['owner']) => Promise<boolean>;
}

interface Changed {
  readonly record: ChangedFunction;
  /** The state in which this command left the function. Undefined during its first change. */
  readonly state: FunctionState | undefined;
}

/**
 * Changes settings of Lambda functions while `work` runs, and restores them afterwards: after success, after a failure,
 * and after an interrupt. A second interrupt leaves the rest to the next command in this folder, which finds the
 * records in `.shedbench/changed-functions/` (`putBackLeftBehind`). A function that can't be restored is a warning, so
 * that the result or the failure of `work` stays the one reported.
 *
 * @returns what `work` returned, and whether every function was restored
 * @throws what `work` throws
 */
export async function withFunctionSettings<T>(
  deps: SettingsDeps,
  work: (settings: FunctionSettings) => Promise<T>,
): Promise<{ readonly result: T; readonly isPutBack: boolean }> {
  const settings = new FunctionSettings(deps);
  let result: T;
  try {
    result = await work(settings);
  } catch (error) {
    await settings.putBack();
    throw error;
  }
  return { result, isPutBack: await settings.putBack() };
}

/** The functions that one command has changed. */
export class FunctionSettings {
  readonly #deps: SettingsDeps;
  /** By function name. */
  readonly #changed = new Map<string, Changed>();
  #api: FunctionApi | undefined;

  constructor(deps: SettingsDeps) {
    this.#deps = deps;
  }

  /**
   * Sets the same settings for some functions. Resolves when calls to all of them use the new settings. Before the
   * first change of each function, the record of what must be restored is written.
   *
   * @param functions names or ARNs, without a version or alias
   * @throws ShedbenchError exit 2 `qualified-function`; exit 3 `function-not-found`, `function-failed`,
   * `function-changed-meanwhile`, `environment-unreadable`, and the errors of Lambda
   */
  async change(functions: readonly string[], change: SettingsChange): Promise<void> {
    for (const reference of functions) refuseQualifier(reference);
    const { first } = this.#deps.interrupt;
    const api = await this.#open();
    const limit = pLimit(CHANGES_AT_ONCE);
    await this.#translated(
      settleAll(functions.map((reference) => limit(() => this.#changeOne(api, reference, change, first)))),
    );
  }

  /** Restores every changed function. Returns false, and warns, if one could not be restored. */
  async putBack(): Promise<boolean> {
    const records = [...this.#changed.values()].map(({ record }) => record);
    if (records.length === 0) return true;
    return await putBackAll(records, await this.#open(), this.#deps);
  }

  async #open(): Promise<FunctionApi> {
    this.#api ??= await openFunctionApi(this.#deps);
    return this.#api;
  }

  async #changeOne(
    api: FunctionApi,
    reference: string,
    change: SettingsChange,
    signal: AbortSignal,
  ): Promise<void> {
    const state = await api.settled(reference, signal);
    const known = this.#changed.get(state.name);
    if (known?.state !== undefined && known.state.fingerprint !== state.fingerprint) {
      throw changedMeanwhile(state.name);
    }
    const wanted = wantedState(state, change);
    if (holds(state, wanted)) return;
    const record = this.#recordOf(state, known?.record, wanted);
    if (record !== known?.record) await writeChangedFunction(this.#deps.cwd, record);
    this.#changed.set(state.name, { record, state: known?.state });
    const after = await updated(api, state, wanted, signal);
    if (after === undefined) throw changedMeanwhile(state.name);
    this.#changed.set(state.name, { record, state: after });
  }

  /** Adds the new change to the record. Returns the same object if it adds nothing. */
  #recordOf(state: FunctionState, known: ChangedFunction | undefined, wanted: WantedState): ChangedFunction {
    const { clients, identity, owner, now } = this.#deps;
    const { kind, region, endpoint } = clients.target;
    const memory =
      wanted.memorySizeMB === undefined
        ? known?.memorySizeMB
        : { before: known?.memorySizeMB?.before ?? state.memorySizeMB, set: wanted.memorySizeMB };
    const variable = wanted.variables === undefined ? known?.variable : NONCE_VARIABLE;
    if (known !== undefined && variable === known.variable && memory?.set === known.memorySizeMB?.set) {
      return known;
    }
    return changedFunction({
      target: {
        kind,
        region,
        accountId: identity.accountId,
        ...(endpoint === undefined ? {} : { endpoint }),
      },
      functionName: state.name,
      ...(variable === undefined ? {} : { variable }),
      ...(memory === undefined ? {} : { memorySizeMB: memory }),
      owner,
      changedAtEpochMs: known?.changedAtEpochMs ?? now(),
    });
  }

  async #translated<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw translateAwsError(error, this.#deps.clients.target);
    }
  }
}

/**
 * Restores functions that an earlier command in this folder changed at this target and did not restore, because it
 * was killed or a person stopped waiting for it. Ignores the records of commands that still run.
 */
export async function putBackLeftBehind(deps: SettingsDeps): Promise<void> {
  const { target } = deps.clients;
  const records: ChangedFunction[] = [];
  for (const record of await readChangedFunctions(deps.cwd, deps.emit)) {
    const { kind, region, accountId, endpoint } = record.target;
    if (kind !== target.kind || accountId !== deps.identity.accountId || region !== target.region) continue;
    if (await deps.isAlive(record.owner)) continue;
    if (endpoint === target.endpoint) records.push(record);
    // The record is about another local cloud, which has ended with its functions.
    else if (kind === 'local') await removeChangedFunction(deps.cwd, record);
  }
  if (records.length === 0) return;
  const names = records.map(({ functionName }) => functionName).join(', ');
  if (await putBackAll(records, await openFunctionApi(deps), deps)) {
    deps.emit({
      type: 'note',
      message: `Restored what an interrupted command had changed: ${names}`,
    });
  }
}

/** Restores functions by their records. Returns false, and warns, if one could not be restored. */
async function putBackAll(
  records: readonly ChangedFunction[],
  api: FunctionApi,
  deps: SettingsDeps,
): Promise<boolean> {
  const limit = pLimit(CHANGES_AT_ONCE);
  const done = await Promise.all(
    records.map((record) =>
      limit(async () => {
        try {
          await putBackOne(record, api, deps);
          await removeChangedFunction(deps.cwd, record);
          return true;
        } catch (error) {
          warnOfTrouble(record, error, deps);
          return false;
        }
      }),
    ),
  );
  return done.every(Boolean);
}

async function putBackOne(record: ChangedFunction, api: FunctionApi, deps: SettingsDeps): Promise<void> {
  const { second } = deps.interrupt;
  for (let attempt = 1; ; attempt++) {
    let state: FunctionState;
    try {
      state = await api.settled(record.functionName, second);
    } catch (error) {
      if (isFunctionGone(error)) return;
      throw error;
    }
    const wanted = stateBefore(record, state);
    if (holds(state, wanted) || (await updated(api, state, wanted, second)) !== undefined) {
      warnOfOthers(record, state, deps);
      return;
    }
    // Somebody changed the function after its state was read, so it is read again.
    if (attempt === MAX_ATTEMPTS) throw changedMeanwhile(record.functionName);
  }
}

/** The settings to restore. They include only what shedbench changed and nobody else changed since. */
function stateBefore({ variable, memorySizeMB }: ChangedFunction, state: FunctionState): WantedState {
  const isOurSize = memorySizeMB !== undefined && state.memorySizeMB === memorySizeMB.set;
  const others = Object.entries(state.variables).filter(([name]) => name !== variable);
  const hasVariable = others.length < Object.keys(state.variables).length;
  return {
    ...(isOurSize ? { memorySizeMB: memorySizeMB.before } : {}),
    ...(hasVariable ? { variables: Object.fromEntries(others) } : {}),
  };
}

/** Warns of a memory size that somebody else set meanwhile. It is kept. */
function warnOfOthers(
  { memorySizeMB, functionName }: ChangedFunction,
  state: FunctionState,
  deps: DeployDeps,
): void {
  if (memorySizeMB === undefined) return;
  const { before, set } = memorySizeMB;
  if (state.memorySizeMB === set || state.memorySizeMB === before) return;
  deps.emit({
    type: 'warning',
    code: 'function-changed-meanwhile',
    message: `Somebody else set the memory of ${functionName} to ${state.memorySizeMB} MB during this bench. It keeps that size; before the bench it had ${before} MB.`,
  });
}

/**
 * Updates a function that is in `state`, and waits until the update is complete.
 * @returns the new state; undefined if somebody else changed the function meanwhile
 * @throws ShedbenchError `function-failed` if Lambda gave up the update
 */
async function updated(
  api: FunctionApi,
  state: FunctionState,
  wanted: WantedState,
  signal: AbortSignal,
): Promise<FunctionState | undefined> {
  let from = state;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    await api.update(from, wanted, signal);
    const after = await api.settled(state.name, signal);
    // Checked even if the update was refused, because the SDK may have sent it twice after the first answer was lost.
    if (holds(after, wanted)) {
      if (after.failure === undefined) return after;
      throw awsError(
        'function-failed',
        `Lambda could not update the function ${state.name}: ${after.failure}`,
        `aws lambda get-function-configuration --function-name ${state.name} says more`,
      );
    }
    if (after.fingerprint !== state.fingerprint) return undefined;
    from = after;
  }
  return undefined;
}

function wantedState(
  state: FunctionState,
  { memorySizeMB, retiresEnvironments }: SettingsChange,
): WantedState {
  return {
    ...(memorySizeMB === undefined || memorySizeMB === state.memorySizeMB ? {} : { memorySizeMB }),
    ...(retiresEnvironments === true
      ? { variables: { ...state.variables, [NONCE_VARIABLE]: randomBytes(8).toString('hex') } }
      : {}),
  };
}

function holds(state: FunctionState, { memorySizeMB, variables }: WantedState): boolean {
  if (memorySizeMB !== undefined && memorySizeMB !== state.memorySizeMB) return false;
  if (variables === undefined) return true;
  const [wanted, there] = [Object.entries(variables), Object.keys(state.variables)];
  return wanted.length === there.length && wanted.every(([name, value]) => state.variables[name] === value);
}

/** `name:prod` and `arn:aws:lambda:eu-west-3:123456789012:function:name:7` name a version or an alias. */
function refuseQualifier(reference: string): void {
  const parts = reference.split(':');
  const isQualified = reference.startsWith('arn:') ? parts.length > 7 : parts.length === 2;
  if (!isQualified) return;
  throw qualifiedFunction(reference, parts.slice(0, -1).join(':'));
}

function changedMeanwhile(name: string): ShedbenchError {
  return awsError(
    'function-changed-meanwhile',
    `Somebody else changed the function ${name} while it was measured. The measurements are not of one setting.`,
    'Run it again once nobody deploys to that function',
  );
}

function warnOfTrouble(record: ChangedFunction, error: unknown, deps: DeployDeps): void {
  const told = fileError(error) ?? translateAwsError(error, deps.clients.target);
  const reason = told instanceof Error ? told.message : String(told);
  const { functionName, variable, memorySizeMB } = record;
  const what = [
    ...(memorySizeMB === undefined ? [] : [`its memory was ${memorySizeMB.before} MB`]),
    ...(variable === undefined ? [] : [`its variable ${variable} is to be removed`]),
  ].join(', ');
  deps.emit({
    type: 'warning',
    code: 'function-not-put-back',
    message: `The function ${functionName} could not be restored (${what}): ${reason}`,
    hint: 'The next shedbench command in this folder for this target tries again',
  });
}
