import { httpDateEpochMs } from './http-date.ts';

/**
 * Why an attempt got no complete answer, as a key of the run record: an error code of the system or of TLS
 * (`ECONNRESET`, `CERT_HAS_EXPIRED`, …), of the parser (`bad-chunk`, …), or one of these.
 */
export const WIRE_ERROR = {
  /** The connection was open, but no complete answer arrived within the plan's timeout. */
  timeout: 'timeout',
  /** The name lookup was not finished within the time for connecting. */
  lookupTimeout: 'lookup-timeout',
  /** The process that looks a name up ended without an answer. */
  lookupCrashed: 'lookup-crashed',
  /** No connection was accepted within the time for connecting. */
  connectTimeout: 'connect-timeout',
  /** The server accepted the connection, but the TLS handshake was not complete within the time for connecting. */
  handshakeTimeout: 'handshake-timeout',
  /** The server closed the connection during the TLS handshake. */
  handshakeCutShort: 'handshake-cut-short',
  /** The server closed the connection before the first byte of an answer. */
  closedBeforeAnswer: 'closed-before-answer',
  /** As above, on a connection that had carried answers before: the server closed it while it was kept alive. */
  reusedClosed: 'reused-connection-closed',
  /** On a connection that had carried answers before, bytes arrived that do not begin an answer. */
  afterAnswer: 'bytes-after-answer',
  /** The server closed the connection within the answer's head. */
  headCutShort: 'head-cut-short',
  /** The server closed the connection within the answer's body. */
  bodyCutShort: 'body-cut-short',
  /** Ended by the load itself, at the end of an interrupted load. */
  interrupted: 'interrupted',
} as const;

/** What an error kind means, and what to try if that is known. */
export interface Explanation {
  readonly message: string;
  readonly hint?: string;
}

const CERTIFICATE_HINT =
  'If it is your own test server: --insecure. Otherwise name its certificate authority in NODE_EXTRA_CA_CERTS.';
const LOCAL_TEST_HINT = 'If it is your own test server: --insecure.';

const handshakeRefused = (where: string): Explanation => ({
  message: `${where} refused the TLS handshake: it asks for a client certificate, which shedbench does not support, or it agrees on no cipher that this Node supports.`,
});

const EXPLANATIONS: Readonly<Record<string, (where: string) => Explanation>> = {
  ECONNREFUSED: (where) => ({
    message: `Nothing listens at ${where}: the connection was refused.`,
    hint: 'Start the server, or check the port of the address.',
  }),
  ENOTFOUND: (where) => ({
    message: `The name in ${where} does not exist: DNS has no address for it.`,
    hint: 'Check the spelling of the address. The name of a new API needs a minute until it exists.',
  }),
  EAI_AGAIN: (where) => ({
    message: `The name in ${where} could not be looked up: no DNS server answered.`,
    hint: 'Check the network connection.',
  }),
  [WIRE_ERROR.lookupTimeout]: (where) => ({
    message: `The name in ${where} could not be looked up in time: no DNS server answered.`,
    hint: 'Check the network connection.',
  }),
  [WIRE_ERROR.lookupCrashed]: (where) => ({
    message: `The name in ${where} could not be looked up: the process that does it ended without an answer.`,
    hint: 'Check the limits of memory, processes and open files (ulimit -a).',
  }),
  EHOSTUNREACH: (where) => ({ message: `There is no route to ${where}.` }),
  ENETUNREACH: (where) => ({ message: `There is no route to ${where}: the network is unreachable.` }),
  ECONNRESET: (where) => ({ message: `${where} reset connections before an answer was complete.` }),
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
    hint: 'Let the server keep connections alive, or take a smaller -p or a lower --rate.',
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
    hint: `Renew it, or check this machine's clock. ${LOCAL_TEST_HINT}`,
  }),
  CERT_NOT_YET_VALID: (where) => ({
    message: `The certificate of ${where} is not valid yet.`,
    hint: `Check this machine's clock. ${LOCAL_TEST_HINT}`,
  }),
  ERR_TLS_CERT_ALTNAME_INVALID: (where) => ({
    message: `The certificate of ${where} was made for another name.`,
    hint: `Use the name that it was made for. ${LOCAL_TEST_HINT}`,
  }),
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: (where) => ({
    message: `${where} does not speak HTTP/1.1 over TLS: it agreed on none of the protocols offered.`,
    hint: 'shedbench speaks HTTP/1.1 only: enable it on the server.',
  }),
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: (where) => ({
    message: `${where} asks for a client certificate, which shedbench does not support.`,
  }),
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: (where) => ({
    message: `${where} supports no version of TLS that this Node supports.`,
  }),
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: handshakeRefused,
  // The name of the same alert since OpenSSL 3.2.
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': handshakeRefused,
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: (where) => ({
    message: `${where} has no certificate for that name: it refused the TLS handshake.`,
    hint: 'Use a name that the server knows.',
  }),
  ERR_SSL_UNSUPPORTED_PROTOCOL: (where) => ({
    message: `${where} supports no version of TLS that this Node supports.`,
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
    hint: 'A firewall may drop them, or the server may be overloaded: check the address, or take a smaller -p.',
  }),
  [WIRE_ERROR.timeout]: (where) => ({
    message: `${where} did not answer requests completely within the timeout.`,
    hint: 'Set a longer --timeout, or a smaller -p that the server can handle.',
  }),
  [WIRE_ERROR.handshakeTimeout]: (where) => ({
    message: `${where} took connections, but did not finish the TLS handshake in time.`,
    hint: 'The server may be overloaded, or not speak TLS on that port: take a smaller -p, or check the address.',
  }),
  [WIRE_ERROR.reusedClosed]: (where) => ({
    message: `${where} closed kept-alive connections just as the next request was sent.`,
    hint: '--retry 1 sends such a call again on another connection.',
  }),
  [WIRE_ERROR.closedBeforeAnswer]: (where) => ({
    message: `${where} closed connections without answering.`,
    hint: 'If it never answers: is it an https:// address?',
  }),
  [WIRE_ERROR.handshakeCutShort]: (where) => ({
    message: `${where} closed or reset connections during the TLS handshake.`,
    hint: 'Is it an http:// address, or does the server require a client certificate?',
  }),
  [WIRE_ERROR.headCutShort]: (where) => ({
    message: `${where} closed connections in the middle of an answer's head.`,
  }),
  [WIRE_ERROR.bodyCutShort]: (where) => ({
    message: `${where} closed connections in the middle of an answer's body.`,
  }),
  [WIRE_ERROR.afterAnswer]: (where) => ({
    message: `${where} sent bytes after a complete answer, and they arrived when the next request was on its way.`,
    hint: 'The usual cause is a body that is longer than its Content-Length.',
  }),
  'bad-status-line': (where) => ({
    message: `What ${where} sends does not begin with a status line of HTTP/1.1 that ends in CR LF.`,
    hint: 'Is it an https:// address, or does another program use this port?',
  }),
  'bad-header': (where) => ({
    message: `${where} sends header fields that are not framed as HTTP/1.1 asks (a bare line feed or carriage return, a control character, a bad name).`,
  }),
  'bad-content-length': (where) => ({
    message: `${where} sends a Content-Length that is no length, two that differ, or one beside Transfer-Encoding.`,
  }),
  'bad-transfer-encoding': (where) => ({
    message: `${where} sends a Transfer-Encoding with a parameter for "chunked", which has none, so the end of the body is unknown.`,
  }),
  'bad-chunk': (where) => ({ message: `${where} sends a chunked body that is not framed as one.` }),
  'header-too-large': (where) => ({ message: `${where} sends more than 16 KiB of header.` }),
  'too-many-interim': (where) => ({
    message: `${where} sends interim (1xx) answers and no final one.`,
  }),
  'unexpected-upgrade': (where) => ({
    message: `${where} answers 101 Switching Protocols, which no request asked for.`,
  }),
};

/** Errors of connecting because of this machine's limits of open files, not because of the server. */
const OPEN_FILE_LIMITS: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

export function isOpenFileLimit(kind: string): boolean {
  return OPEN_FILE_LIMITS.has(kind);
}

/** Errors of connecting because all local ports of this machine are in use. Windows has the second one. */
const PORT_SHORTAGES: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENOBUFS']);

export function isPortShortage(kind: string): boolean {
  return PORT_SHORTAGES.has(kind);
}

/**
 * The pause that a Retry-After field asks for, ms. 0 if it is absent or invalid.
 * @param value seconds, or an HTTP date
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterMs(value: string | undefined, nowEpochMs: number): number {
  if (value === undefined) return 0;
  // HTTP allows whole seconds only, but some servers send fractions.
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value) * 1000;
  const dateMs = httpDateEpochMs(value);
  return dateMs === undefined ? 0 : Math.max(0, dateMs - nowEpochMs);
}

/** The error kinds of Node for alerts that the server sent. */
const TLS_ALERT = /^ERR_SSL_.*_ALERT_/;

/** Explains an error kind. `where` is host and port. Undefined for kinds whose name is enough. */
export function explainWireError(kind: string, where: string): Explanation | undefined {
  const explanation = EXPLANATIONS[kind]?.(where);
  if (explanation !== undefined || !TLS_ALERT.test(kind)) return explanation;
  return { message: `${where} ended the TLS connection with the alert that the error names.` };
}

/** The error kind of a socket's error: its code if it has one. */
export function wireErrorKind(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return code;
  return typeof message === 'string' ? message.slice(0, 80) : 'unknown';
}
