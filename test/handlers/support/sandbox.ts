import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A function's answer to API Gateway. */
export interface ProxyAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ProxyEvent {
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
}

interface Waiting {
  readonly event: ProxyEvent;
  readonly resolve: (answer: ProxyAnswer) => void;
  readonly reject: (reason: Error) => void;
}

const SUPPORT = fileURLToPath(new URL('.', import.meta.url));

/**
 * One function in a process of its own behind the Lambda Runtime API, and nothing else of Lambda: independent of the
 * local cloud, so that a fault of the one is not hidden by the other.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export class Sandbox {
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #queue: Waiting[] = [];
  #idle: ServerResponse | undefined;
  #running: Waiting | undefined;
  #process: ChildProcess | undefined;
  #stopping = false;
  /** Everything that the function wrote to its standard streams. */
  log = '';

  async start(input: {
    readonly folder: string;
    readonly handler: string;
    readonly lambdaRuntime: string;
    readonly environment: Readonly<Record<string, string>>;
  }): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    const [program, ...args] = command(input.lambdaRuntime, input.folder);
    const child = spawn(program, args, {
      cwd: input.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        ...input.environment,
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
        AWS_LAMBDA_FUNCTION_NAME: 'test',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/test',
        AWS_LAMBDA_LOG_STREAM_NAME: 'test',
        LAMBDA_TASK_ROOT: input.folder,
        _HANDLER: input.handler,
      },
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        this.log += text;
      });
    }
    child.on('exit', (code, signal) => {
      if (this.#stopping) return;
      const error = new Error(`the function's process ended (${code ?? signal}): ${this.log}`);
      for (const waiting of [...(this.#running ? [this.#running] : []), ...this.#queue])
        waiting.reject(error);
    });
  }

  invoke(event: ProxyEvent): Promise<ProxyAnswer> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ event, resolve, reject });
      this.#hand();
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#process;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === 'GET') {
      this.#idle = response;
      this.#hand();
      return;
    }
    const body = Buffer.concat(chunks).toString();
    response.statusCode = 202;
    response.end('{"status":"OK"}');
    const running = this.#running;
    this.#running = undefined;
    if (request.url?.endsWith('/response')) running?.resolve(JSON.parse(body) as ProxyAnswer);
    else running?.reject(new Error(`${request.url}: ${body}`));
  }

  #hand(): void {
    const response = this.#idle;
    const next = response === undefined ? undefined : this.#queue.shift();
    if (response === undefined || next === undefined) return;
    this.#idle = undefined;
    this.#running = next;
    response.setHeader('Lambda-Runtime-Aws-Request-Id', 'a-request');
    response.setHeader('Lambda-Runtime-Deadline-Ms', String(Date.now() + 30_000));
    response.setHeader(
      'Lambda-Runtime-Invoked-Function-Arn',
      'arn:aws:lambda:eu-west-3:123456789012:function:test',
    );
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ pathParameters: null, queryStringParameters: null, ...next.event }));
  }
}

function command(lambdaRuntime: string, folder: string): readonly [string, ...string[]] {
  if (lambdaRuntime.startsWith('nodejs')) return [process.execPath, join(SUPPORT, 'node-bootstrap.mjs')];
  if (lambdaRuntime.startsWith('python')) return ['python3', join(SUPPORT, 'python-bootstrap.py')];
  return [join(folder, 'bootstrap')];
}
