import { awsError } from '../errors.ts';
import type { Emit } from '../model/events.ts';
import { type ApiAnswer, type ApiClient, createApiClient } from './api-client.ts';
import { describeAnswer, parseJson } from './rule.ts';
import type { SheepTable } from './sheep-table.ts';

/** The tattoo of the sheep that the probe adds: the largest there is, because loads count up from small ones. */
export const PROBE_TATTOO = '18446744073709551615';

/** For how long the probe repeats failing calls, ms. A new role, stage or DNS name takes time to reach every server. */
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
  /**
   * For how long failing calls are repeated, ms. Two minutes by default. 0 on the local cloud, where changes take
   * effect at once.
   */
  readonly patienceMs?: number;
  /** The command to suggest when the API can't be reached at all. */
  readonly unreachableHint?: string;
}

export interface ProbeResult {
  /** The number of sheep in the shed, as `GET /dog` counted them. */
  readonly sheep: number;
  /** False when the shed held sheep: a call of the wolf might have eaten one of them. */
  readonly wolfCalled: boolean;
  /** The number of requests sent, repeated ones included. */
  readonly attempts: number;
  readonly durationMs: number;
}

/**
 * Calls every function of an API once and leaves the shed as it was. It calls the dog; the cat with m=0 and n=0; the
 * wolf, if the dog counted 0 sheep; and it adds a sheep, then removes it from the table directly. It repeats calls that
 * fail or answer 403 or 5xx, for `patienceMs` in total.
 * @throws ShedbenchError `probe-failed` (exit 3); the message names the call and its answer
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
    // The sheep belongs to somebody else only if the first attempt was refused as a duplicate. After any other outcome
    // the probe may have added it, and removes it.
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

  /**
   * Removes the sheep after the probe failed. If that fails too, it is a warning: the probe's own error is the one
   * reported.
   */
  async #removeAfterFailure(): Promise<void> {
    try {
      await this.#deps.table.remove([PROBE_TATTOO]);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const message = `The sheep ${PROBE_TATTOO} of the probe may be left in the shed of ${this.#api.runtime}: ${why}`;
      this.#deps.emit({ type: 'warning', code: 'probe-sheep-left', message });
    }
  }

  /** Repeats a call until it gets an answer that waiting would not change, or until the time is up. */
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
