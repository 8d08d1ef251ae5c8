import { EventEmitter } from 'node:events';
import type net from 'node:net';
import { vi } from 'vitest';
import { createCallCounter } from '../../../src/load/engine/pacer.ts';
import { WireEngine } from '../../../src/load/engine/wire-engine.ts';
import { createLoadPlan, type LoadRequest } from '../../../src/load/load-plan.ts';
import type { LoadResult } from '../../../src/load/load-result.ts';
import { LoadSession } from '../../../src/load/load-session.ts';
import { playSessions, type RoundsOptions } from '../../../src/load/run-load.ts';
import type { Connector } from '../../../src/load/wire/connector.ts';
import { createRequestSource } from '../../../src/load/wire/request-source.ts';
import { WIRE_ERROR } from '../../../src/load/wire/wire-error.ts';
import type { ProgressEvent } from '../../../src/model/events.ts';
import { answer } from './raw-server.ts';
import { expectToAddUp } from './run.ts';

/** What a virtual server does with a request. */
export type Reaction =
  | { readonly afterMs: number; readonly bytes: string }
  /** Never answers. */
  | 'silence'
  | { readonly afterMs: number; readonly reset: true };

export interface WorldOptions {
  /** The time to open a connection, 1 ms by default. */
  readonly connectMs?: number;
  /** How many local ports the machine has, and so connections at once. Unlimited by default. */
  readonly ports?: number;
  /** How many files the program may have open, and so connections at once. Unlimited by default. */
  readonly openFiles?: () => number;
  readonly random?: () => number;
  /** Whether no name server answers. */
  readonly isNameServerSilent?: boolean;
}

export interface VirtualRequest {
  /** Virtual time of its arrival, ms since the start of the world. */
  readonly atMs: number;
  readonly index: number;
  readonly head: string;
}

/** Answers 200 after a time. */
export const reply = (afterMs: number): Reaction => ({ afterMs, bytes: answer(200) });

/**
 * A world whose time only moves when nothing else is left to do: exact answers to what a load does against servers
 * with known delays. Use with fake timers; times are whole milliseconds.
 */
export class VirtualWorld {
  readonly requests: VirtualRequest[] = [];
  readonly events: ProgressEvent[] = [];
  readonly first = new AbortController();
  readonly second = new AbortController();
  connections = 0;
  readonly #bornMs: number;

  constructor() {
    // `setImmediate` stays real: it runs within the moment at hand, and a fake one would cost a millisecond.
    vi.useFakeTimers({
      now: 1_700_000_000_000,
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    });
    this.#bornMs = Date.now();
  }

  readonly nowMs = () => Date.now() - this.#bornMs;

  /** One load on its own. */
  async load(
    request: Partial<LoadRequest>,
    react: (request: VirtualRequest) => Reaction,
    options: WorldOptions = {},
  ): Promise<LoadResult> {
    const [result] = await this.play([this.session(request, react, options)]);
    if (result === undefined) throw new Error('no result');
    return result;
  }

  /** Plays sessions in rounds and moves time until they are over. */
  async play(
    sessions: readonly LoadSession[],
    options: RoundsOptions = { rounds: 1 },
  ): Promise<LoadResult[]> {
    const playing = playSessions(sessions, options);
    let isOver = false;
    void playing.finally(() => {
      isOver = true;
    });
    while (!isOver) await vi.advanceTimersByTimeAsync(50);
    const results = await playing;
    for (const result of results) expectToAddUp(result);
    return results;
  }

  session(
    request: Partial<LoadRequest>,
    react: (request: VirtualRequest) => Reaction,
    options: WorldOptions & { readonly runtime?: string } = {},
  ): LoadSession {
    const plan = createLoadPlan({ route: 'dog', parallel: 10, ...request });
    const counter = createCallCounter();
    const random = options.random ?? (() => 0.5);
    const context = { basePath: '', authority: 'virtual.test', userAgent: 'virtual' };
    const engine = new WireEngine({
      plan,
      endpoint: this.#connector(react, options),
      requests: createRequestSource(plan, context),
      counter,
      // Time stands still while the event loop turns.
      wakeEarlyMs: 0,
      now: Date.now,
      monotonicMs: this.nowMs,
      random,
    });
    const deps = {
      emit: (event: ProgressEvent) => this.events.push(event),
      interrupt: { first: this.first.signal, second: this.second.signal },
      now: Date.now,
      monotonicMs: this.nowMs,
      random,
      toolVersion: '0',
    };
    const target = { runtime: options.runtime ?? 'virtual', url: 'http://virtual.test' };
    return new LoadSession(plan, target, deps, engine, counter);
  }

  #connector(
    react: (request: VirtualRequest) => Reaction,
    {
      connectMs = 1,
      ports = Number.POSITIVE_INFINITY,
      openFiles = () => Number.POSITIVE_INFINITY,
      isNameServerSilent = false,
    }: WorldOptions,
  ): Connector {
    const sockets: VirtualSocket[] = [];
    return {
      authority: 'virtual.test',
      basePath: '',
      isTls: false,
      resolveFailure: isNameServerSilent ? WIRE_ERROR.lookupTimeout : undefined,
      addressCount: isNameServerSilent ? 0 : 1,
      resolve: () => (isNameServerSilent ? new Promise(() => undefined) : Promise.resolve()),
      refuse: () => undefined,
      close: () => undefined,
      connect: (onread) => {
        this.connections++;
        const socket = new VirtualSocket(onread, (head) => {
          const request = { atMs: this.nowMs(), index: this.requests.length, head };
          this.requests.push(request);
          return react(request);
        });
        const open = sockets.filter(({ destroyed }) => !destroyed).length;
        const code = open >= openFiles() ? 'EMFILE' : open >= ports ? 'EADDRNOTAVAIL' : undefined;
        setTimeout(
          () =>
            code === undefined
              ? socket.emit('connect')
              : socket.emit('error', Object.assign(new Error(code), { code })),
          connectMs,
        );
        if (code === undefined) sockets.push(socket);
        return { socket: socket as unknown as net.Socket, address: 'virtual' };
      },
    };
  }
}

/** As much of a socket as a slot uses. */
class VirtualSocket extends EventEmitter {
  readonly remoteAddress = 'virtual';
  destroyed = false;
  readonly #onread: net.OnReadOpts;
  readonly #react: (head: string) => Reaction;

  constructor(onread: net.OnReadOpts, react: (head: string) => Reaction) {
    super();
    this.#onread = onread;
    this.#react = react;
  }

  write(bytes: Buffer): boolean {
    const reaction = this.#react(bytes.toString('latin1'));
    if (reaction !== 'silence') setTimeout(() => this.#play(reaction), reaction.afterMs);
    return true;
  }

  destroy(): void {
    this.destroyed = true;
  }

  #play(reaction: Exclude<Reaction, 'silence'>): void {
    if (this.destroyed) return;
    if ('reset' in reaction) {
      this.emit('error', Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
      return;
    }
    const buffer = this.#onread.buffer as Buffer;
    this.#onread.callback(buffer.write(reaction.bytes, 'latin1'), buffer);
  }
}
