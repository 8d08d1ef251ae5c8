import { describe, expect, test } from 'vitest';
import { requestOrder } from '../../src/load/request-order.ts';

describe('the order of a mix', () => {
  test.each([
    [[1], [0]],
    [
      [1, 1],
      [0, 1],
    ],
    [
      [5, 5],
      [0, 1],
    ],
    [
      [3, 1],
      [0, 0, 1, 0],
    ],
  ])('the order of a mix of weights %j is %j', (weights, order) => {
    expect([...requestOrder(weights)]).toEqual(order);
  });

  test('the order of a mix has exactly the shares, and spreads a request as evenly as whole calls allow', () => {
    const weights = [70, 20, 10];
    const order = requestOrder(weights);
    expect(order).toHaveLength(10);
    weights.forEach((weight, request) => {
      const places = [...order.keys()].filter((at) => order[at] === request);
      expect(places).toHaveLength(weight / 10);
      const twice = [...places, ...places.map((place) => place + order.length)];
      const gaps = twice.slice(1, places.length + 1).map((place, at) => place - (twice[at] ?? 0));
      expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(2);
    });
  });

  test('the order of a mix leaves no request out, however unequal the weights are', () => {
    const order = requestOrder([9999, 9998, 9997, 1]);
    expect(order.length).toBeLessThan(10_010);
    expect(new Set(order)).toEqual(new Set([0, 1, 2, 3]));
  });
});
