import { awsError, usageError } from '../errors.ts';
import type { ContractResult, RuleResult } from '../model/contract.ts';
import type { Emit } from '../model/events.ts';
import { counted } from '../model/number-text.ts';
import { withStep } from '../model/with-step.ts';
import { type ApiAnswer, type ApiClient, createApiClient } from './api-client.ts';
import { API_RULES } from './api-rules.ts';
import { CAT_RULES } from './cat-rules.ts';
import { DOG_RULES } from './dog-rules.ts';
import { NoAnswer, type Rule, type RuleContext, type RuleOptions, type Verdict } from './rule.ts';
import { SHEEP_RULES } from './sheep-rules.ts';
import type { SheepTable, SheepToSeed } from './sheep-table.ts';
import { WOLF_RULES } from './wolf-rules.ts';

/** Every rule of the contract, in the order in which they are checked. */
export const RULES: readonly Rule[] = [
  ...CAT_RULES,
  ...SHEEP_RULES,
  ...DOG_RULES,
  ...WOLF_RULES,
  ...API_RULES,
];

export interface ContractApi {
  readonly runtime: string;
  /** Base URL with the stage, without a trailing slash. */
  readonly apiUrl: string;
  /** The value that `ALLOW_ORIGIN` was set to. Undefined: any value, as long as every answer has the same. */
  readonly allowOrigin?: string;
}

export interface VerifyOptions {
  /** Whether sheep in the shed may be removed. If not, a shed that is not empty is refused. */
  readonly clearShed: boolean;
  /** The shed that fills more than one scan page (1 MB). By default 24 sheep of 64 kB. */
  readonly bigShed?: { readonly sheep: number; readonly bytesEach: number };
}

export interface VerifyDeps {
  /** The table's own signal must outlast `signal`, because the shed is emptied after an interrupt too. */
  readonly table: SheepTable;
  readonly emit: Emit;
  /** Monotonic clock, ms. */
  readonly monotonicMs: () => number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
}

const DEFAULT_BIG_SHED = { sheep: 24, bytesEach: 65_536 };
/** How long the rules wait for an eventually consistent scan to catch up with a write. */
const SETTLE_MS = 10_000;
const SETTLE_PAUSE_MS = 100;
/** How many scans in a row must agree, because two scans may reach different replicas. */
const SETTLED_SCANS = 2;

/**
 * Checks one deployed API against the contract of the shed, rule by rule. It fills and empties the table many times. It
 * leaves the table empty, also after an interrupt.
 * @throws ShedbenchError `shed-not-empty` (exit 2) without `clearShed`; `api-unreachable` (exit 3) if the first call
 * gets no answer; errors of the table
 */
export async function verifyContract(
  api: ContractApi,
  options: VerifyOptions,
  deps: VerifyDeps,
): Promise<ContractResult> {
  const startedMs = deps.monotonicMs();
  await prepareShed(api, options, deps);
  const client = createApiClient(api.apiUrl);
  const step = `verify-${api.runtime}`;
  const checkRules = async (): Promise<RuleResult[]> => {
    const results: RuleResult[] = [];
    let failed = true;
    try {
      await callFirst(client, api, deps.signal);
      const context = createContext(client, api, options, deps);
      for (const [index, rule] of RULES.entries()) {
        deps.signal?.throwIfAborted();
        deps.emit({
          type: 'step-progress',
          id: step,
          detail: `${index + 1} of ${RULES.length}: ${rule.title}`,
        });
        results.push(await checkRule(rule, context, deps));
      }
      failed = false;
    } finally {
      await client.close();
      await leaveEmpty(deps, failed);
    }
    return results;
  };
  const results = await withStep(
    { id: step, title: `the contract of ${api.runtime}` },
    deps.emit,
    checkRules,
    (rules) => {
      const broken = countOf(rules, 'broken');
      return {
        outcome: broken === 0 ? 'done' : 'failed',
        detail: `${counted(countOf(rules, 'held'), 'rule holds', 'rules hold')}, ${broken} broken, ${countOf(rules, 'skipped')} skipped`,
      };
    },
  );
  return {
    runtime: api.runtime,
    apiUrl: api.apiUrl,
    tableName: deps.table.name,
    rules: results,
    held: countOf(results, 'held'),
    broken: countOf(results, 'broken'),
    skipped: countOf(results, 'skipped'),
    durationMs: deps.monotonicMs() - startedMs,
  };
}

function countOf(results: readonly RuleResult[], status: RuleResult['status']): number {
  return results.filter((result) => result.status === status).length;
}

async function prepareShed(api: ContractApi, options: VerifyOptions, deps: VerifyDeps): Promise<void> {
  const { sheep } = await deps.table.scan('consistent');
  if (sheep.length === 0) return;
  if (!options.clearShed) {
    throw usageError(
      'shed-not-empty',
      `${deps.table.name} holds ${sheep.length} sheep; verifying ${api.runtime} would remove them.`,
      '--yes removes them; shedbench reset empties the sheds',
    );
  }
  await deps.table.clear();
}

/** Empties the shed. After an earlier error, a failure to empty it is only a warning; otherwise it is thrown. */
async function leaveEmpty(deps: VerifyDeps, failed: boolean): Promise<void> {
  try {
    await deps.table.clear();
  } catch (error) {
    if (!failed) throw error;
    deps.emit({
      type: 'warning',
      code: 'shed-not-emptied',
      message: `${deps.table.name} may still hold sheep that the rules added: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'shedbench reset',
    });
  }
}

async function callFirst(
  client: ApiClient,
  api: ContractApi,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await client.call('GET', '/cat?m=0&n=0', signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw awsError(
      'api-unreachable',
      `${api.apiUrl} does not answer: ${error instanceof Error ? error.message : String(error)}`,
      'shedbench status',
      error,
    );
  }
}

function createContext(
  client: ApiClient,
  api: ContractApi,
  options: VerifyOptions,
  deps: VerifyDeps,
): RuleContext {
  const answers: ApiAnswer[] = [];
  const ruleOptions: RuleOptions = {
    allowOrigin: api.allowOrigin,
    bigShed: options.bigShed ?? DEFAULT_BIG_SHED,
    gatewayAddsContentType: /\.amazonaws\.com(\.cn)?$/.test(new URL(api.apiUrl).hostname),
  };
  return {
    answers,
    raceAnswers: [],
    options: ruleOptions,
    table: deps.table,
    call: async (method, path) => {
      try {
        const answer = await client.call(method, path, deps.signal);
        answers.push(answer);
        return answer;
      } catch (error) {
        deps.signal?.throwIfAborted();
        throw new NoAnswer(
          `${method} ${path}: no answer, ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    },
    fillShed: async (sheep) => {
      await deps.table.clear();
      await deps.table.put(sheep);
      await settle(sheep, deps);
    },
  };
}

/**
 * Waits until eventually consistent scans, which the functions use, return exactly these sheep. Gives up waiting after
 * 10 s; the rule is then checked anyway.
 */
async function settle(sheep: readonly SheepToSeed[], deps: VerifyDeps): Promise<void> {
  const expected = sheep
    .map(({ tattoo, weight }) => `${tattoo}=${weight}`)
    .sort()
    .join();
  const deadlineMs = deps.monotonicMs() + SETTLE_MS;
  let agreeing = 0;
  while (agreeing < SETTLED_SCANS && deps.monotonicMs() < deadlineMs) {
    const scan = await deps.table.scan('eventual');
    const found = scan.sheep
      .map(({ tattoo, weight }) => `${tattoo}=${weight}`)
      .sort()
      .join();
    agreeing = found === expected ? agreeing + 1 : 0;
    if (agreeing === 0) await deps.sleep(SETTLE_PAUSE_MS, deps.signal);
  }
}

async function checkRule(rule: Rule, context: RuleContext, deps: VerifyDeps): Promise<RuleResult> {
  const startedMs = deps.monotonicMs();
  let verdict: Verdict;
  try {
    verdict = await rule.check(context);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    verdict = { status: 'broken', detail: error.message };
  }
  const { id, title, route } = rule;
  return { id, title, route, ...verdict, durationMs: deps.monotonicMs() - startedMs };
}
