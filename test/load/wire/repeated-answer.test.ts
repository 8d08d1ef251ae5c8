import { expect, test } from 'vitest';
import { READ_FIRST, RepeatedAnswer } from '../../../src/load/wire/repeated-answer.ts';

/** Bytes at the start of a buffer that is larger, as a read leaves them, with the same memory as doubles. */
function arrived(text: string) {
  const bytes = Buffer.from(text.padEnd(8192, '~'), 'latin1');
  const aligned = new Uint8Array(bytes.length);
  aligned.set(bytes);
  return { bytes: aligned, doubles: new Float64Array(aligned.buffer), length: text.length };
}
function matches(repeated: RepeatedAnswer, text: string) {
  const { bytes, doubles, length } = arrived(text);
  return repeated.matches(doubles, bytes, length);
}
function learn(repeated: RepeatedAnswer, text: string, status = 200) {
  const { bytes, length } = arrived(text);
  repeated.learn(bytes, length, status, 5000);
}

/** As it is after the first answers of a load, which are read and not learnt. */
function begun(): RepeatedAnswer {
  const repeated = new RepeatedAnswer();
  for (let index = 1; index < READ_FIRST; index++) learn(repeated, 'first');
  return repeated;
}

test('the first answers are parsed before one is learnt, so that V8 optimises for parsing too', () => {
  const repeated = new RepeatedAnswer();
  let read = 0;
  while (!matches(repeated, 'same')) {
    learn(repeated, 'same');
    read++;
  }
  expect(read).toBe(READ_FIRST);
});

test('an answer is recognised by all of its bytes and its length', () => {
  for (const text of [
    'HTTP/1.1 200 OK',
    'HTTP/1.1 200 OK!',
    'HTTP/1.1 200 OK!!',
    'HTTP/1.1 200 OK!!!',
    'x',
    '',
  ]) {
    const repeated = begun();
    learn(repeated, text, 201);
    expect(matches(repeated, text)).toBe(true);
    expect({ status: repeated.status, idleLimitMs: repeated.idleLimitMs }).toEqual({
      status: 201,
      idleLimitMs: 5000,
    });
    expect(matches(repeated, `${text}~`)).toBe(false);
    for (let at = 0; at < text.length; at++) {
      expect(matches(repeated, `${text.slice(0, at)}?${text.slice(at + 1)}`), `byte ${at}`).toBe(false);
    }
  }
});

test('nothing matches before an answer is learnt, not even an empty one', () => {
  expect(matches(new RepeatedAnswer(), 'HTTP/1.1 200 OK')).toBe(false);
});

test('eight bytes that are not a number as a double never match, so the answer is parsed', () => {
  const repeated = begun();
  learn(repeated, `12345678${'\xff'.repeat(8)}`);
  expect(matches(repeated, `12345678${'\xff'.repeat(8)}`)).toBe(false);
});

test('an answer that is too long is not learnt', () => {
  const repeated = begun();
  learn(repeated, 'x'.repeat(4096));
  expect(matches(repeated, 'x'.repeat(4096))).toBe(true);
  const other = begun();
  learn(other, 'x'.repeat(4097));
  expect(matches(other, 'x'.repeat(4097))).toBe(false);
});

test('answers that differ every time are learnt ever more rarely, until one repeats', () => {
  const repeated = new RepeatedAnswer();
  const recognised: string[] = [];
  for (let index = 0; index < 5000; index++) {
    const text = `answer ${index}`;
    if (matches(repeated, text)) recognised.push(text);
    learn(repeated, text);
    // Looking for the text itself would count as a repetition, so another text of its length is looked for.
    const other = `${text.slice(0, -1)}!`;
    if (matches(repeated, other)) recognised.push(other);
  }
  expect(recognised).toEqual([]);
  let learnt = 0;
  for (let index = 0; index < 3000 && !matches(repeated, 'same'); index++) {
    learn(repeated, 'same');
    learnt++;
  }
  expect(learnt).toBeGreaterThan(1);
  expect(learnt).toBeLessThanOrEqual(1025);
  expect(matches(repeated, 'same')).toBe(true);
});
