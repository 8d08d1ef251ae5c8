import { writeSync } from 'node:fs';
import { format } from 'node:util';

let currentRequestId: string | undefined;

/** Sets the request id of the console's log lines. */
export function setLoggedRequestId(requestId: string): void {
  currentRequestId = requestId;
}

/** Writes one log line as Lambda's Node runtime does: time, request id, level, message. */
export function logLine(level: string, message: unknown, ...params: unknown[]): void {
  const line = `${new Date().toISOString()}\t${currentRequestId}\t${level}\t${format(message, ...params)}`;
  // The local cloud converts a carriage return to a line break within one log event.
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
      // The pipe is full. After process.stdout was used once, its writes no longer block.
      Atomics.wait(sleeper, 0, 0, RETRY_MS);
    }
  }
}
