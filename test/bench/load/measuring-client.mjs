// The bare client of node-client.mjs with the parts of a measurement added one by one, to see what each costs:
//
//   node measuring-client.mjs http|https <port on 127.0.0.1> <connections> <seconds> bare|request|clock|counts
//
//   bare      as node-client.mjs
//   request   sends the header fields of shedbench
//   clock     also reads the clock before each request and after each answer
//   counts    also compares each answer with the one before, and counts its latency in a histogram and a timeline
//
// Prints "<n> requests in <s> s", and on a second line the CPU time per request after the first quarter of the time, when
// starting, connecting and most of V8's compilation are over. npm run bench:load -- --only=parts runs all of them.
import net from 'node:net';
import tls from 'node:tls';

const [scheme, port, connections, seconds, level] = process.argv.slice(2);
const LEVELS = ['bare', 'request', 'clock', 'counts'];
const [, sendsFields, readsClock, counts] = LEVELS.map((_, at) => LEVELS.indexOf(level) >= at);
const fields = sendsFields ? 'User-Agent: shedbench/0.1.0\r\nAccept: application/json\r\n' : '';
const request = Buffer.from(`GET /dog HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${fields}\r\n`);

const memory = new ArrayBuffer(65_536);
const buffer = Buffer.from(memory);
const doubles = new Float64Array(memory);
const known = new Float64Array(512);
const knownBytes = new Uint8Array(known.buffer);
let knownLength = 0;

const { hrtime } = process;
function nowMs() {
  const time = hrtime();
  return time[0] * 1e3 + time[1] / 1e6;
}

const startMs = nowMs();
const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);
const buckets = new Float64Array(43 * 1024);
const bins = { calls: new Float64Array(240), sumMs: new Float64Array(240), maxMs: new Float64Array(240) };
const latency = { count: 0, sumMs: 0, squaresMs: 0, minMs: Number.POSITIVE_INFINITY, maxMs: 0 };

function isKnown(length) {
  if (length !== knownLength) return false;
  const whole = length >>> 3;
  for (let at = 0; at < whole; at++) if (doubles[at] !== known[at]) return false;
  for (let at = whole << 3; at < length; at++) if (buffer[at] !== knownBytes[at]) return false;
  return true;
}

function learn(length) {
  if (buffer.toString('latin1', 0, 12) !== 'HTTP/1.1 200')
    throw new Error(buffer.toString('latin1', 0, length));
  knownBytes.set(buffer.subarray(0, length));
  knownLength = length;
}

function count(ms, atMs) {
  latency.count++;
  latency.sumMs += ms;
  latency.squaresMs += ms * ms;
  if (ms < latency.minMs) latency.minMs = ms;
  if (ms > latency.maxMs) latency.maxMs = ms;
  scratch[0] = ms * 1e6;
  buckets[Math.max(0, (scratchWords[1] >>> 10) - 1023 * 1024)]++;
  const bin = Math.min(239, Math.floor((atMs - startMs) / 1000));
  bins.calls[bin]++;
  bins.sumMs[bin] += ms;
  if (ms > bins.maxMs[bin]) bins.maxMs[bin] = ms;
}

let answered = [];
let requests = 0;

function sendNext() {
  const due = answered;
  answered = [];
  if (!readsClock) {
    for (const slot of due) slot.socket.write(request);
    return;
  }
  let now = nowMs();
  for (const slot of due) {
    slot.sentMs = now;
    slot.socket.write(request);
    now = nowMs();
  }
}

function take(slot, length) {
  requests++;
  if (readsClock) {
    const now = nowMs();
    if (!counts) latency.sumMs += now - slot.sentMs;
    else {
      if (!isKnown(length)) learn(length);
      count(now - slot.sentMs, now);
    }
  }
  if (answered.push(slot) === 1) setImmediate(sendNext);
  return true;
}

const secureContext = scheme === 'https' ? tls.createSecureContext() : undefined;
const slots = Array.from({ length: Number(connections) }, () => {
  const slot = { sentMs: 0, socket: undefined };
  const begin = () => {
    slot.sentMs = nowMs();
    slot.socket.write(request);
  };
  const where = {
    host: '127.0.0.1',
    port: Number(port),
    noDelay: true,
    onread: { buffer, callback: (length) => take(slot, length) },
  };
  slot.socket =
    secureContext === undefined
      ? net.connect(where, begin)
      : tls.connect({ ...where, secureContext, rejectUnauthorized: false }, () => {
          slot.socket.setMaxSendFragment(512);
          begin();
        });
  slot.socket.on('error', (error) => {
    throw error;
  });
  return slot;
});

let before;
setTimeout(() => {
  before = { requests, cpu: process.cpuUsage() };
}, Number(seconds) * 250);
setTimeout(() => {
  const { user, system } = process.cpuUsage(before.cpu);
  for (const { socket } of slots) socket.destroy();
  answered = [];
  const perRequest = (user + system) / (requests - before.requests);
  process.stdout.write(`${requests} requests in ${seconds} s\n${perRequest.toFixed(2)} µs CPU later\n`);
}, Number(seconds) * 1000);
