import { describe, expect, test } from 'vitest';
import { turnOrders } from '../../src/load/turn-orders.ts';

const counts = [1, 2, 3, 4, 5, 6, 7, 8];

describe('the orders of the rounds', () => {
  test.each(counts)('each order of %i runtimes is a permutation of them', (count) => {
    for (const order of turnOrders(count)) {
      expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => at));
    }
  });

  test.each(counts)('each of %i runtimes has every place equally often over all orders', (count) => {
    const orders = turnOrders(count);
    for (let runtime = 0; runtime < count; runtime++) {
      for (let place = 0; place < count; place++) {
        const times = orders.filter((order) => order[place] === runtime).length;
        expect(times).toBe(orders.length / count);
      }
    }
  });

  test.each(counts)('each of %i runtimes directly follows every other equally often', (count) => {
    const orders = turnOrders(count);
    const follows = new Map<string, number>();
    for (const order of orders) {
      for (const [place, runtime] of order.slice(1).entries()) {
        const pair = `${order[place]} ${runtime}`;
        follows.set(pair, (follows.get(pair) ?? 0) + 1);
      }
    }
    expect(follows.size).toBe(count * (count - 1));
    expect([...new Set(follows.values())]).toHaveLength(count === 1 ? 0 : 1);
  });

  test('the order of two runtimes alternates', () => {
    expect(turnOrders(2)).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });
});
