import net from 'node:net';
import type tls from 'node:tls';
import { type LookUpName, lookUpBySystem } from './look-up-name.ts';
import { WIRE_ERROR, wireErrorKind } from './wire-error.ts';

/** After failures, a name is looked up again at most this often. */
const RESOLVE_AGAIN_MS = 5000;
/** How long Node waits by default before it tries the other address family. */
const FAMILY_ATTEMPT_MS = 250;
const FAMILY_LIMIT_MS = 3000;
/**
 * The size of OpenSSL's write buffer. Node makes OpenSSL free this buffer after every record. A small buffer comes from
 * malloc's fastest cache; the default of 16 KiB does not. 512 is the smallest size that TLS allows.
 */
const SEND_FRAGMENT_BYTES = 512;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/** Whether a URL names this machine, so that the server has the same clock. */
export function isLoopback(url: string): boolean {
  return LOOPBACK.test(new URL(url).hostname);
}

export interface EndpointOptions {
  readonly insecure?: boolean;
  readonly certificateAuthorities?: string;
}

interface Address {
  readonly host: string;
  readonly family: number;
}

/** Opens connections to the server. */
export interface Connector {
  /** Host and port as in the Host header. */
  readonly authority: string;
  /** The URL's path without a trailing slash. It begins the path of every request. */
  readonly basePath: string;
  readonly isTls: boolean;
  /** Why there is no address, also while the first lookup is in progress. Undefined if there is one. */
  readonly resolveFailure: string | undefined;
  /** How many addresses are tried before a connection has failed. */
  readonly addressCount: number;
  /** Looks the name up, unless that was done in the last five seconds. Never rejects. */
  resolve(nowMs: number): Promise<void>;
  /**
   * Begins to connect to the next address in turn, with TLS if the URL is https. Returns undefined if there is no
   * address.
   */
  connect(onread: net.OnReadOpts): { readonly socket: net.Socket; readonly address: string } | undefined;
  /** Marks an address that refuses connections, so that the others are tried first. */
  refuse(address: string): void;
  /** Cancels a lookup in progress. */
  close(): void;
}

/** The server that a load goes to. All connections share one DNS answer, one TLS context and one TLS session. */
export class Endpoint implements Connector {
  readonly authority: string;
  readonly basePath: string;
  readonly isTls: boolean;
  resolveFailure: string | undefined = WIRE_ERROR.lookupTimeout;

  readonly #host: string;
  readonly #port: number;
  readonly #options: EndpointOptions;
  /** Undefined for http, and before the first lookup, when there is no address to connect to either. */
  #secure: SecureParts | undefined;
  readonly #lookUpName: LookUpName;
  #addresses: Address[] = [];
  readonly #refused = new Set<string>();
  #turn = 0;
  #resolving: Promise<void> | undefined;
  readonly #closing = new AbortController();
  #resolvedAtMs = Number.NEGATIVE_INFINITY;

  constructor(url: string, options: EndpointOptions = {}, lookUpName: LookUpName = lookUpBySystem) {
    const parsed = new URL(url);
    this.isTls = parsed.protocol === 'https:';
    this.authority = parsed.host;
    this.basePath = parsed.pathname.replace(/\/+$/, '');
    this.#host = parsed.hostname.replace(/^\[|\]$/g, '');
    this.#port = Number(parsed.port) || (this.isTls ? 443 : 80);
    this.#options = options;
    this.#lookUpName = lookUpName;
  }

  get addressCount(): number {
    return this.#addresses.length;
  }

  async resolve(nowMs: number): Promise<void> {
    if (nowMs - this.#resolvedAtMs < RESOLVE_AGAIN_MS) return;
    this.#resolving ??= this.#lookUp().finally(() => {
      this.#resolvedAtMs = nowMs;
      this.#resolving = undefined;
    });
    await this.#resolving;
  }

  connect(onread: net.OnReadOpts): { readonly socket: net.Socket; readonly address: string } | undefined {
    const address = this.#nextAddress();
    if (address === undefined) return undefined;
    const where = { host: address.host, port: this.#port, noDelay: true, onread };
    const socket = this.#secure === undefined ? net.connect(where) : this.#connectTls(this.#secure, where);
    return { socket, address: address.host };
  }

  refuse(address: string): void {
    this.#refused.add(address);
    if (this.#refused.size >= this.#addresses.length) this.#refused.clear();
  }

  close(): void {
    this.#closing.abort();
  }

  #nextAddress(): Address | undefined {
    for (let tried = 0; tried < this.#addresses.length; tried++) {
      const address = this.#addresses[this.#turn++ % this.#addresses.length];
      if (address !== undefined && !this.#refused.has(address.host)) return address;
    }
    return undefined;
  }

  #connectTls(secure: SecureParts, where: tls.ConnectionOptions): net.Socket {
    const socket = secure.connect({ ...secure.options, ...where });
    useSmallRecords(socket);
    socket.on('session', (session) => {
      secure.options.session = session;
    });
    return socket;
  }

  async #lookUp(): Promise<void> {
    if (this.isTls) this.#secure ??= await secureParts(this.#host, this.#options);
    const family = net.isIP(this.#host);
    if (family !== 0) {
      this.#addresses = [{ host: this.#host, family }];
      this.resolveFailure = undefined;
      return;
    }
    try {
      const found = await this.#lookUpName(this.#host, this.#closing.signal);
      this.#addresses = found.map(({ address, family }) => ({ host: address, family }));
      this.resolveFailure = undefined;
      this.#refused.clear();
      this.#addresses = await this.#reachable(this.#addresses);
    } catch (error) {
      // After a failed lookup the earlier addresses are still used, because they usually remain valid.
      if (this.#addresses.length === 0) this.resolveFailure = wireErrorKind(error);
    }
  }

  /**
   * If a name has addresses of both families, returns those of the family that accepts a connection first. A machine
   * may have IPv6 without a route, and then every connection would lose time.
   */
  async #reachable(addresses: Address[]): Promise<Address[]> {
    if (new Set(addresses.map(({ family }) => family)).size < 2) return addresses;
    const family = await new Promise<number | undefined>((settle) => {
      const socket = net.connect({
        host: this.#host,
        port: this.#port,
        lookup: (_host, _options, done) =>
          done(
            null,
            addresses.map(({ host, family }) => ({ address: host, family })),
          ),
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: FAMILY_ATTEMPT_MS,
      });
      const end = (family: number | undefined) => {
        socket.destroy();
        settle(family);
      };
      socket.setTimeout(FAMILY_LIMIT_MS, () => end(undefined));
      socket.once('connect', () => end(net.isIP(socket.remoteAddress ?? '')));
      socket.once('error', () => end(undefined));
    });
    return family === undefined ? addresses : addresses.filter((address) => address.family === family);
  }
}

/** Makes a TLS connection's records small once it is open, which saves time for every write. */
export function useSmallRecords(socket: tls.TLSSocket): void {
  socket.once('secureConnect', () => socket.setMaxSendFragment(SEND_FRAGMENT_BYTES));
}

/** What all TLS connections of a server share. */
interface SecureParts {
  readonly connect: typeof tls.connect;
  readonly options: tls.ConnectionOptions;
}

/** Secure contexts by the certificate authorities that they trust besides Node's own. */
const secureContexts = new Map<string | undefined, tls.SecureContext>();

/**
 * The secure context of this thread that trusts these authorities too. Making one takes 50 ms, because all root certificates
 * are parsed.
 */
function secureContextOf(
  { createSecureContext, rootCertificates }: typeof tls,
  authorities: string | undefined,
): tls.SecureContext {
  const known = secureContexts.get(authorities);
  if (known !== undefined) return known;
  const made = createSecureContext(
    authorities === undefined ? {} : { ca: [...rootCertificates, authorities] },
  );
  secureContexts.set(authorities, made);
  return made;
}

/** Reads the module of TLS only for https, because it takes 1.4 MB of memory and 7 ms. */
async function secureParts(host: string, options: EndpointOptions): Promise<SecureParts> {
  const { default: module } = await import('node:tls');
  return {
    connect: module.connect,
    options: {
      secureContext: secureContextOf(module, options.certificateAuthorities),
      ...(net.isIP(host) === 0 ? { servername: host } : {}),
      rejectUnauthorized: options.insecure !== true,
      ALPNProtocols: ['http/1.1'],
    },
  };
}
