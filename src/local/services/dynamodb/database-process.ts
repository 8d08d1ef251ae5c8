import {
  type DatabaseAsLambda,
  type DatabasePorts,
  type ServedRequest,
  serveDatabase,
} from './database-server.ts';

/** The first message from the cloud to its database process. */
export interface DatabaseStart {
  readonly accountId: string;
  readonly region: string;
  readonly accessKeyId: string;
  /** Where sandboxes are to reach it over TLS, with DynamoDB's latency. */
  readonly asLambda?: DatabaseAsLambda;
}

/** The answer: the ports it listens on. */
export type DatabaseReady = DatabasePorts;

/** Sent from time to time: the requests of sandboxes that were served since the last message. */
export interface DatabaseServed {
  readonly served: readonly ServedRequest[];
}

/** How long served requests are collected, so that one message reports many of them. */
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

// The database process ends with the cloud, even if the cloud is killed, because the channel between them closes.
process.on('disconnect', () => process.exit(0));
// A terminal's Ctrl-C reaches the whole process group. The cloud decides when its database ends.
process.on('SIGINT', () => undefined);

process.once('message', (message) => {
  const start = message as DatabaseStart;
  serveDatabase({ ...start, log: (text) => process.stderr.write(`${text}\n`), onServed }).then(
    (ports) => process.send?.(ports satisfies DatabaseReady),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
