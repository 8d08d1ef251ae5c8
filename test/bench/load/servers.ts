import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { freePort } from '../../load/support/raw-server.ts';
import { pinned, run } from './process.ts';

export interface BenchServer {
  readonly url: string;
  readonly tlsUrl?: string;
  close(): Promise<void>;
}

/** nginx on one core of its own, answering `{"count":1}` over HTTP and TLS, with connections kept alive for ever. */
export async function startNginx(folder: string, core: number): Promise<BenchServer> {
  const [port, tlsPort] = [await freePort(), await freePort()];
  const fixtures = resolve('test/load/fixtures');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
    .join(' ');
  await mkdir(folder, { recursive: true });
  const answer = `default_type application/json; location / { return 200 '{"count":1}'; }`;
  await writeFile(
    join(folder, 'nginx.conf'),
    `worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log crit;
worker_rlimit_nofile 40000;
events { worker_connections 24000; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; ${temporary}
  server { listen 127.0.0.1:${port} backlog=4096; ${answer} }
  server {
    listen 127.0.0.1:${tlsPort} ssl backlog=4096; ${answer}
    ssl_certificate ${fixtures}/localhost.pem; ssl_certificate_key ${fixtures}/key.pem;
  }
}
`,
  );
  const child = spawn(
    'bash',
    [
      '-c',
      'PATH=$PATH:/usr/sbin exec "$@"',
      'bash',
      ...pinned(core, ['nginx', '-p', folder, '-c', join(folder, 'nginx.conf')]),
    ],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const url = `http://127.0.0.1:${port}`;
  await answering(url);
  return { url, tlsUrl: `https://127.0.0.1:${tlsPort}`, close: () => end(child) };
}

/** The precise server of `delay-server.mjs` on one core of its own. */
export async function startDelayServer(
  delays: { readonly delayMs: number; readonly stallFromMs?: number; readonly stallUntilMs?: number },
  core: number,
): Promise<BenchServer> {
  const [command = '', ...args] = pinned(core, [
    process.execPath,
    resolve('test/bench/load/delay-server.mjs'),
    JSON.stringify({ port: 0, ...delays }),
  ]);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return { url: `http://127.0.0.1:${port.toString().trim()}`, close: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      await fetch(url);
      return;
    } catch {
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }
  throw new Error(`nothing answers at ${url}`);
}

/** When one request arrived, epoch ms. */
export interface Arrival {
  /** The kernel's receive time stamp: when the request reached the network interface. */
  readonly arrivedMs: number;
  /** When the server had read the request. */
  readonly readMs: number;
}

export interface ArrivalRecorder {
  readonly url: string;
  /** Ends the server. Returns the arrivals in their order. */
  finish(): Promise<Arrival[]>;
}

/** The server of `arrival-recorder.c` on one core of its own. @throws Error where the machine has no C compiler */
export async function startArrivalRecorder(folder: string, core: number): Promise<ArrivalRecorder> {
  const program = join(folder, 'arrival-recorder');
  await run({ argv: ['cc', '-O2', '-o', program, resolve('test/bench/load/arrival-recorder.c')] });
  const [command = '', ...args] = pinned(core, [program]);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await once(child.stdout, 'data');
  return {
    url: `http://127.0.0.1:${output.trim()}`,
    async finish() {
      const [portText = ''] = output.split('\n');
      child.stdin.end();
      await once(child, 'close');
      return output
        .slice(portText.length + 1)
        .trim()
        .split('\n')
        .map((line) => {
          const [arrivedMs = Number.NaN, readMs = Number.NaN] = line
            .split(' ')
            .map((us) => Number(us) / 1000);
          return { arrivedMs, readMs };
        });
    },
  };
}
