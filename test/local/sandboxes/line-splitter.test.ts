import { describe, expect, test } from 'vitest';
import { LineSplitter } from '../../../src/local/sandboxes/line-splitter.ts';

function split(chunks: readonly (string | Buffer)[], maxChars?: number): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line), maxChars);
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.flush();
  return lines;
}

describe('lines of a process', () => {
  test('lines of a process keep their line breaks, whatever pieces they come in', () => {
    expect(split(['one\ntw', 'o\n\nthree\n'])).toEqual(['one\n', 'two\n', '\n', 'three\n']);
  });

  test('an unfinished line is handed on at the end', () => {
    expect(split(['one\ntwo'])).toEqual(['one\n', 'two']);
    expect(split([''])).toEqual([]);
  });

  test('a character cut in two by the pipe stays whole', () => {
    const bytes = Buffer.from('naïve €\n');
    expect(split([bytes.subarray(0, 3), bytes.subarray(3, 8), bytes.subarray(8)])).toEqual(['naïve €\n']);
  });

  test('a line longer than an event may be is cut, and nothing of it is lost', () => {
    expect(split(['abcdefgh\nij'], 3)).toEqual(['abc', 'def', 'gh\n', 'ij']);
    expect(split(['abcdefgh'], 3)).toEqual(['abc', 'def', 'gh']);
  });
});
