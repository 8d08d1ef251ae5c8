import { BodyBudget } from '../http/body.ts';
import type { Admission, HttpRequest, Respond } from '../http/request.ts';
import { createHttpServer, type HttpServer } from '../http/server.ts';
import { isPeerOfThisUser } from './peer-user.ts';

/** Receives what the runtime in a sandbox sends to its Runtime API. */
export interface RuntimeListener {
  /** The runtime asks for work: its init or its last invocation is over. */
  onNext(): void;
  /**
   * The handler's answer, or with `errorType` its error, has arrived completely. `atMs` is when, on the monotonic
   * clock.
   */
  onResult(result: RuntimeResult, atMs: number): void;
  /** The runtime reports that its init failed. It may exit now. */
  onInitError(error: RuntimeFailure): void;
  /** A request that no runtime of this sandbox would send, or a bug. */
  onTrouble(message: string): void;
}

export type RuntimeResult = RuntimeAnswer | RuntimeFailure;

export interface RuntimeAnswer {
  readonly kind: 'ok';
  readonly payload: Buffer;
}

export interface RuntimeFailure {
  readonly kind: 'error';
  readonly payload: Buffer;
  readonly errorType: string;
}

export interface RuntimeInvocation {
  readonly requestId: string;
  readonly deadlineEpochMs: number;
  readonly functionArn: string;
  readonly traceId: string;
  /** JSON text in ASCII. */
  readonly clientContext?: string | undefined;
  readonly payload: Buffer | string;
}

/**
 * The largest answer of a function.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_RESPONSE_BYTES = 6_291_556;
/** For a larger body the connection is closed without an answer. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** How many characters of a refused path are logged. */
const SHOWN_PATH_CHARACTERS = 100;
/** A runtime's connection may be idle for as long as its invocation and its sandbox last. */
const NEVER_MS = 7 * 24 * 3600 * 1000;

const NEXT_PATH = '/2018-06-01/runtime/invocation/next';
const INIT_ERROR_PATH = '/2018-06-01/runtime/init/error';
const INVOCATION_PREFIX = '/2018-06-01/runtime/invocation/';
const JSON_TYPE = ['Content-Type', 'application/json'] as const;
const ACCEPTED_BODY = '{"status":"OK"}\n';

/**
 * The state of the runtime. It decides which request is allowed next. So another program of this user that found the
 * port can't take an event or answer in place of the handler.
 */
type State = 'initialising' | 'waiting' | 'running' | 'answered' | 'failed';

/**
 * The Runtime API (version 2018-06-01) of one sandbox, on its own loopback port.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export class RuntimeApi {
  readonly #listener: RuntimeListener;
  readonly #prefix: string;
  readonly #nowMs: () => number;
  readonly #server: HttpServer;
  readonly #admitted: Admission = {
    bodyBytes: MAX_BODY_BYTES,
    budget: new BodyBudget(MAX_BODY_BYTES),
  };
  /** Headers that were checked. A connection has the same array for equal ones. */
  readonly #known = new WeakSet<readonly string[]>();
  #host = '';
  #state: State = 'initialising';
  #respondNext: Respond | undefined;
  #requestId = '';
  #refusals = 0;

  /**
   * Runtime clients of the local cloud put `secret` in front of every path. The official clients for Rust and Go can't
   * be given a path. For `provided` runtimes the secret is therefore empty, and the kernel is asked whether the client
   * is a process of this user.
   */
  constructor(listener: RuntimeListener, secret: string, nowMs: () => number) {
    this.#listener = listener;
    this.#prefix = secret === '' ? '' : `/${secret}`;
    this.#nowMs = nowMs;
    this.#server = createHttpServer({
      takesPeer: (socket) => {
        if (secret !== '' || isPeerOfThisUser(socket)) return true;
        this.#countRefusal('a connection: its process is not of this user');
        return false;
      },
      admit: (request) => this.#admit(request),
      onRequest: (request, respond) => this.#onRequest(request, respond),
      onError: (error) => listener.onTrouble(error instanceof Error ? (error.stack ?? '') : String(error)),
      limits: { requestMs: NEVER_MS, idleMs: NEVER_MS },
      // Our Node client sends a result and its request for the next event together, and does nothing between the answers.
      holdsAnswers: secret !== '',
    });
  }

  /** @returns the value of AWS_LAMBDA_RUNTIME_API */
  async listen(): Promise<string> {
    this.#host = `127.0.0.1:${await this.#server.listen()}`;
    return this.#host + this.#prefix;
  }

  /** Whether the runtime waits for an event now. A runtime that closed its connection does not. */
  get isWaiting(): boolean {
    return this.#respondNext !== undefined;
  }

  /** Sends an event to the runtime, which must be waiting for one. */
  send(invocation: RuntimeInvocation): void {
    const respond = this.#respondNext;
    if (respond === undefined) throw new Error(`The runtime is ${this.#state}, not waiting`);
    this.#respondNext = undefined;
    this.#state = 'running';
    this.#requestId = invocation.requestId;
    respond(
      200,
      [
        ...JSON_TYPE,
        'Lambda-Runtime-Aws-Request-Id',
        invocation.requestId,
        'Lambda-Runtime-Deadline-Ms',
        String(invocation.deadlineEpochMs),
        'Lambda-Runtime-Invoked-Function-Arn',
        invocation.functionArn,
        'Lambda-Runtime-Trace-Id',
        invocation.traceId,
        ...(invocation.clientContext === undefined
          ? []
          : ['Lambda-Runtime-Client-Context', invocation.clientContext]),
      ],
      invocation.payload,
    );
  }

  async close(): Promise<void> {
    this.#respondNext = undefined;
    this.#state = 'failed';
    await this.#server.close();
  }

  #onRequest(request: HttpRequest, respond: Respond): void {
    const atMs = this.#nowMs();
    const path = request.path.slice(this.#prefix.length);
    if (path === NEXT_PATH && request.method === 'GET') this.#next(request, respond);
    else if (path.startsWith(INVOCATION_PREFIX) && request.method === 'POST') {
      this.#answer(path.slice(INVOCATION_PREFIX.length), request, respond, atMs);
    } else if (path === INIT_ERROR_PATH && request.method === 'POST') this.#initError(request, respond);
    else refuse(respond, 404, 'NotFound', `No operation ${request.method} ${path}`);
  }

  #admit(request: HttpRequest): Admission {
    const refusal = this.#whyForeign(request);
    if (refusal === undefined) {
      this.#known.add(request.rawHeaders);
      return this.#admitted;
    }
    const path = request.path.slice(0, SHOWN_PATH_CHARACTERS);
    this.#countRefusal(`${request.method} ${path}${path === request.path ? '' : '…'}: ${refusal}`);
    const body = { errorMessage: 'Not a runtime of this sandbox', errorType: 'Forbidden' };
    return { status: 403, headers: JSON_TYPE, body: JSON.stringify(body) };
  }

  /** Reports the 1st, 10th, 100th … refusal, because every user of this machine can cause any number of them. */
  #countRefusal(what: string): void {
    this.#refusals += 1;
    if (!/^10*$/.test(String(this.#refusals))) return;
    this.#listener.onTrouble(
      `refused ${what}${this.#refusals === 1 ? '' : ` (${this.#refusals} refused so far)`}`,
    );
  }

  /**
   * Returns why a request does not come from this sandbox. A browser sends headers that no runtime sends, and a page
   * that rebinds its name has another Host.
   */
  #whyForeign(request: HttpRequest): string | undefined {
    if (!request.path.startsWith(`${this.#prefix}/`)) return 'its secret is missing';
    if (this.#known.has(request.rawHeaders)) return undefined;
    if (request.header('host') !== this.#host) return `Host is not ${this.#host}`;
    if (request.header('origin') !== undefined) return 'it has an Origin';
    if (request.header('sec-fetch-site') !== undefined) return 'a browser sent it';
    return undefined;
  }

  #next(request: HttpRequest, respond: Respond): void {
    if (this.#state !== 'initialising' && this.#state !== 'answered') {
      refuse(
        respond,
        403,
        'InvalidStateTransition',
        `Transition from ${this.#state} to waiting is not allowed`,
      );
      return;
    }
    this.#state = 'waiting';
    this.#respondNext = respond;
    request.onDisconnect(() => {
      if (this.#respondNext !== respond) return;
      this.#respondNext = undefined;
      // The runtime may ask again.
      this.#state = 'answered';
    });
    this.#listener.onNext();
  }

  #answer(rest: string, request: HttpRequest, respond: Respond, atMs: number): void {
    const slash = rest.indexOf('/');
    const requestId = rest.slice(0, slash);
    const kind = rest.slice(slash + 1);
    if (slash === -1 || (kind !== 'response' && kind !== 'error')) {
      refuse(respond, 404, 'NotFound', `No operation POST ${request.path}`);
    } else if (this.#state !== 'running') {
      refuse(
        respond,
        403,
        'InvalidStateTransition',
        `Transition from ${this.#state} to answered is not allowed`,
      );
    } else if (requestId !== this.#requestId) {
      refuse(respond, 400, 'InvalidRequestID', 'Invalid request ID');
    } else if (request.body.length > MAX_RESPONSE_BYTES) {
      this.#state = 'answered';
      refuse(
        respond,
        413,
        'RequestEntityTooLarge',
        `Exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
      );
      this.#listener.onResult(tooLarge(), atMs);
    } else {
      this.#state = 'answered';
      this.#listener.onResult(
        kind === 'response'
          ? { kind: 'ok', payload: request.body }
          : failureOf(request, 'Runtime.UnknownReason'),
        atMs,
      );
      // The runtime may have asked for the next event already, and can get it before this returns.
      respond(202, JSON_TYPE, ACCEPTED_BODY);
    }
  }

  #initError(request: HttpRequest, respond: Respond): void {
    if (this.#state !== 'initialising') {
      refuse(
        respond,
        403,
        'InvalidStateTransition',
        `Transition from ${this.#state} to failed is not allowed`,
      );
      return;
    }
    this.#state = 'failed';
    respond(202, JSON_TYPE, ACCEPTED_BODY);
    this.#listener.onInitError(failureOf(request, 'Runtime.Unknown'));
  }
}

function failureOf(request: HttpRequest, fallbackType: string): RuntimeFailure {
  const type =
    request.header('lambda-runtime-function-error-type') ?? errorTypeOf(request.body) ?? fallbackType;
  return { kind: 'error', payload: request.body, errorType: type };
}

function errorTypeOf(body: Buffer): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || !('errorType' in parsed)) return undefined;
    return typeof parsed.errorType === 'string' ? parsed.errorType : undefined;
  } catch {
    // A runtime may send an error without a body. Its type is then unknown, as on Lambda.
    return undefined;
  }
}

function tooLarge(): RuntimeFailure {
  const errorType = 'Function.ResponseSizeTooLarge';
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
  return { kind: 'error', errorType, payload: Buffer.from(JSON.stringify({ errorMessage, errorType })) };
}

function refuse(respond: Respond, status: number, errorType: string, errorMessage: string): void {
  respond(status, JSON_TYPE, JSON.stringify({ errorMessage, errorType }));
}
