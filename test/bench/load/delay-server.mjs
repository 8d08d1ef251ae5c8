// Answers each request after a fixed delay, to some ten microseconds: it spins while an answer is due. On a core of its
// own. Usage: node delay-server.mjs '{"port":0,"delayMs":20,"stallFromMs":0,"stallUntilMs":0}'
import { createServer } from 'node:net';
import { performance } from 'node:perf_hooks';

const { port, delayMs, stallFromMs = 0, stallUntilMs = 0 } = JSON.parse(process.argv[2] ?? '{}');
const ANSWER = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"count":1}',
);
/**
 * Answers in the order in which they are due: with one delay for all, that of their requests. A ring, since a list that
 * keeps what was answered has the collector stop this server for milliseconds, which a client would see as its own tail.
 */
const CAPACITY = 65_536;
const sockets = new Array(CAPACITY).fill(undefined);
const dueMs = new Float64Array(CAPACITY);
let head = 0;
let tail = 0;
let firstMs;
let spinning = false;

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    const now = performance.now();
    firstMs ??= now;
    const at = now - firstMs;
    const stall = at >= stallFromMs && at < stallUntilMs ? stallUntilMs - at : 0;
    for (let end = bytes.indexOf('\r\n\r\n'); end >= 0; end = bytes.indexOf('\r\n\r\n', end + 4)) {
      if (tail - head === CAPACITY) throw new Error(`more than ${CAPACITY} requests wait for an answer`);
      sockets[tail % CAPACITY] = socket;
      dueMs[tail++ % CAPACITY] = now + delayMs + stall;
    }
    if (!spinning && tail > head) {
      spinning = true;
      setImmediate(spin);
    }
  });
});

function spin() {
  const now = performance.now();
  while (head < tail && dueMs[head % CAPACITY] <= now) {
    const socket = sockets[head++ % CAPACITY];
    if (!socket.destroyed) socket.write(ANSWER);
  }
  spinning = head < tail;
  if (spinning) setImmediate(spin);
}

server.listen(port, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.stdin.on('end', () => process.exit()).resume();
