// The least that a client of Node's net and tls modules costs: one thread, a kept-alive connection for each call in
// flight, one read and one write per call. It looks at no byte of an answer, reads no clock, and keeps nothing but a
// count. Like shedbench it reads into one shared buffer and writes after all answers of a turn of the event loop were read.
//
//   node node-client.mjs http|https <port on 127.0.0.1> <connections> <seconds>
//
// Prints "<n> requests in <s> s". The server's answers must be small: each is taken to arrive in one piece.
import net from 'node:net';
import tls from 'node:tls';

const [scheme, port, connections, seconds] = process.argv.slice(2);
const request = Buffer.from(`GET /dog HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
const buffer = Buffer.alloc(65_536);
const secureContext = scheme === 'https' ? tls.createSecureContext() : undefined;
const sockets = [];
let answered = [];
let requests = 0;

function sendNext() {
  const due = answered;
  answered = [];
  for (const socket of due) socket.write(request);
}

function take(socket) {
  requests++;
  if (answered.push(socket) === 1) setImmediate(sendNext);
  return true;
}

for (let opened = 0; opened < Number(connections); opened++) {
  const where = {
    host: '127.0.0.1',
    port: Number(port),
    noDelay: true,
    onread: { buffer, callback: () => take(socket) },
  };
  const socket =
    secureContext === undefined
      ? net.connect(where, () => socket.write(request))
      : tls.connect({ ...where, secureContext, rejectUnauthorized: false }, () => {
          // Found to be cheapest: see SEND_FRAGMENT_BYTES of the load engine.
          socket.setMaxSendFragment(512);
          socket.write(request);
        });
  socket.on('error', (error) => {
    throw error;
  });
  sockets.push(socket);
}

setTimeout(() => {
  for (const socket of sockets) socket.destroy();
  answered = [];
  process.stdout.write(`${requests} requests in ${seconds} s\n`);
}, Number(seconds) * 1000);
