import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet } from '../../../src/load/fleet/fleet-engine.ts';
import { Loader } from '../../../src/load/fleet/loader.ts';
import type { InvokeOutcome, LoaderPort } from '../../../src/load/fleet/loader-port.ts';
import { decodeOrder, type LoaderOrder, type LoadOrder } from '../../../src/load/fleet/orders.ts';
import { createLoadPlan, type LoadRequest } from '../../../src/load/load-plan.ts';
import type { LoadDeps, LoadResult, LoadTarget } from '../../../src/load/load-result.ts';
import { runRounds } from '../../../src/load/run-load.ts';
import { answer, type RawServer, rawServer } from '../support/raw-server.ts';
import { expectToAddUp, testDeps } from '../support/run.ts';

/** What becomes of one invocation in place of the loader's own answer; undefined: the loader does its work. */
export type Fate = (
  order: LoadOrder,
  invocation: number,
) => InvokeOutcome | 'too-late' | 'rubbish' | undefined;

/** Loaders in this process: each invocation runs the code of the loader function, as Lambda would. */
export class InProcessLoaders implements LoaderPort {
  readonly orders: LoaderOrder[] = [];
  readonly stopUrl: string | undefined;
  raised = 0;
  readonly #fate: Fate;
  readonly #onRaise: () => void;
  readonly #idle: Loader[] = [];

  constructor(
    fate: Fate = () => undefined,
    stop: { readonly url?: string; readonly onRaise?: () => void } = {},
  ) {
    this.#fate = fate;
    this.stopUrl = stop.url;
    this.#onRaise = stop.onRaise ?? (() => undefined);
  }

  async invoke(payload: string): Promise<InvokeOutcome> {
    const event: unknown = JSON.parse(payload);
    const order = decodeOrder(event);
    const invocation = this.orders.push(order);
    const fate = order.do === 'load' ? this.#fate(order, invocation) : undefined;
    if (typeof fate === 'object') return fate;
    // An environment serves one invocation at a time, and is used again.
    const loader = this.#idle.pop() ?? new Loader();
    const late = fate === 'too-late' && order.do === 'load' ? { mustStartByEpochMs: 0 } : {};
    const packed = await loader.obey(
      { ...(event as object), ...late },
      { getRemainingTimeInMillis: () => 900_000 },
    );
    this.#idle.push(loader);
    return {
      kind: 'answered',
      payload: fate === 'rubbish' ? '{"gzip":"bm90IGd6aXA="}' : JSON.stringify(packed),
      meter: { billedMs: 100 },
    };
  }

  async raiseStop(): Promise<void> {
    this.raised += 1;
    this.#onRaise();
  }

  async end(): Promise<void> {}
}

export function fleetOf(port: LoaderPort, loaders: number, waveMs = 60_000): Fleet {
  return {
    functionName: 'flock-fleet-loader',
    region: 'us-east-1',
    memorySizeMB: 1769,
    architecture: 'arm64',
    target: { kind: 'local', endpoint: 'http://127.0.0.1:1', region: 'us-east-1' },
    // Loaders in this process need no time to come up.
    pace: { meetingsMs: [20], firstLeadMs: 300, leastLeadMs: 100 },
    port,
    loaders,
    waveMs,
  };
}

/** One load over a fleet, and checks that every call and attempt is accounted for. */
export async function loadByFleet(
  url: string,
  request: Partial<LoadRequest>,
  fleet: Fleet,
  options: {
    readonly rounds?: number;
    readonly deps?: Partial<LoadDeps>;
    readonly target?: Partial<LoadTarget>;
  } = {},
): Promise<LoadResult> {
  const plan = createLoadPlan({ route: 'sheep', parallel: 8, ...request });
  const [result] = await runRounds(
    [{ plan, target: { runtime: 'test', url, fleet, ...options.target } }],
    { rounds: options.rounds ?? 1 },
    testDeps(options.deps),
  );
  if (result === undefined) throw new Error('one load has one result');
  if (result.fleet?.loaders.every(({ losses }) => losses.length === 0)) expectToAddUp(result);
  return result;
}

/** A server that counts the tattoos it was sent, and answers each request with the next of `statuses` in turn. */
export async function sheepServer(
  statuses: readonly number[] = [201],
  afterMs = 0,
): Promise<RawServer & { tattoos(): number[] }> {
  const server = await rawServer(({ socket, index }) => {
    const bytes = answer(statuses[index % statuses.length] ?? 201);
    if (afterMs === 0) socket.write(bytes);
    else void sleep(afterMs).then(() => socket.write(bytes));
  });
  return Object.assign(server, {
    tattoos: () =>
      server.requests.map((head) => Number(/^POST \/sheeps\/(\d+) /.exec(head)?.[1])).sort((a, b) => a - b),
  });
}

export const upTo = (count: number, first = 1): number[] =>
  Array.from({ length: count }, (_, at) => first + at);
