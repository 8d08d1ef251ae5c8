import { serveDatabase } from './database-server.ts';

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

// The cloud's end ends its database, however the cloud ended: the channel between them closes with it.
process.on('disconnect', () => process.exit(0));
// A terminal's Ctrl-C reaches the whole group; the cloud decides when its database goes.
process.on('SIGINT', () => undefined);

process.once('message', (message) => {
  const start = message as DatabaseStart;
  serveDatabase({ ...start, log: (text) => process.stderr.write(`${text}\n`) }).then(
    (port) => process.send?.({ port } satisfies DatabaseReady),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
