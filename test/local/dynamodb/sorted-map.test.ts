import { describe, expect, test } from 'vitest';
import { SortedMap } from '../../../src/local/services/dynamodb/sorted-map.ts';

function walked(map: SortedMap<number>, from = '', limit = Number.POSITIVE_INFINITY): [string, number][] {
  const found: [string, number][] = [];
  map.walk(from, (key, value) => {
    if (found.length === limit) return false;
    found.push([key, value]);
    return true;
  });
  return found;
}

/** A fixed sequence that looks random. */
function* numbers(count: number): Generator<number> {
  // xorshift32
  let state = 12_345;
  for (let i = 0; i < count; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    yield state >>> 0;
  }
}

describe('a sorted map', () => {
  test('a sorted map behaves as a plain map that is sorted at every look, through many inserts and deletes', () => {
    const map = new SortedMap<number>();
    const model = new Map<string, number>();
    const wrongSizes: number[] = [];
    let step = 0;
    for (const number of numbers(20_000)) {
      const key = (number % 3_000).toString(16).padStart(4, '0');
      if ((number >>> 16) % 3 === 0) {
        map.delete(key);
        model.delete(key);
      } else {
        map.set(key, step);
        model.set(key, step);
      }
      step += 1;
      if (map.size !== model.size) wrongSizes.push(step);
    }
    expect(wrongSizes).toEqual([]);
    const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(walked(map)).toEqual(sorted);
    expect(sorted.length).toBeGreaterThan(1_024);
    for (const from of ['0', '0400', '0800zz', 'zzzz', sorted[511]?.[0] ?? '', sorted[512]?.[0] ?? '']) {
      expect(walked(map, from)).toEqual(sorted.filter(([key]) => key >= from));
    }
    expect(sorted.map(([key]) => map.get(key))).toEqual(sorted.map(([, value]) => value));
    for (const [key] of sorted) map.delete(key);
    expect(map.size).toBe(0);
    expect(walked(map)).toEqual([]);
    map.set('again', 1);
    expect(walked(map)).toEqual([['again', 1]]);
  });

  test('a sorted map stops its walk where it is told', () => {
    const map = new SortedMap<number>();
    for (let i = 0; i < 2_000; i += 1) map.set(String(i).padStart(5, '0'), i);
    expect(walked(map, '00700', 3)).toEqual([
      ['00700', 700],
      ['00701', 701],
      ['00702', 702],
    ]);
  });

  test('a sorted map of nothing walks nowhere and forgets nothing', () => {
    const map = new SortedMap<number>();
    map.delete('none');
    expect(map.get('none')).toBeUndefined();
    expect(walked(map, 'x')).toEqual([]);
  });
});
