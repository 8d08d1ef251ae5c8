/**
 * Why an attempt got no whole answer, as the key of a run record: the system's or TLS's own code (`ECONNRESET`,
 * `CERT_HAS_EXPIRED`, …), the parser's (`bad-chunk`, …), or one of these.
 */
export const WIRE_ERROR = {
  /** Connected, but no whole answer within the plan's timeout. */
  timeout: 'timeout',
  /** No connection within the time allowed for one. */
  connectTimeout: 'connect-timeout',
  /** The server took the connection, but TLS was not agreed on within the time allowed for connecting. */
  handshakeTimeout: 'handshake-timeout',
  /** The server ended the connection before TLS was agreed on. */
  handshakeCutShort: 'handshake-cut-short',
  /** The server ended the connection before a byte of an answer. */
  closedBeforeAnswer: 'closed-before-answer',
  /** The same of a connection that had carried answers before: the server closed it while it was kept alive. */
  reusedClosed: 'reused-connection-closed',
  /** … within the answer's head. */
  headCutShort: 'head-cut-short',
  /** … within the answer's body. */
  bodyCutShort: 'body-cut-short',
  /** Cut by ourselves at the end of an interrupted load. */
  interrupted: 'interrupted',
} as const;

/** What an error kind means: what happened, in words, and what to try where that is known. */
export interface Explanation {
  readonly message: string;
  readonly hint?: string;
}

const CERTIFICATE_HINT =
  'For a test server of your own: --insecure. Else put its authority into NODE_EXTRA_CA_CERTS.';
const LOCAL_TEST_HINT = 'For a test server of your own: --insecure.';

const EXPLANATIONS: Readonly<Record<string, (where: string) => Explanation>> = {
  ECONNREFUSED: (where) => ({
    message: `Nothing listens at ${where}: the connection was refused.`,
    hint: 'Start the server, or look at the port of the address.',
  }),
  ENOTFOUND: (where) => ({
    message: `The name in ${where} does not exist: DNS has no address for it.`,
    hint: 'Look at the address for a mistyped name; a new API needs a minute to get one.',
  }),
  EAI_AGAIN: (where) => ({
    message: `The name in ${where} could not be looked up: no DNS server answered.`,
    hint: 'Look at the network connection.',
  }),
  EHOSTUNREACH: (where) => ({ message: `There is no route to ${where}.` }),
  ENETUNREACH: (where) => ({ message: `There is no route to ${where}: the network is unreachable.` }),
  ECONNRESET: (where) => ({ message: `${where} reset connections before an answer was whole.` }),
  EPIPE: (where) => ({ message: `${where} closed connections while requests were being sent.` }),
  EMFILE: () => ({
    message: 'This machine allows no more open files, and so no more connections.',
    hint: 'ulimit -n 65536, or a smaller -p',
  }),
  ENFILE: () => ({
    message: 'All programs of this machine together have as many files open as it allows.',
    hint: 'A smaller -p, or a larger fs.file-max of this machine',
  }),
  EADDRNOTAVAIL: () => ({
    message: 'This machine ran out of local ports: too many connections were opened in the last minute.',
    hint: 'A server that keeps connections alive needs none; else a smaller -p or a lower --rate.',
  }),
  DEPTH_ZERO_SELF_SIGNED_CERT: (where) => ({
    message: `The certificate of ${where} is signed by itself.`,
    hint: CERTIFICATE_HINT,
  }),
  SELF_SIGNED_CERT_IN_CHAIN: (where) => ({
    message: `The certificate of ${where} leads to an authority that this machine does not trust.`,
    hint: CERTIFICATE_HINT,
  }),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: (where) => ({
    message: `The certificate of ${where} leads to no authority that this machine knows.`,
    hint: CERTIFICATE_HINT,
  }),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: (where) => ({
    message: `The certificate of ${where} leads to no authority that this machine knows.`,
    hint: CERTIFICATE_HINT,
  }),
  CERT_HAS_EXPIRED: (where) => ({
    message: `The certificate of ${where} has expired.`,
    hint: `Renew it, or look at this machine's clock. ${LOCAL_TEST_HINT}`,
  }),
  CERT_NOT_YET_VALID: (where) => ({
    message: `The certificate of ${where} is not valid yet.`,
    hint: `Look at this machine's clock. ${LOCAL_TEST_HINT}`,
  }),
  ERR_TLS_CERT_ALTNAME_INVALID: (where) => ({
    message: `The certificate of ${where} was made for another name.`,
    hint: `Use the name that it was made for. ${LOCAL_TEST_HINT}`,
  }),
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: (where) => ({
    message: `${where} does not speak HTTP/1.1 over TLS: it agreed on none of the protocols offered.`,
    hint: 'A server of HTTP/2 alone must take HTTP/1.1 too.',
  }),
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: (where) => ({
    message: `${where} asks for a certificate of the client, and shedbench has none to show.`,
  }),
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: (where) => ({
    message: `${where} speaks no version of TLS that this Node does.`,
  }),
  ERR_SSL_WRONG_VERSION_NUMBER: (where) => ({
    message: `${where} does not speak TLS on that port.`,
    hint: 'Is it an http:// address?',
  }),
  ERR_SSL_PACKET_LENGTH_TOO_LONG: (where) => ({
    message: `${where} does not speak TLS on that port.`,
    hint: 'Is it an http:// address?',
  }),
  [WIRE_ERROR.connectTimeout]: (where) => ({
    message: `${where} did not accept connections in time.`,
    hint: 'A firewall may drop them, or the server may be full: look at the address, or take a smaller -p.',
  }),
  [WIRE_ERROR.timeout]: (where) => ({
    message: `${where} left requests without a whole answer for longer than the timeout.`,
    hint: '--timeout takes more seconds; a smaller -p may be what the server can bear.',
  }),
  [WIRE_ERROR.handshakeTimeout]: (where) => ({
    message: `${where} took connections, but did not finish the TLS handshake in time.`,
    hint: 'The server may be full, or not speak TLS on that port: a smaller -p, or look at the address.',
  }),
  [WIRE_ERROR.reusedClosed]: (where) => ({
    message: `${where} closed kept-alive connections just as the next request was sent.`,
    hint: '--retry 1 sends such a call again on another connection.',
  }),
  [WIRE_ERROR.closedBeforeAnswer]: (where) => ({
    message: `${where} closed connections without answering.`,
    hint: 'Where it never answers: is it an https:// address?',
  }),
  [WIRE_ERROR.handshakeCutShort]: (where) => ({
    message: `${where} closed connections during the TLS handshake.`,
    hint: 'Is it an http:// address, or does the server ask for something of the client?',
  }),
  [WIRE_ERROR.headCutShort]: (where) => ({
    message: `${where} closed connections in the middle of an answer's head.`,
  }),
  [WIRE_ERROR.bodyCutShort]: (where) => ({
    message: `${where} closed connections in the middle of an answer's body.`,
  }),
  'bad-status-line': (where) => ({
    message: `What ${where} sends is not HTTP/1.1.`,
    hint: 'Is it an https:// address, or a port of something else?',
  }),
  'bad-header': (where) => ({
    message: `${where} sends header fields that are not framed as HTTP/1.1 asks (a bare line feed or carriage return, a control character, a bad name).`,
  }),
  'bad-content-length': (where) => ({
    message: `${where} sends a Content-Length that is no length, two that differ, or one beside Transfer-Encoding.`,
  }),
  'bad-chunk': (where) => ({ message: `${where} sends a chunked body that is not framed as one.` }),
  'header-too-large': (where) => ({ message: `${where} sends more than 16 KiB of header.` }),
  'too-many-interim': (where) => ({
    message: `${where} sends interim (1xx) answers and no final one.`,
  }),
  'unexpected-upgrade': (where) => ({
    message: `${where} answers 101 Switching Protocols, which nobody asked for.`,
  }),
};

/** Failures to connect for want of open files: limits of this machine, not of the server. */
const OPEN_FILE_LIMITS: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

export function isOpenFileLimit(kind: string): boolean {
  return OPEN_FILE_LIMITS.has(kind);
}

/**
 * The pause that a Retry-After field asks for, ms; 0 where it is absent or unreadable.
 * @param value seconds, or an HTTP date
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterMs(value: string | undefined, nowEpochMs: number): number {
  if (value === undefined) return 0;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? 0 : Math.max(0, dateMs - nowEpochMs);
}

/** What an error kind means, for `where` (host and port); undefined for kinds that say enough by their name. */
export function explainWireError(kind: string, where: string): Explanation | undefined {
  return EXPLANATIONS[kind]?.(where);
}

/** The kind of a socket's error: its code where it has one. */
export function wireErrorKind(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return code;
  return typeof message === 'string' ? message.slice(0, 80) : 'unknown';
}
