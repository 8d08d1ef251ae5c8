import { awsError } from '../errors.ts';
import type { Emit } from '../model/events.ts';
import { type ApiAnswer, type ApiClient, createApiClient } from './api-client.ts';
import { describeAnswer, parseJson } from './rule.ts';
import type { SheepTable } from './sheep-table.ts';

/** The sheep of the probe: the largest tattoo, which nobody counts up to. */
export const PROBE_TATTOO = '18446744073709551615';

/** How long a call is tried again, ms: a role, a stage and a name take time to be known everywhere. */
const PATIENCE_MS = 120_000;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 10_000;

export interface ProbeApi {
  readonly runtime: string;
  /** Base URL with the stage, without a trailing slash. */
  readonly apiUrl: string;
}

export interface ProbeDeps {
  readonly table: Pick<SheepTable, 'remove'>;
  readonly emit: Emit;
  /** Monotonic clock, ms. */
  readonly monotonicMs: () => number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
  /** How long a call is tried again, ms. Two minutes by default; 0 on the local cloud, where nothing takes time. */
  readonly patienceMs?: number;
  /** What to type when the API can't be reached at all. */
  readonly unreachableHint?: string;
}

export interface ProbeResult {
  /** Sheep in the shed, by the dog. */
  readonly sheep: number;
  /** False where sheep stood in the shed: a wolf might have eaten one. */
  readonly wolfCalled: boolean;
  /** Requests sent, those that were tried again included. */
  readonly attempts: number;
  readonly durationMs: number;
}

/**
 * Calls every function of an API once, such that no trace remains: the dog; the cat with 0 and 0; the wolf where the
 * dog counted none; a sheep that is removed again past the API. Answers of 403 and 5xx and failed connections are tried
 * again for `patienceMs` in all.
 * @throws ShedbenchError `probe-failed` (exit 3) naming the call and what came
 */
export async function probeApi(api: ProbeApi, deps: ProbeDeps): Promise<ProbeResult> {
  const client = createApiClient(api.apiUrl);
  try {
    return await new Probe(api, client, deps).run();
  } finally {
    await client.close();
  }
}

class Probe {
  readonly #api: ProbeApi;
  readonly #client: ApiClient;
  readonly #deps: ProbeDeps;
  readonly #startedMs: number;
  #attempts = 0;
  #saidThatItWaits = false;

  constructor(api: ProbeApi, client: ApiClient, deps: ProbeDeps) {
    this.#api = api;
    this.#client = client;
    this.#deps = deps;
    this.#startedMs = deps.monotonicMs();
  }

  async run(): Promise<ProbeResult> {
    const dog = await this.#patiently('GET', '/dog');
    const count = countOf(dog);
    if (dog.status !== 200 || count === undefined) throw this.#failed(dog, '200 {"count":…}');
    const cat = await this.#patiently('GET', '/cat?m=0&n=0');
    if (cat.status !== 200 || !hasResult(cat, 1)) throw this.#failed(cat, '200 {"result":1}');
    if (count === 0) {
      const wolf = await this.#patiently('DELETE', '/wolf');
      if (wolf.status !== 404) throw this.#failed(wolf, '404 {"message":"No fitting sheep"}');
    }
    await this.#probeSheep();
    return {
      sheep: count,
      wolfCalled: count === 0,
      attempts: this.#attempts,
      durationMs: this.#deps.monotonicMs() - this.#startedMs,
    };
  }

  async #probeSheep(): Promise<void> {
    // Only a first and clear 400 says that the sheep is somebody else's; whatever else came, it may be ours.
    let ours = true;
    try {
      const before = this.#attempts;
      const sheep = await this.#patiently('POST', `/sheeps/${PROBE_TATTOO}`);
      const firstAnswer = this.#attempts === before + 1;
      const duplicate =
        sheep.status === 400 && sheep.body.includes(`Sheep already in the shed: ${PROBE_TATTOO}`);
      ours = !(duplicate && firstAnswer);
      if (sheep.status !== 201 && !duplicate) throw this.#failed(sheep, '201 {"tattoo":…,"weight":…}');
    } catch (error) {
      if (ours) await this.#removeAfterFailure();
      throw error;
    }
    if (ours) await this.#deps.table.remove([PROBE_TATTOO]);
  }

  /** The error that failed the probe stays the one reported; a sheep that can't be removed is a warning. */
  async #removeAfterFailure(): Promise<void> {
    try {
      await this.#deps.table.remove([PROBE_TATTOO]);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const message = `The sheep ${PROBE_TATTOO} of the probe may be left in the shed of ${this.#api.runtime}: ${why}`;
      this.#deps.emit({ type: 'warning', code: 'probe-sheep-left', message });
    }
  }

  /** The first answer that waiting would not change. */
  async #patiently(method: string, path: string): Promise<ApiAnswer> {
    const { monotonicMs, sleep, signal } = this.#deps;
    for (let failures = 0; ; failures += 1) {
      const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
      const lastTry = monotonicMs() + pauseMs - this.#startedMs > (this.#deps.patienceMs ?? PATIENCE_MS);
      this.#attempts += 1;
      let reason: string;
      try {
        const answer = await this.#client.call(method, path, signal);
        if (answer.status !== 403 && answer.status < 500) return answer;
        if (lastTry) return answer;
        reason = describeAnswer(answer);
      } catch (error) {
        signal?.throwIfAborted();
        reason = error instanceof Error ? error.message : String(error);
        if (lastTry) throw this.#unreachable(method, path, reason, error);
      }
      if (!this.#saidThatItWaits) {
        this.#saidThatItWaits = true;
        const message = `${this.#api.runtime} is not ready yet (${method} ${path}: ${reason}); trying for up to two minutes`;
        this.#deps.emit({ type: 'note', message });
      }
      await sleep(pauseMs, signal);
    }
  }

  #failed(answer: ApiAnswer, expected: string): Error {
    return awsError(
      'probe-failed',
      `The API of ${this.#api.runtime} does not work: ${answer.call} should answer ${expected}, it answered ${describeAnswer(answer)}`,
      'shedbench verify says which rules are broken; the function says why in its log group',
    );
  }

  #unreachable(method: string, path: string, reason: string, cause: unknown): Error {
    return awsError(
      'probe-failed',
      `The API of ${this.#api.runtime} does not answer ${method} ${path}: ${reason}`,
      this.#deps.unreachableHint ?? 'shedbench status',
      cause,
    );
  }
}

function countOf(answer: ApiAnswer): number | undefined {
  const body = parseJson(answer.body);
  const count = typeof body === 'object' && body !== null && 'count' in body ? body.count : undefined;
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : undefined;
}

function hasResult(answer: ApiAnswer, result: number): boolean {
  const body = parseJson(answer.body);
  return typeof body === 'object' && body !== null && 'result' in body && body.result === result;
}
