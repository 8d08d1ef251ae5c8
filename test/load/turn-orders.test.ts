import { describe, expect, test } from 'vitest';
import { turnOrders } from '../../src/load/turn-orders.ts';

const counts = [1, 2, 3, 4, 5, 6, 7, 8];
/** Numbers of runtimes, each with rounds in one piece and with rounds of three slices. */
const cases = counts.flatMap((count) => [1, 3].map((slices) => [count, slices] as const));

describe('the orders in which runtimes take their turns', () => {
  test.each(cases)(
    'each order of %i runtimes (%i slices a round) is a permutation of them',
    (count, slices) => {
      for (const order of turnOrders(count, slices)) {
        expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => at));
      }
    },
  );

  test.each(cases)(
    'each of %i runtimes (%i slices a round) is equally often in every place of the orders',
    (count, slices) => {
      const orders = turnOrders(count, slices);
      for (let runtime = 0; runtime < count; runtime++) {
        for (let place = 0; place < count; place++) {
          const times = orders.filter((order) => order[place] === runtime).length;
          expect(times).toBe(orders.length / count);
        }
      }
    },
  );

  test.each(cases)(
    'each of %i runtimes (%i slices a round) directly follows every other equally often',
    (count, slices) => {
      const orders = turnOrders(count, slices);
      const follows = new Map<string, number>();
      for (const order of orders) {
        for (const [place, runtime] of order.slice(1).entries()) {
          const pair = `${order[place]} ${runtime}`;
          follows.set(pair, (follows.get(pair) ?? 0) + 1);
        }
      }
      expect(follows.size).toBe(count * (count - 1));
      expect([...new Set(follows.values())]).toHaveLength(count === 1 ? 0 : 1);
    },
  );

  test('the order of two runtimes alternates from slice to slice', () => {
    expect(turnOrders(2, 2)).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  test('two runtimes whose rounds are in one piece change their order in every second round', () => {
    expect(turnOrders(2, 1)).toEqual([
      [0, 1],
      [1, 0],
      [1, 0],
      [0, 1],
    ]);
  });

  test.each([
    [1, 0.3],
    [1, 0.6],
    [2, 0.3],
    [5, 0.3],
  ])(
    'the spread between rounds (%i slices a round) shows the error of a difference, even if the speeds of neighbouring turns correlate by %f',
    (slices, correlation) => {
      const spread = spreadOfMean(turnOrders(2, slices), slices, correlation);
      // A B, B A, A B, B A in one piece would give 1.20 and 1.18.
      expect(spread).toBeGreaterThan(0.93);
      expect(spread).toBeLessThan(1.1);
    },
  );
});

/**
 * The true variance of the mean difference of two runtimes over twelve rounds, divided by the variance that the spread
 * between the rounds suggests. 1 means that the rounds can be treated as independent. A turn is one slice long. The
 * speeds of the machine in two turns correlate by `correlation` to the power of the number of rounds between them.
 */
function spreadOfMean(orders: readonly (readonly number[])[], slices: number, correlation: number): number {
  const rounds = 12;
  const turns = Array.from({ length: rounds * slices }, (_, at) => orders[at % orders.length] ?? []).flatMap(
    (order, at) =>
      order.map((runtime, place) => ({
        round: Math.floor(at / slices),
        atTurn: (2 * at + place) / slices,
        weight: (runtime === 0 ? 1 : -1) / slices,
      })),
  );
  const covariance = (ofRounds: (a: number, b: number) => boolean) =>
    turns
      .flatMap((a) => turns.map((b) => [a, b] as const))
      .filter(([a, b]) => ofRounds(a.round, b.round))
      .reduce((sum, [a, b]) => sum + a.weight * b.weight * correlation ** Math.abs(a.atTurn - b.atTurn), 0);
  const all = covariance(() => true);
  const own = covariance((a, b) => a === b);
  return all / rounds ** 2 / ((own - all / rounds) / (rounds - 1) / rounds);
}
