/** A response as bytes (latin1), what it must come to, and whether undici judges it otherwise. */
export interface CorpusCase {
  readonly name: string;
  readonly text: string;
  /** How the connection ends after the bytes; `open`: it stays open, and nothing more comes. */
  readonly end?: 'fin' | 'open';
  /** `error`, or the status and body that a client must see. */
  readonly outcome: 'error' | { readonly status: number; readonly body: string };
  /** Why undici's outcome is not ours, where it is not. */
  readonly differs?: string;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const HI = 'Content-Length: 2\r\n\r\nhi';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const hi = { status: 200, body: 'hi' } as const;

const NO_HTTP_1 =
  'undici takes any of HTTP/0.9, 1.x and 2.0; RFC 9112 §2.3 makes other major versions other protocols';
const LENGTH_OF_NOTHING =
  'undici compares Content-Length with the bytes read; RFC 9110 §15.3.5 and §15.4.5 end these at the head';
const OWS =
  'undici does not trim tabs off lengths and codings; RFC 9110 §5.6.3 counts a tab as optional white space';

const HIGHER_MINOR =
  'undici takes 1.0 and 1.1 alone; RFC 9110 §2.5 has a recipient read a higher minor version as its own';
const FOLDING = 'undici refuses folded lines; RFC 9112 §5.2 has a user agent read them';
const EQUAL_LENGTHS = 'undici refuses a length that is said twice; RFC 9112 §6.3 has equal ones read as one';
const CHUNK_BLANKS =
  'undici takes no blanks in a chunk line; RFC 9112 §7.1.1 has a recipient remove them around an extension';
const TRAILER_LENGTH =
  'undici refuses a length in a trailer; RFC 9110 §6.5.1 has fields of a trailer change no framing';
const LAST_CODING =
  'undici reads an empty last coding; RFC 9110 §5.6.1.2 has a recipient ignore empty elements';

const CHUNKED_PARAMETER =
  'undici takes chunked with a parameter for another coding; RFC 9112 §7.1 has it treated as an error';

const INTERIM_CLOSE =
  'undici reads nothing after a 1xx that keeps no connection alive; RFC 9110 §15.2 has a client read on past any 1xx';

const LAX_EXTENSION =
  'undici takes an extension without a name, and DEL in quotes; RFC 9112 §7.1.1 and RFC 9110 §5.6.4 have neither';
const CR_FOR_LF =
  'undici takes a second CR for the LF that ends the status line; RFC 9112 §2.2 has a CR alone make it invalid';

/** Bytes where undici may judge otherwise, for the reasons that the cases below give one by one. */
export const MAY_DIFFER = new RegExp(
  [
    'HTTP/(?:0\\.9|2\\.0|1\\.[2-9]) ',
    ' (?:100|204|304)[ \r]',
    // An interim answer that keeps no connection alive.
    'HTTP/1\\.0 1',
    'HTTP/1\\.1 1[^]*\nConnection:[^\r]*close[^]*HTTP/1',
    '\t|\r\r|\x7f',
    // Chunk lines with an extension or a blank.
    '\n[0-9a-f]+ *[ ;]',
    'Transfer-Encoding: *\r',
    'Transfer-Encoding:[^\r]*,\\s*\r',
    'Transfer-Encoding:[^\r]*chunked *;',
    // Folded lines.
    '\r\n ',
    'Content-Length: *\\d+ *,',
    'Content-Length[^]*Content-Length',
    // A length in a trailer.
    '\n0[^]*Content-Length',
  ].join('|'),
  'i',
);

export const CORPUS: readonly CorpusCase[] = [
  { name: 'counted body', text: OK + HI, outcome: hi },
  { name: 'counted body, connection left open', text: OK + HI, end: 'open', outcome: hi },
  { name: 'no reason phrase', text: `HTTP/1.1 200\r\n${HI}`, outcome: hi },
  { name: 'empty reason phrase', text: `HTTP/1.1 200 \r\n${HI}`, outcome: hi },
  { name: 'reason with bytes above 127', text: `HTTP/1.1 200 \xe9\r\n${HI}`, outcome: hi },
  { name: 'reason with a tab', text: `HTTP/1.1 200 a\tb\r\n${HI}`, outcome: hi },
  { name: 'HTTP/1.0', text: `HTTP/1.0 200 OK\r\n${HI}`, outcome: hi },
  { name: 'HTTP/0.9', text: `HTTP/0.9 200 OK\r\n${HI}`, outcome: 'error', differs: NO_HTTP_1 },
  { name: 'HTTP/2.0', text: `HTTP/2.0 200 OK\r\n${HI}`, outcome: 'error', differs: NO_HTTP_1 },
  { name: 'HTTP/1.2', text: `HTTP/1.2 200 OK\r\n${HI}`, outcome: hi, differs: HIGHER_MINOR },
  { name: 'lower-case protocol', text: `http/1.1 200 OK\r\n${HI}`, outcome: 'error' },
  { name: 'empty lines before', text: `\r\n\r\n${OK}${HI}`, outcome: hi },
  { name: 'status 099', text: `HTTP/1.1 099 No\r\n${HI}`, outcome: 'error' },
  { name: 'status of two digits', text: `HTTP/1.1 20 OK\r\n${HI}`, outcome: 'error' },
  { name: 'status of four digits', text: `HTTP/1.1 2000 OK\r\n${HI}`, outcome: 'error' },
  { name: 'status 999', text: `HTTP/1.1 999 Odd\r\n${HI}`, outcome: { status: 999, body: 'hi' } },
  { name: 'two spaces before the status', text: `HTTP/1.1  200 OK\r\n${HI}`, outcome: 'error' },
  { name: 'no space after the status', text: `HTTP/1.1 200OK\r\n${HI}`, outcome: 'error' },
  {
    name: 'LF alone after the status line',
    text: 'HTTP/1.1 200 OK\nContent-Length: 2\n\nhi',
    outcome: 'error',
  },
  { name: 'LF alone after a field', text: `${OK}Content-Length: 2\n\r\nhi`, outcome: 'error' },
  { name: 'LF alone after the head', text: `${OK}Content-Length: 2\r\n\nhi`, outcome: 'error' },
  { name: 'CR alone in the status line', text: `HTTP/1.1 200\r${HI}`, outcome: 'error' },
  {
    name: 'two CRs and no LF after the status line',
    text: `HTTP/1.1 200 OK\r\r${HI}`,
    outcome: 'error',
    differs: CR_FOR_LF,
  },
  {
    name: 'a chunk extension without a name',
    text: `${CHUNKED}2;a=b;;c\r\nhi\r\n0\r\n\r\n`,
    outcome: 'error',
    differs: LAX_EXTENSION,
  },
  {
    name: 'a chunk extension that is a value alone',
    text: `${CHUNKED}2;=b\r\nhi\r\n0\r\n\r\n`,
    outcome: 'error',
    differs: LAX_EXTENSION,
  },
  {
    name: 'DEL in the quotes of a chunk extension',
    text: `${CHUNKED}2;a="\x7f"\r\nhi\r\n0\r\n\r\n`,
    outcome: 'error',
    differs: LAX_EXTENSION,
  },
  {
    name: 'an empty transfer coding beside a length',
    text: `${OK}Transfer-Encoding:\r\n${HI}`,
    outcome: 'error',
    differs:
      'undici passes over a coding without a name; a length beside any coding is how responses are split',
  },
  { name: 'CR alone in a value', text: `${OK}A: b\rC: d\r\n${HI}`, outcome: 'error' },
  { name: 'fields of every case', text: `${OK}cOnTeNt-LeNgTh: 2\r\nX-a_b.c~: 1\r\n\r\nhi`, outcome: hi },
  { name: 'field without a value', text: `${OK}A:\r\n${HI}`, outcome: hi },
  {
    name: 'names that begin like known ones',
    text: `${OK}Con: 9\r\nContent: 9\r\nConnectio: close\r\nContent-Lengthy: 9\r\nDat: x\r\n${HI}`,
    outcome: hi,
  },
  { name: 'obsolete folding by a space', text: `${OK}A: b\r\n c\r\n${HI}`, outcome: hi, differs: FOLDING },
  {
    name: 'a folded line that is blank',
    text: `${OK}A: b\r\n \r\n${HI}`,
    outcome: hi,
    differs: FOLDING,
  },
  {
    name: 'folding of a field that frames the message',
    text: `${OK}Content-Length: 2\r\n 3\r\n\r\nhi`,
    outcome: 'error',
  },
  { name: 'folding before any field', text: `${OK} A: b\r\n${HI}`, outcome: 'error' },
  { name: 'obsolete folding by a tab', text: `${OK}A: b\r\n\tc\r\n${HI}`, outcome: hi, differs: FOLDING },
  { name: 'space before the colon', text: `${OK}A : b\r\n${HI}`, outcome: 'error' },
  { name: 'empty name', text: `${OK}: b\r\n${HI}`, outcome: 'error' },
  { name: 'line without a colon', text: `${OK}Abc\r\n${HI}`, outcome: 'error' },
  { name: 'control character in a value', text: `${OK}A: b\x01c\r\n${HI}`, outcome: 'error' },
  { name: 'NUL in a value', text: `${OK}A: b\0c\r\n${HI}`, outcome: 'error' },
  { name: 'DEL in a value', text: `${OK}A: b\x7fc\r\n${HI}`, outcome: 'error' },
  { name: 'bytes above 127 in a value', text: `${OK}A: \xe9\xff\r\n${HI}`, outcome: hi },
  { name: 'two equal lengths', text: `${OK}Content-Length: 2\r\n${HI}`, outcome: hi, differs: EQUAL_LENGTHS },
  { name: 'two different lengths', text: `${OK}Content-Length: 3\r\n${HI}`, outcome: 'error' },
  {
    name: 'list of lengths',
    text: `${OK}Content-Length: 2, 2\r\n\r\nhi`,
    outcome: hi,
    differs: EQUAL_LENGTHS,
  },
  { name: 'list of different lengths', text: `${OK}Content-Length: 2, 3\r\n\r\nhi`, outcome: 'error' },
  { name: 'list of lengths with an empty one', text: `${OK}Content-Length: 2,\r\n\r\nhi`, outcome: 'error' },
  { name: 'empty length', text: `${OK}Content-Length: \r\n\r\nhi`, outcome: 'error' },
  { name: 'negative length', text: `${OK}Content-Length: -2\r\n\r\nhi`, outcome: 'error' },
  { name: 'length with a plus', text: `${OK}Content-Length: +2\r\n\r\nhi`, outcome: 'error' },
  { name: 'length in hexadecimal', text: `${OK}Content-Length: 0x2\r\n\r\nhi`, outcome: 'error' },
  { name: 'length between spaces', text: `${OK}Content-Length:   2  \r\n\r\nhi`, outcome: hi },
  { name: 'length between tabs', text: `${OK}Content-Length:\t2\t\r\n\r\nhi`, outcome: hi, differs: OWS },
  { name: 'length with a space inside', text: `${OK}Content-Length: 2 2\r\n\r\nhi`, outcome: 'error' },
  { name: 'length with leading zeros', text: `${OK}Content-Length: 0002\r\n\r\nhi`, outcome: hi },
  {
    name: 'length beyond 2^64',
    text: `${OK}Content-Length: 99999999999999999999999\r\n\r\nhi`,
    outcome: 'error',
  },
  { name: 'length 0', text: `${OK}Content-Length: 0\r\n\r\n`, outcome: { status: 200, body: '' } },
  { name: 'body cut short', text: `${OK}Content-Length: 5\r\n\r\nhi`, outcome: 'error' },
  {
    name: 'length, then encoding',
    text: `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    outcome: 'error',
  },
  {
    name: 'encoding, then length',
    text: `${OK}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    outcome: 'error',
  },
  { name: 'chunked', text: `${CHUNKED}2\r\nhi\r\n0\r\n\r\n`, outcome: hi },
  { name: 'chunked, left open', text: `${CHUNKED}2\r\nhi\r\n0\r\n\r\n`, end: 'open', outcome: hi },
  {
    name: 'several chunks',
    text: `${CHUNKED}1\r\nh\r\nA\r\n0123456789\r\n1\r\ni\r\n0\r\n\r\n`,
    outcome: { status: 200, body: 'h0123456789i' },
  },
  {
    name: 'encoding in capitals',
    text: `${OK}transfer-encoding: CHUNKED\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    outcome: hi,
  },
  {
    name: 'encoding between tabs',
    text: `${OK}Transfer-Encoding:\tchunked\t\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    outcome: hi,
    differs: OWS,
  },
  {
    name: 'encoding between spaces',
    text: `${OK}Transfer-Encoding:  chunked  \r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    outcome: hi,
  },
  {
    name: 'gzip, chunked',
    text: `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    outcome: hi,
  },
  {
    name: 'gzip, then a second field chunked',
    text: `${OK}Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    outcome: hi,
  },
  {
    name: 'chunked, gzip: to the end',
    text: `${OK}Transfer-Encoding: chunked, gzip\r\n\r\n2\r\nhi`,
    outcome: { status: 200, body: '2\r\nhi' },
  },
  { name: 'encoding gzip: to the end', text: `${OK}Transfer-Encoding: gzip\r\n\r\nhi`, outcome: hi },
  { name: 'encoding chunkedx: to the end', text: `${OK}Transfer-Encoding: chunkedx\r\n\r\nhi`, outcome: hi },
  {
    name: 'chunked with a parameter',
    text: `${OK}Transfer-Encoding: gzip, Chunked ; q=1\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    outcome: 'error',
    differs: CHUNKED_PARAMETER,
  },
  {
    name: 'chunked with a parameter before a final chunked',
    text: `${OK}Transfer-Encoding: chunked;q=1, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    outcome: 'error',
    differs: CHUNKED_PARAMETER,
  },
  {
    name: 'another coding with a parameter, then chunked',
    text: `${OK}Transfer-Encoding: gzip;q=1, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    outcome: hi,
  },
  {
    name: 'chunked twice',
    text: `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    outcome: hi,
  },
  { name: 'encoding identity: to the end', text: `${OK}Transfer-Encoding: identity\r\n\r\nhi`, outcome: hi },
  { name: 'encoding without a coding: to the end', text: `${OK}Transfer-Encoding:\r\n\r\nhi`, outcome: hi },
  { name: 'chunk extensions', text: `${CHUNKED}2;a=b;c\r\nhi\r\n0;x\r\n\r\n`, outcome: hi },
  { name: 'quoted chunk extension', text: `${CHUNKED}2;a="b c\\"d"\r\nhi\r\n0\r\n\r\n`, outcome: hi },
  {
    name: 'space before a chunk extension',
    text: `${CHUNKED}2 ;a=b\r\nhi\r\n0\r\n\r\n`,
    outcome: hi,
    differs: CHUNK_BLANKS,
  },
  {
    name: 'control character in a chunk extension',
    text: `${CHUNKED}2;a\x01\r\nhi\r\n0\r\n\r\n`,
    outcome: 'error',
  },
  {
    name: 'blanks around all parts of a chunk extension',
    text: `${CHUNKED}2 \t; a = b ;c = "d" \r\nhi\r\n0\r\n\r\n`,
    outcome: hi,
    differs: CHUNK_BLANKS,
  },
  {
    name: 'a blank inside a chunk size',
    text: `${CHUNKED}1 1\r\nhi\r\n0\r\n\r\n`,
    outcome: 'error',
  },
  { name: 'space before a chunk size', text: `${CHUNKED} 2\r\nhi\r\n0\r\n\r\n`, outcome: 'error' },
  {
    name: 'an encoding with empty elements after chunked',
    text: `${OK}Transfer-Encoding: chunked, ,\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    outcome: hi,
    differs: LAST_CODING,
  },
  {
    name: 'space after a chunk size',
    text: `${CHUNKED}2 \r\nhi\r\n0\r\n\r\n`,
    outcome: hi,
    differs: CHUNK_BLANKS,
  },
  { name: 'chunk size that is no number', text: `${CHUNKED}zz\r\nhi\r\n0\r\n\r\n`, outcome: 'error' },
  { name: 'empty chunk size', text: `${CHUNKED}\r\nhi\r\n0\r\n\r\n`, outcome: 'error' },
  { name: 'LF alone after a chunk size', text: `${CHUNKED}2\nhi\r\n0\r\n\r\n`, outcome: 'error' },
  { name: 'LF alone after a chunk', text: `${CHUNKED}2\r\nhi\n0\r\n\r\n`, outcome: 'error' },
  { name: 'chunk longer than its size', text: `${CHUNKED}2\r\nhix\r\n0\r\n\r\n`, outcome: 'error' },
  {
    name: 'chunk size beyond 2^64',
    text: `${CHUNKED}fffffffffffffffffff\r\nhi\r\n0\r\n\r\n`,
    outcome: 'error',
  },
  {
    name: 'chunk size with leading zeros',
    text: `${CHUNKED}0000000000000000002\r\nhi\r\n0\r\n\r\n`,
    outcome: hi,
  },
  { name: 'chunked without the last chunk', text: `${CHUNKED}2\r\nhi\r\n`, outcome: 'error' },
  { name: 'trailer', text: `${CHUNKED}2\r\nhi\r\n0\r\nX-T: 1\r\nDate: x\r\n\r\n`, outcome: hi },
  {
    name: 'trailer with a length',
    text: `${CHUNKED}2\r\nhi\r\n0\r\nContent-Length: 1\r\n\r\n`,
    outcome: hi,
    differs: TRAILER_LENGTH,
  },
  {
    name: 'trailer with an encoding',
    text: `${CHUNKED}2\r\nhi\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n`,
    outcome: hi,
  },
  { name: 'bad trailer', text: `${CHUNKED}2\r\nhi\r\n0\r\nX T: 1\r\n\r\n`, outcome: 'error' },
  { name: 'trailer cut short', text: `${CHUNKED}2\r\nhi\r\n0\r\n`, outcome: 'error' },
  {
    name: '103 before the answer',
    text: `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}${HI}`,
    outcome: hi,
  },
  {
    name: '102 with a length before the answer',
    text: `HTTP/1.1 102 Processing\r\nContent-Length: 5\r\n\r\n${OK}${HI}`,
    outcome: hi,
  },
  {
    name: '100 before the answer',
    text: `HTTP/1.1 100 Continue\r\n\r\n${OK}${HI}`,
    outcome: hi,
    differs: 'undici refuses a 100 that was not asked for; RFC 9110 §15.2 has a client read on past any 1xx',
  },
  {
    name: '103 of HTTP/1.0 before the answer',
    text: `HTTP/1.0 103 Early Hints\r\n\r\n${OK}${HI}`,
    outcome: hi,
    differs: INTERIM_CLOSE,
  },
  {
    name: '103 that announces a close before the answer',
    text: `HTTP/1.1 103 Early Hints\r\nConnection: close\r\n\r\n${OK}${HI}`,
    outcome: hi,
    differs: INTERIM_CLOSE,
  },
  { name: '1xx and no more', text: 'HTTP/1.1 103 Early Hints\r\n\r\n', outcome: 'error' },
  {
    name: '101 with Upgrade',
    text: `HTTP/1.1 101 Switching\r\nUpgrade: foo\r\nConnection: upgrade\r\n\r\n`,
    outcome: 'error',
  },
  { name: '101 without Upgrade', text: `HTTP/1.1 101 Switching\r\n\r\n`, outcome: 'error' },
  { name: '204', text: 'HTTP/1.1 204 No Content\r\n\r\n', outcome: { status: 204, body: '' } },
  {
    name: '204 with an encoding',
    text: 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n',
    outcome: { status: 204, body: '' },
  },
  {
    name: '204 with a length',
    text: 'HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n',
    outcome: { status: 204, body: '' },
    differs: LENGTH_OF_NOTHING,
  },
  { name: '205', text: `HTTP/1.1 205 Reset\r\n${HI}`, outcome: { status: 205, body: 'hi' } },
  {
    name: '304 with a length',
    text: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n',
    outcome: { status: 304, body: '' },
    differs: LENGTH_OF_NOTHING,
  },
  { name: 'body to the end of the stream', text: `${OK}\r\nhello`, outcome: { status: 200, body: 'hello' } },
  {
    name: 'body to the end, close announced',
    text: `${OK}Connection: close\r\n\r\nhello`,
    outcome: { status: 200, body: 'hello' },
  },
  {
    name: 'body to the end, keep-alive claimed',
    text: `${OK}Connection: keep-alive\r\n\r\nhello`,
    outcome: { status: 200, body: 'hello' },
  },
  { name: 'empty body to the end', text: `${OK}\r\n`, outcome: { status: 200, body: '' } },
  { name: 'close announced, body counted', text: `${OK}Connection: foo, Close\r\n${HI}`, outcome: hi },
  { name: 'bytes after the answer', text: `${OK}${HI}EXTRA`, outcome: hi },
  {
    name: 'Upgrade offered on a 200',
    text: `${OK}Connection: upgrade\r\nUpgrade: h2c\r\n${HI}`,
    outcome: hi,
  },
  {
    name: 'an answer as API Gateway sends it',
    text: `${OK}Date: Mon, 23 Nov 2026 06:24:11 GMT\r\nContent-Type: application/json\r\nContent-Length: 11\r\nConnection: keep-alive\r\nx-amzn-RequestId: 5e5e2c1a-0000-4000-8000-5e5e2c1a0000\r\nx-amz-apigw-id: abcDEF=\r\nX-Amzn-Trace-Id: Root=1-5e-0\r\n\r\n{"count":7}`,
    outcome: { status: 200, body: '{"count":7}' },
  },
  { name: 'no HTTP at all', text: 'garbage in\r\n\r\n', outcome: 'error' },
  { name: 'a TLS alert', text: '\x15\x03\x01\x00\x02\x02\x46', outcome: 'error' },
  { name: 'nothing', text: '', outcome: 'error' },
  { name: 'head cut short', text: `${OK}Content-Le`, outcome: 'error' },
];

/** Too long to be cut at every byte; whole and in a few pieces. */
export const LARGE_CORPUS: readonly CorpusCase[] = [
  { name: 'fields of 16,300 bytes', text: `${OK}X: ${'a'.repeat(16_300)}\r\n${HI}`, outcome: hi },
  { name: 'fields of 16,400 bytes', text: `${OK}X: ${'a'.repeat(16_400)}\r\n${HI}`, outcome: 'error' },
  { name: 'many fields', text: `${OK}${'X-Y: z\r\n'.repeat(5000)}${HI}`, outcome: 'error' },
  {
    name: 'a length behind 17,000 zeros',
    text: `${OK}Content-Length: ${'0'.repeat(17_000)}2\r\n\r\nhi`,
    outcome: 'error',
  },
  {
    name: 'reason of 20,000 bytes',
    text: `HTTP/1.1 200 ${'a'.repeat(20_000)}\r\n${HI}`,
    outcome: 'error',
    differs: 'undici leaves the reason unbounded; here it counts against the same limit as fields',
  },
  {
    name: 'forty interim answers',
    text: `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(40)}${OK}${HI}`,
    outcome: 'error',
    differs: 'undici reads interim answers without end; here 32 are enough',
  },
  {
    name: 'a body of 200,000 bytes',
    text: `${OK}Content-Length: 200000\r\n\r\n${'b'.repeat(200_000)}`,
    outcome: { status: 200, body: 'b'.repeat(200_000) },
  },
];
