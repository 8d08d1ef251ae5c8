import { ResponseParser, STATUS_TABLE_LENGTH } from '../../../src/load/wire/response-parser.ts';
import { parseOutcome } from './parse-outcome.ts';
import { CORPUS, MAY_DIFFER } from './response-corpus.ts';
import { undiciOutcome } from './undici-outcome.ts';

/** What a fuzz run came to; every kind of outcome should be among them, or the mutations are too tame or too wild. */
export interface FuzzCounts {
  responses: number;
  complete: number;
  completeAtEnd: number;
  failed: number;
  unfinished: number;
}

/** A random source that a seed repeats: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const SEEDS = CORPUS.map(({ text }) => Buffer.from(text, 'latin1')).filter((bytes) => bytes.length > 0);
const WELL_FORMED = CORPUS.filter(({ outcome }) => outcome !== 'error').map(({ text }) =>
  Buffer.from(text, 'latin1'),
);
/** What protocols are made of: mutations with these reach deeper than random bytes do. */
const TOKENS = [
  '\r\n',
  '\r',
  '\n',
  '\r\n\r\n',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '"',
  '\\',
  '=',
  '0',
  '00000000000000000000',
  '18446744073709551616',
  '9007199254740993',
  'fffffffffffff',
  'HTTP/1.1 ',
  'HTTP/1.0 ',
  ' 100 ',
  ' 101 ',
  ' 204 ',
  ' 304 ',
  'Content-Length: ',
  'Transfer-Encoding: chunked\r\n',
  'Connection: close\r\n',
  'Keep-Alive: timeout=5\r\n',
  'Date: ',
  'x-amzn-ErrorType: ',
  '\0',
  '\x7f',
  '\xff',
].map((token) => Buffer.from(token, 'latin1'));

/** A response of the corpus, mostly a well-formed one, changed in one to eight places, mostly in few. */
export function mutate(random: () => number): Buffer {
  const below = (limit: number) => Math.floor(random() * limit);
  const seeds = below(4) > 0 ? WELL_FORMED : SEEDS;
  let bytes = Buffer.from(seeds[below(seeds.length)] ?? []);
  for (let changes = 1 + below(1 + below(8)); changes > 0; changes--) {
    const at = below(bytes.length + 1);
    const length = below(Math.min(12, bytes.length - at + 1));
    const token = TOKENS[below(TOKENS.length)] ?? Buffer.alloc(0);
    switch (below(6)) {
      case 0:
        if (at < bytes.length) bytes[at] = below(256);
        break;
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), token, bytes.subarray(at)]);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
        break;
      case 4:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          SEEDS[below(SEEDS.length)]?.subarray(below(40)) ?? token,
        ]);
        break;
      default:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
    }
  }
  return bytes;
}

/**
 * Feeds one parser `count` mutated responses, whole and in random pieces, and throws where anything is amiss: an
 * exception, a byte taken twice or not at all, an outcome that depends on where the bytes were cut, a length counted
 * wrong, a state that is neither whole nor broken nor waiting. The parser is used again throughout, as a connection does.
 */
export function fuzzResponses(seed: number, count: number): FuzzCounts {
  const random = seededRandom(seed);
  const capture = new Uint8Array(STATUS_TABLE_LENGTH).map((_, status) => status % 2);
  const [whole, pieces] = [new ResponseParser(capture), new ResponseParser(capture)];
  const counts: FuzzCounts = { responses: 0, complete: 0, completeAtEnd: 0, failed: 0, unfinished: 0 };
  for (let index = 0; index < count; index++) {
    const bytes = mutate(random);
    const fault = disagreement(whole, pieces, bytes, random);
    if (fault !== undefined) {
      throw new Error(
        `seed ${seed}, response ${index}: ${fault}\n${JSON.stringify(bytes.toString('latin1'))}`,
      );
    }
    counts.responses++;
    if (whole.failure !== undefined) counts.failed++;
    else if (whole.isComplete) counts.complete++;
    else if (whole.finish()) counts.completeAtEnd++;
    else counts.unfinished++;
  }
  return counts;
}

/**
 * Holds `count` mutated responses against undici and throws at the first that it judges otherwise, those left out for
 * which the corpus argues why. Returns how many were compared.
 */
export async function fuzzAgainstUndici(seed: number, count: number): Promise<number> {
  const random = seededRandom(seed);
  let compared = 0;
  for (let index = 0; index < count; index++) {
    const bytes = mutate(random);
    const text = bytes.toString('latin1');
    if (MAY_DIFFER.test(text)) continue;
    const ours = parseOutcome([bytes]);
    const theirs = await undiciOutcome([bytes]);
    const seen = theirs === 'error' ? theirs : { status: theirs.status, bodyBytes: theirs.bodyBytes };
    if (JSON.stringify(ours) !== JSON.stringify(seen)) {
      throw new Error(
        `seed ${seed}, response ${index}: ours ${JSON.stringify(ours)}, undici's ${JSON.stringify(seen)}\n${JSON.stringify(text)}`,
      );
    }
    compared++;
  }
  return compared;
}

function disagreement(
  whole: ResponseParser,
  pieces: ResponseParser,
  bytes: Buffer,
  random: () => number,
): string | undefined {
  const taken = feed(whole, bytes, bytes.length);
  const takenInPieces = feed(pieces, bytes, () => 1 + Math.floor(random() * 20));
  const [a, b] = [stateOf(whole, taken), stateOf(pieces, takenInPieces)];
  if (a !== b) return `whole: ${a}, in pieces: ${b}`;
  if (taken > bytes.length) return `took ${taken} of ${bytes.length} bytes`;
  if (whole.bodyBytes > bytes.length) return `counted ${whole.bodyBytes} bytes of body in ${bytes.length}`;
  if (whole.isComplete && whole.failure !== undefined) return 'is complete and failed';
  if (whole.isComplete && (whole.status < 200 || whole.status > 999)) return `complete with ${whole.status}`;
  if (!whole.isComplete && whole.failure === undefined && taken < bytes.length)
    return 'stopped without a reason';
  return undefined;
}

function feed(parser: ResponseParser, bytes: Buffer, size: number | (() => number)): number {
  parser.reset();
  let at = 0;
  while (at < bytes.length && !parser.isComplete && parser.failure === undefined) {
    const piece = bytes.subarray(at, at + (typeof size === 'number' ? size : size()));
    const taken = parser.execute(piece, piece.length);
    at += taken;
    if (taken < piece.length) break;
  }
  return at;
}

function stateOf(parser: ResponseParser, taken: number): string {
  const { status, keepAlive, failure, bodyBytes, isComplete, isInBody } = parser;
  // How far a broken response was read depends on its pieces; that it is broken, and how, does not.
  if (failure !== undefined) return JSON.stringify({ failure });
  const body = parser.capturedBody.toString('latin1');
  return JSON.stringify({
    status: isComplete ? status : 0,
    keepAlive,
    bodyBytes,
    isComplete,
    isInBody,
    taken,
    body,
  });
}
