// What Rust's TLS costs a function: its own (rustls on ring) against what the SDK brings by default (rustls on aws-lc).
//   npm run bench:rust-tls [-- FOLDER]
// It builds post-sheep-random in a copy of handlers/rust with the SDK's default features (in FOLDER, kept for the next
// time, or in a temporary one), then starts each binary 20 times and reads its CPU time from /proc: until it asks for its
// first call, for the first call over TLS to a stand-in for DynamoDB, and for the second. Needs Linux, cargo, cmake, a C
// compiler and openssl.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const STARTS = 20;
const NAME = 'post-sheep-random';
const RUST = 'handlers/rust';
const NS_PER_MS = 1e6;

/** CPU time in ms of one start of a binary. */
interface Start {
  readonly initMs: number;
  readonly firstCallMs: number;
  readonly secondCallMs: number;
}

const temporary = mkdtempSync(join(tmpdir(), 'shedbench-rust-tls-'));
try {
  const own = join(
    RUST,
    'prebuilt',
    `linux-${process.arch === 'arm64' ? 'arm64' : 'x86_64'}`,
    NAME,
    'bootstrap',
  );
  const byDefault = buildWithDefaults(process.argv[2] ?? join(temporary, 'rust'));
  for (const [name, binary] of [
    ['rustls on ring', own],
    ["the SDK's default, rustls on aws-lc", byDefault],
  ] as const) {
    const starts: Start[] = [];
    for (let index = 0; index < STARTS; index += 1) starts.push(await measure(binary));
    const median = (part: keyof Start): string => {
      const sorted = starts.map((start) => start[part]).sort((a, b) => a - b);
      return (sorted[STARTS / 2] ?? Number.NaN).toFixed(2);
    };
    const size = (statSync(binary).size / 1e6).toFixed(2);
    console.log(
      `${name}: ${size} MB; CPU, median of ${STARTS} starts: init ${median('initMs')} ms, first call ${median('firstCallMs')} ms, second call ${median('secondCallMs')} ms`,
    );
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

/** The path of the binary with the TLS that the SDK brings by default. */
function buildWithDefaults(folder: string): string {
  for (const name of ['Cargo.toml', 'Cargo.lock', 'crates']) {
    cpSync(join(RUST, name), join(folder, name), { recursive: true });
  }
  edit(
    join(folder, 'Cargo.toml'),
    /^(aws-sdk-dynamodb = .*)default-features = false, (features = \[).*\]/m,
    '$1$2"behavior-version-latest"]',
  );
  edit(join(folder, 'crates/table/Cargo.toml'), /^aws-smithy-http-client.*\n/m, '');
  const client = join(folder, 'crates/table/src/client.rs');
  edit(client, /^use aws_smithy_http_client.*\n/gm, '');
  edit(client, /^ +let https = .*\n/m, '');
  edit(client, /\n +\.http_client\(https\)/, '');
  const startedMs = performance.now();
  execFileSync('cargo', ['build', '--release', '--package', NAME, '--target-dir', join(folder, 'target')], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  console.log(
    `the build with the SDK's default took ${((performance.now() - startedMs) / 1000).toFixed(0)} s`,
  );
  return join(folder, 'target/release', NAME);
}

function edit(file: string, pattern: RegExp, replacement: string): void {
  const text = readFileSync(file, 'utf8');
  const edited = text.replace(pattern, replacement);
  if (edited === text) throw new Error(`${file} has nothing that fits ${pattern}`);
  writeFileSync(file, edited);
}

/** Starts a function once, gives it two calls, and ends it. */
async function measure(binary: string): Promise<Start> {
  const database = await startDatabase();
  const cpuMs: number[] = [];
  let pid = 0;
  const done = new AbortController();
  const runtime = createServer((request, response) => {
    if (request.url?.endsWith('/next') !== true) {
      request.resume().on('end', () => response.writeHead(202).end());
      return;
    }
    cpuMs.push(cpuOf(pid));
    if (cpuMs.length > 2) return done.abort();
    response.writeHead(200, {
      'Lambda-Runtime-Aws-Request-Id': `call-${cpuMs.length}`,
      'Lambda-Runtime-Deadline-Ms': Date.now() + 30_000,
      'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:123456789012:function:f',
    });
    response.end(JSON.stringify({ pathParameters: { tattoo: String(cpuMs.length) } }));
  });
  const port = await listen(runtime);
  const child = spawn(binary, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_LOG_STREAM_NAME: 's',
      AWS_LAMBDA_LOG_GROUP_NAME: 'g',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL_DYNAMODB: `https://localhost:${database.port}`,
      BACKEND_TABLE_NAME: 'shed',
      // Read in place of the system's own list of authorities, which both read alike.
      SSL_CERT_FILE: database.authorities,
    },
  });
  pid = child.pid ?? 0;
  await once(done.signal, 'abort');
  child.kill('SIGKILL');
  runtime.closeAllConnections();
  runtime.close();
  database.close();
  const [init = 0, first = 0, second = 0] = cpuMs;
  return { initMs: init, firstCallMs: first - init, secondCallMs: second - first };
}

async function startDatabase(): Promise<{ port: number; authorities: string; close: () => void }> {
  if (!readdirSync(temporary).includes('authorities.pem')) makeCertificates();
  const server = createTlsServer(
    {
      key: readFileSync(join(temporary, 'key.pem')),
      cert: readFileSync(join(temporary, 'certificate.pem')),
    },
    (request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.0' }).end('{}');
      });
    },
  );
  const port = await listen(server);
  return {
    port,
    authorities: join(temporary, 'authorities.pem'),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An authority of our own, a certificate of it, and a list of authorities that is as long as a Linux system's. */
function makeCertificates(): void {
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: temporary, stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...newKey, '-subj', '/CN=bench', '-keyout', 'ca-key.pem', '-out', 'ca.pem');
  openssl('req', ...newKey, '-subj', '/CN=localhost', '-keyout', 'key.pem', '-out', 'request.pem');
  writeFileSync(join(temporary, 'names'), 'subjectAltName=DNS:localhost\n');
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial', '-extfile', 'names'];
  openssl('x509', '-req', '-in', 'request.pem', ...signing, '-out', 'certificate.pem');
  const system = readFileSync('/etc/ssl/certs/ca-certificates.crt', 'utf8');
  const own = readFileSync(join(temporary, 'ca.pem'), 'utf8');
  writeFileSync(join(temporary, 'authorities.pem'), `${own}\n${system}`);
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** CPU time of a process, ms: the sum over its threads. */
function cpuOf(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  const ns = readdirSync(tasks).map((task) =>
    Number(readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ')[0]),
  );
  return ns.reduce((sum, one) => sum + one, 0) / NS_PER_MS;
}
