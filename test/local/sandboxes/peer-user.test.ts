import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { isPeerOfThisUser, userOfConnection } from '../../../src/local/sandboxes/peer-user.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 3 1 0 20 4 30 10 -1
   3: 0100007F:C351 0100007F:1F90 05 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
`;

const sockets: { destroy(): void }[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

describe('the user of a connection', () => {
  test("the user of a connection is the owner of the client's end, not of ours", () => {
    expect(userOfConnection(TABLE, 0xc350, 8080)).toBe(1000);
  });

  test('the user of a connection is unknown where the client has closed its end, or there is none', () => {
    expect(userOfConnection(TABLE, 0xc351, 8080)).toBeUndefined();
    expect(userOfConnection(TABLE, 0xc352, 8080)).toBeUndefined();
    expect(userOfConnection('', 0xc350, 8080)).toBeUndefined();
  });
});

async function accepted(client: (port: number) => void): Promise<Socket> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  client(typeof address === 'object' && address !== null ? address.port : 0);
  const [socket] = (await once(server, 'connection')) as [Socket];
  sockets.push(socket, { destroy: () => server.close() });
  return socket;
}

describe('a process that connects to a Runtime API', () => {
  test('a process that connects to a Runtime API of this user is let in', async () => {
    const socket = await accepted((port) => sockets.push(connect(port, '127.0.0.1')));
    expect(isPeerOfThisUser(socket)).toBe(true);
  });

  test.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
    'a process that connects to a Runtime API of another user is not',
    async () => {
      const socket = await accepted((port) => {
        const script = `require('node:net').connect(${port}, '127.0.0.1').on('error', () => {})`;
        const child = spawn(process.execPath, ['-e', script], {
          uid: 65534,
          gid: 65534,
          stdio: 'ignore',
          cwd: '/',
        });
        sockets.push({ destroy: () => child.kill('SIGKILL') });
      });
      expect(isPeerOfThisUser(socket)).toBe(false);
    },
  );
});
