import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEngine } from '../engine/create-engine.ts';
import { createStridedCounter } from '../engine/pacer.ts';
import type { WireEngine } from '../engine/wire-engine.ts';
import {
  decodeOrder,
  type LoaderAnswer,
  type LoaderSelf,
  type LoadOrder,
  type PackedAnswer,
  packAnswer,
} from './orders.ts';

/** How often the flag that stops the loaders is looked at. */
const LOOK_EVERY_MS = 1000;
const LOOK_LIMIT_MS = 5000;
/** What calls in flight get once the loader is to stop. */
const DRAIN_LIMIT_MS = 2000;
/** What is left of the function's time for the answer when a loader stops at its deadline. */
const ANSWER_RESERVE_MS = 5000;

/** What Lambda tells an invocation of itself, as far as it is used here. */
interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

/** One execution environment of the loader function. */
export class Loader {
  readonly #environment = randomUUID();
  #isCold = true;

  /** Carries out one order. */
  async obey(event: unknown, context: InvocationContext): Promise<PackedAnswer> {
    const receivedEpochMs = Date.now();
    const isCold = this.#isCold;
    this.#isCold = false;
    const order = decodeOrder(event);
    const self = (): LoaderSelf => ({
      environment: this.#environment,
      isCold,
      receivedEpochMs,
      answeredEpochMs: Date.now(),
    });
    if (order.do === 'meet') {
      await sleep(order.holdMs);
      return packAnswer({ ...self(), is: 'met' });
    }
    const result = await loadShare(order, context);
    return packAnswer({ ...self(), ...result });
  }
}

type ShareResult =
  | Omit<Extract<LoaderAnswer, { is: 'loaded' }>, keyof LoaderSelf>
  | Omit<Extract<LoaderAnswer, { is: 'too-late' }>, keyof LoaderSelf>;

async function loadShare(order: LoadOrder, context: InvocationContext): Promise<ShareResult> {
  const { setup, phase, share } = order;
  const engine = createEngine(
    { ...setup, thread: share },
    createStridedCounter(order.firstCall, share.count),
    {
      now: Date.now,
      monotonicMs: () => performance.now(),
      random: Math.random,
    },
  );
  const stop = new Stop(engine);
  const deadline = setTimeout(
    () => stop.now(),
    context.getRemainingTimeInMillis() - ANSWER_RESERVE_MS - DRAIN_LIMIT_MS,
  );
  const endWatch = order.stopUrl === undefined ? undefined : watchFlag(order.stopUrl, () => stop.now());
  try {
    // A server that opens no connection must not keep this loader from starting with the others: calls will tell.
    await Promise.race([engine.prepare(), until(order.startAtEpochMs)]);
    const readyEpochMs = Date.now();
    const spareMs = order.startAtEpochMs - readyEpochMs;
    if (readyEpochMs > order.mustStartByEpochMs) return { is: 'too-late', lateMs: -spareMs };
    await until(order.startAtEpochMs);
    return { is: 'loaded', spareMs, ...(await send(engine, phase, share)), wasStopped: stop.wasCalled };
  } finally {
    clearTimeout(deadline);
    endWatch?.();
    stop.end();
    await engine.finish();
  }
}

async function send(engine: WireEngine, phase: LoadOrder['phase'], share: LoadOrder['share']) {
  const before = process.cpuUsage();
  const { elapsedMs, gaveUp, data } = await engine.runPhase(phase, share);
  const cpu = process.cpuUsage(before);
  const [measured] = data;
  if (measured === undefined) throw new Error('one engine has one share of the data');
  return {
    elapsedMs,
    gaveUp,
    data: measured,
    cpuMs: (cpu.user + cpu.system) / 1000,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
  };
}

/** Ends a share early: no new calls, and two seconds for those in flight. */
class Stop {
  wasCalled = false;
  readonly #engine: WireEngine;
  #cutTimer: NodeJS.Timeout | undefined;

  constructor(engine: WireEngine) {
    this.#engine = engine;
  }

  now(): void {
    if (this.wasCalled) return;
    this.wasCalled = true;
    this.#engine.stop();
    this.#cutTimer = setTimeout(() => this.#engine.cut(), DRAIN_LIMIT_MS);
  }

  end(): void {
    clearTimeout(this.#cutTimer);
  }
}

async function until(epochMs: number): Promise<void> {
  const leftMs = epochMs - Date.now();
  if (leftMs > 0) await sleep(leftMs);
}

/**
 * Looks at the flag at once and then once a second, until the returned function is called. Whatever is no 200, a failure to
 * ask included, means that the flag is down.
 */
function watchFlag(url: string, onRaised: () => void): () => void {
  const client = url.startsWith('https:') ? https : http;
  const agent = new client.Agent({ keepAlive: true, maxSockets: 1 });
  const look = (): void => {
    const request = client.get(url, { agent, timeout: LOOK_LIMIT_MS }, (response) => {
      response.resume();
      if (response.statusCode === 200) onRaised();
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => undefined);
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    agent.destroy();
  };
}

const loader = new Loader();

/** The handler of the loader function. */
export const handler = (event: unknown, context: InvocationContext): Promise<PackedAnswer> =>
  loader.obey(event, context);
