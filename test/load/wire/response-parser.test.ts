import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ResponseParser } from '../../../src/load/wire/response-parser.ts';
import { type Outcome, parseOutcome } from '../support/parse-outcome.ts';
import { CORPUS, type CorpusCase, LARGE_CORPUS } from '../support/response-corpus.ts';
import { type UndiciOutcome, undiciOutcome } from '../support/undici-outcome.ts';

const bytesOf = (text: string) => Buffer.from(text, 'latin1');

function expected({ outcome }: CorpusCase): Outcome {
  return outcome === 'error'
    ? 'error'
    : { status: outcome.status, bodyBytes: Buffer.byteLength(outcome.body, 'latin1') };
}

/** Every way to cut bytes in two, the uncut one first. */
function cuts(bytes: Buffer): Buffer[][] {
  return [
    [bytes],
    ...Array.from({ length: Math.max(0, bytes.length - 1) }, (_, at) => [
      bytes.subarray(0, at + 1),
      bytes.subarray(at + 1),
    ]),
  ];
}

describe('a response comes to the same outcome wherever it is cut', () => {
  test.each(CORPUS)('the response $name comes to the same outcome wherever it is cut', (corpusCase) => {
    const bytes = bytesOf(corpusCase.text);
    const outcome = expected(corpusCase);
    const others = cuts(bytes)
      .map((pieces) => ({ cutAfter: pieces[0]?.length, outcome: parseOutcome(pieces, corpusCase.end) }))
      .filter((cut) => !isDeepStrictEqual(cut.outcome, outcome));
    expect(others).toEqual([]);
    expect(
      parseOutcome(
        [...bytes].map((byte) => Uint8Array.of(byte)),
        corpusCase.end,
      ),
    ).toEqual(outcome);
  });

  test.each(LARGE_CORPUS)(
    'the large response $name comes to the same outcome in pieces of every size',
    (corpusCase) => {
      const bytes = bytesOf(corpusCase.text);
      const outcome = expected(corpusCase);
      expect(parseOutcome([bytes])).toEqual(outcome);
      for (const size of [1, 7, 1000, 4096]) expect(parseOutcome(slices(bytes, size))).toEqual(outcome);
    },
  );
});

describe('undici comes to the same outcome, or the case gives the reason for the difference', () => {
  test.each([...CORPUS, ...LARGE_CORPUS])(
    'undici agrees on the response $name, or the case gives the reason',
    async (corpusCase) => {
      const theirs = await undiciOutcome([bytesOf(corpusCase.text)], corpusCase.end);
      const ours = corpusCase.outcome;
      if (corpusCase.differs === undefined) expect(seen(theirs)).toEqual(ours);
      else expect(seen(theirs), 'no longer differs: take the argument out').not.toEqual(ours);
    },
  );

  test('undici and this parser agree wherever the response is cut', async () => {
    const disagreements: string[] = [];
    for (const corpusCase of CORPUS) {
      if (corpusCase.differs !== undefined) continue;
      const all = cuts(bytesOf(corpusCase.text));
      const theirs = await Promise.all(all.map((pieces) => undiciOutcome(pieces, corpusCase.end)));
      theirs.forEach((outcome, at) => {
        if (JSON.stringify(seen(outcome)) !== JSON.stringify(corpusCase.outcome)) {
          disagreements.push(
            `${corpusCase.name}, cut after ${all[at]?.[0]?.length}: ${JSON.stringify(outcome)}`,
          );
        }
      });
    }
    expect(disagreements).toEqual([]);
  }, 60_000);
});

describe('a stream that ends after any byte of a well-formed response is an error, unless the end is its end', () => {
  const whole = CORPUS.filter(({ outcome, text }) => outcome !== 'error' && !text.endsWith('EXTRA'));
  test.each(whole)(
    'the response $name is an error where it ends early, unless it ends with the connection',
    async (corpusCase) => {
      const bytes = bytesOf(corpusCase.text);
      for (let length = 0; length < bytes.length; length++) {
        const cutShort = bytes.subarray(0, length);
        const ours = parseOutcome([cutShort]);
        if (ours === 'error') continue;
        // Only a body without length or chunks may end early; a 204 with more behind it is whole at its head.
        const theirs = await undiciOutcome([cutShort]);
        expect(theirs, `ended after ${length} bytes`).toMatchObject(ours);
      }
    },
  );
});

describe('whether a connection can go on', () => {
  test.each([
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', true],
    ['HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.1 200 OK\r\nConnection: keep-alive, CLOSE\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.1 200 OK\r\nConnection: close-ish\r\nContent-Length: 0\r\n\r\n', true],
    ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n', true],
    ['HTTP/1.1 204 No Content\r\n\r\n', true],
    ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', false],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nConnection: close\r\n\r\n', true],
  ])('whether the connection can be used again after %j: %s', (text, keepAlive) => {
    const parser = new ResponseParser(new Uint8Array(1000));
    parser.reset();
    parser.execute(bytesOf(text), text.length);
    expect({ complete: parser.isComplete, keepAlive: parser.keepAlive }).toEqual({
      complete: true,
      keepAlive,
    });
  });
});

test('the fields of an interim response are not those of the final one', () => {
  const parser = new ResponseParser(new Uint8Array(1000));
  const early = 'HTTP/1.1 103 Early Hints\r\nRetry-After: 7\r\nX-Amzn-ErrorType: Early\r\n\r\n';
  const text = `${early}HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n`;
  parser.reset();
  parser.execute(bytesOf(text), text.length);
  expect(parser.isComplete).toBe(true);
  expect(parser.fields.retryAfter).toBeUndefined();
  expect(parser.fields.errorType).toBeUndefined();
});

test('bytes after a response are not taken, which the count says', () => {
  const parser = new ResponseParser(new Uint8Array(1000));
  parser.reset();
  const text = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 500';
  expect(parser.execute(bytesOf(text), text.length)).toBe(text.length - 'HTTP/1.1 500'.length);
  expect(parser.status).toBe(200);
});

test('a body is kept only for the statuses asked for, and only its first kibibyte', () => {
  const capture = new Uint8Array(1000);
  capture[500] = 1;
  const parser = new ResponseParser(capture);
  for (const [status, kept] of [
    [500, 1024],
    [200, 0],
    [500, 1024],
  ] as const) {
    const text = `HTTP/1.1 ${status} X\r\nContent-Length: 3000\r\n\r\n${'e'.repeat(3000)}`;
    parser.reset();
    for (const piece of slices(bytesOf(text), 100)) parser.execute(piece, piece.length);
    expect(parser.capturedBody.toString()).toBe('e'.repeat(kept));
  }
});

test('one parser reads responses of every framing one after the other without a trace of the one before', () => {
  const parser = new ResponseParser(new Uint8Array(1000));
  const wellFormed = CORPUS.filter(({ outcome, end }) => outcome !== 'error' && end !== 'open');
  for (const corpusCase of [...wellFormed, ...wellFormed].reverse()) {
    parser.reset();
    const bytes = bytesOf(corpusCase.text);
    parser.execute(bytes, bytes.length);
    parser.finish();
    expect({ status: parser.status, bodyBytes: parser.bodyBytes }, corpusCase.name).toEqual(
      expected(corpusCase),
    );
  }
});

test('Date is read when asked for, Keep-Alive and the error type of API Gateway always', () => {
  const parser = new ResponseParser(new Uint8Array(1000));
  const text =
    'HTTP/1.1 429 X\r\nDate: Mon, 23 Nov 2026 06:24:11 GMT\r\nKeep-Alive: max=3, timeout=5\r\nx-amzn-ErrorType: LimitExceededException\r\nContent-Length: 0\r\n\r\n';
  parser.reset();
  parser.execute(bytesOf(text), text.length);
  expect(parser.fields.dateText).toBeUndefined();
  parser.fields.wantDate = true;
  parser.reset();
  parser.execute(bytesOf(text), text.length);
  expect(parser.fields).toMatchObject({
    dateText: 'Mon, 23 Nov 2026 06:24:11 GMT',
    idleLimitMs: 5000,
    errorType: 'LimitExceededException',
    wantDate: false,
  });
});

function seen(outcome: UndiciOutcome) {
  return outcome === 'error' ? 'error' : { status: outcome.status, body: outcome.body };
}

function slices(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
}
