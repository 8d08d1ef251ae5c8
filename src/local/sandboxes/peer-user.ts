import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/** The kernel's tables of TCP sockets. A client may use an IPv6 socket to reach an IPv4 address. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const ESTABLISHED = '01';
/**
 * How often the tables are read. The kernel writes a table in pieces, so a connection that opens or closes meanwhile
 * can hide another one.
 */
const LOOKS = 4;

/**
 * Whether the other end of a loopback connection is a process of this user. On Linux the kernel's socket tables show
 * it. Other systems do not, so there every peer counts as this user's.
 *
 * Only an established connection is accepted, because the kernel names no user for one that its owner has closed.
 * @see https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
 */
export function isPeerOfThisUser(socket: Socket): boolean {
  const uid = process.getuid?.();
  const { remotePort, localPort } = socket;
  if (process.platform !== 'linux' || uid === undefined) return true;
  if (remotePort === undefined || localPort === undefined) return false;
  for (let look = 0; look < LOOKS; look += 1) {
    for (const table of TABLES) {
      const user = userOfConnection(readTable(table), remotePort, localPort);
      if (user !== undefined) return user === uid;
    }
  }
  return false;
}

function readTable(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // A machine without IPv6 has no second table. Without the first table no peer is accepted.
    return '';
  }
}

/**
 * Returns the user id that owns the client's end of a loopback connection, or undefined.
 * @param table the text of /proc/net/tcp: `sl local_address rem_address st … uid`, addresses in hexadecimal
 */
export function userOfConnection(table: string, clientPort: number, serverPort: number): number | undefined {
  const client = hexPort(clientPort);
  const server = hexPort(serverPort);
  for (const line of table.split('\n')) {
    const [, local = '', remote = '', state, , , , uid] = line.trim().split(/\s+/);
    if (local.endsWith(client) && remote.endsWith(server) && state === ESTABLISHED) return Number(uid);
  }
  return undefined;
}

function hexPort(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}
