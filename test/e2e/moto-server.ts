import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hasProgram } from '../at-hand.ts';
import { freePort } from '../load/support/raw-server.ts';

/** Importing every service takes moto a while on a small machine. */
const START_LIMIT_MS = 60_000;
const POLL_MS = 200;
/** The folder of what Python imports before moto, to be named in PYTHONPATH. */
export const MOTO_CUSTOMIZATION = fileURLToPath(new URL('./moto/', import.meta.url));

/** Somebody else's AWS: moto's server, a process of its own. */
export interface MotoServer {
  readonly endpoint: string;
  /** Forgets everything. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** Undefined where moto is there; otherwise what to say in its place. */
export function whyNoMoto(): string | undefined {
  return hasProgram('moto_server') ? undefined : 'moto_server is not installed: pip install "moto[server]"';
}

export async function startMoto(): Promise<MotoServer> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
    env: { ...process.env, PYTHONPATH: MOTO_CUSTOMIZATION },
  });
  const ended = once(server, 'exit');
  await untilUp(server, endpoint);
  return {
    endpoint,
    reset: async () => {
      await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' });
    },
    stop: async () => {
      server.kill('SIGKILL');
      await ended;
    },
  };
}

async function untilUp(server: ChildProcess, endpoint: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < START_LIMIT_MS; waitedMs += POLL_MS) {
    if (server.exitCode !== null) throw new Error(`moto_server ended with ${server.exitCode}`);
    const answer = await fetch(`${endpoint}/moto-api/data.json`).catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(POLL_MS);
  }
  server.kill('SIGKILL');
  throw new Error(`moto_server did not answer within ${START_LIMIT_MS} ms`);
}
