import { writeSync } from 'node:fs';
import { format } from 'node:util';

let currentRequestId: string | undefined;

/** From now on lines of the console carry this id. */
export function setLoggedRequestId(requestId: string): void {
  currentRequestId = requestId;
}

/** Writes one line of the function's log as Lambda's Node runtime does: time, request id, level, message. */
export function logLine(level: string, message: unknown, ...params: unknown[]): void {
  const line = `${new Date().toISOString()}\t${currentRequestId}\t${level}\t${format(message, ...params)}`;
  // The local cloud takes a carriage return for a line break within one log event.
  writeAll(`${line.replaceAll('\n', '\r')}\n`);
}

/** Makes the console write log lines. @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html */
export function patchConsole(): void {
  const target: Record<string, unknown> = Object(console);
  for (const [method, level] of LEVELS) {
    target[method] = (message?: unknown, ...params: unknown[]) => logLine(level, message, ...params);
  }
}

const LEVELS = [
  ['trace', 'TRACE'],
  ['debug', 'DEBUG'],
  ['info', 'INFO'],
  ['log', 'INFO'],
  ['warn', 'WARN'],
  ['error', 'ERROR'],
  ['fatal', 'FATAL'],
] as const;

const STDOUT = 1;
const RETRY_MS = 1;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

function writeAll(text: string): void {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; ) {
    try {
      from += writeSync(STDOUT, bytes, from);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'EAGAIN') return;
      // The pipe is full: once process.stdout was used, its writes no longer block by themselves.
      Atomics.wait(sleeper, 0, 0, RETRY_MS);
    }
  }
}
