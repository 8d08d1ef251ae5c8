import { createDoor } from '../../src/local/door.ts';
import type { DataPlaneHandler, Service } from '../../src/local/seams.ts';

export const ACCESS_KEY_ID = 'AKIATESTTESTTESTTEST';
export const SECRET_ACCESS_KEY = 'secret/of+this=cloud';
export const ACCOUNT_ID = '000000000000';

/** A door with some services behind it, and what an SDK client needs to go through. */
export interface OpenDoor {
  readonly port: number;
  readonly endpoint: string;
  readonly log: string[];
  readonly clientConfig: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: number;
  };
  close(): Promise<void>;
}

export async function openDoor(options: {
  readonly services: (log: (message: string) => void) => readonly Service[];
  readonly dataPlane?: DataPlaneHandler;
  readonly region?: string;
  readonly now?: () => number;
}): Promise<OpenDoor> {
  const log: string[] = [];
  const write = (message: string) => {
    log.push(message);
  };
  const region = options.region ?? 'us-east-1';
  const door = createDoor({
    keys: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_ACCESS_KEY, region },
    services: options.services(write),
    dataPlane: options.dataPlane ?? (async () => ({ status: 404, headers: [], body: '' })),
    now: options.now ?? Date.now,
    log: write,
  });
  const port = await door.listen(0);
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    port,
    endpoint,
    log,
    clientConfig: {
      endpoint,
      region,
      credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_ACCESS_KEY },
      maxAttempts: 1,
    },
    close: () => door.close(),
  };
}
