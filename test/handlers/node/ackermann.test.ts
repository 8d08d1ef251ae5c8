import { describe, expect, test } from 'vitest';
import { ackermann } from '../../../handlers/node/src/ackermann.ts';

describe('the Ackermann function', () => {
  test('A(0, n) is n + 1', () => {
    for (const n of [0, 1, 13, 23_897, 50_000]) expect(ackermann(0, n)).toBe(n + 1);
  });

  test('A(m, 0) is A(m − 1, 1)', () => {
    for (const m of [1, 2, 3, 4]) expect(ackermann(m, 0)).toBe(ackermann(m - 1, 1));
  });

  test('A(m, n) is A(m − 1, A(m, n − 1))', () => {
    for (const [m, n] of [
      [1, 1],
      [1, 30],
      [2, 5],
      [3, 4],
    ] as const) {
      expect(ackermann(m, n)).toBe(ackermann(m - 1, ackermann(m, n - 1)));
    }
  });

  test('known values of the Ackermann function are right', () => {
    expect(ackermann(2, 3)).toBe(9);
    expect(ackermann(3, 8)).toBe(2045);
    expect(ackermann(4, 0)).toBe(13);
  });

  test('the stack grows beyond its first size', () => {
    expect(ackermann(1, 50_000)).toBe(50_002);
  });
});
