import { type ServedRequest, serveDatabase } from './database-server.ts';

/** What the cloud sends its database process first. */
export interface DatabaseStart {
  readonly accountId: string;
  readonly region: string;
  readonly accessKeyId: string;
}

/** The answer: the port it listens on. */
export interface DatabaseReady {
  readonly port: number;
}

/** What follows from time to time: the requests of sandboxes that were served since. */
export interface DatabaseServed {
  readonly served: readonly ServedRequest[];
}

/** How long served requests are held back, so that telling of them costs one message for many. */
const TELL_AFTER_MS = 100;
let served: ServedRequest[] = [];

function onServed(request: ServedRequest): void {
  if (request.environment === 0) return;
  if (served.length === 0) setTimeout(tell, TELL_AFTER_MS);
  served.push(request);
}

function tell(): void {
  process.send?.({ served } satisfies DatabaseServed);
  served = [];
}

// The cloud's end ends its database, however the cloud ended: the channel between them closes with it.
process.on('disconnect', () => process.exit(0));
// A terminal's Ctrl-C reaches the whole group; the cloud decides when its database goes.
process.on('SIGINT', () => undefined);

process.once('message', (message) => {
  const start = message as DatabaseStart;
  serveDatabase({ ...start, log: (text) => process.stderr.write(`${text}\n`), onServed }).then(
    (port) => process.send?.({ port } satisfies DatabaseReady),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
