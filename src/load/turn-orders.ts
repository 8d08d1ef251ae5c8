/**
 * Orders of two runtimes whose rounds are played in one piece: A B, B A, B A, A B. Where A B is followed by B A, the
 * neighbouring turns of two rounds belong to the same runtime. A state of the machine that lasts for two turns then
 * changes the ratios of both rounds alike, so that intervals that take rounds as independent would be too narrow. Where
 * B A is followed by B A, it changes them in opposite directions. Both happen equally often, and over every even number
 * of rounds each runtime is first equally often.
 */
const PAIR_ORDERS: readonly (readonly number[])[] = [
  [0, 1],
  [1, 0],
  [1, 0],
  [0, 1],
];

/**
 * Orders of `count` runtimes for successive turns. `slices` is the number of slices of a round. The orders are those of
 * `balancedOrders`, except for two runtimes whose rounds are played in one piece.
 */
export function turnOrders(count: number, slices: number): readonly (readonly number[])[] {
  return count === 2 && slices === 1 ? PAIR_ORDERS : balancedOrders(count);
}

/**
 * Orders of `count` runtimes. Each is a permutation of 0 to `count - 1`. Over all orders
 * together, every runtime is equally often in every place, and directly follows every other runtime equally often. It
 * is a Williams design: a Latin square that is balanced for first-order carry-over. It has `count` orders if `count` is
 * even. If it is odd, it has twice as many, because each order is followed by its mirror image.
 *
 * @see Williams, E. J. (1949), Experimental designs balanced for the estimation of residual effects of treatments
 */
function balancedOrders(count: number): readonly (readonly number[])[] {
  // 0, 1, n-1, 2, n-2, …: the differences between neighbours are all distinct modulo n.
  const first = Array.from({ length: count }, (_, place) =>
    place % 2 === 1 ? (place + 1) / 2 : (count - place / 2) % count,
  );
  const orders = Array.from({ length: count }, (_, shift) => first.map((each) => (each + shift) % count));
  if (count % 2 === 0 || count === 1) return orders;
  return orders.flatMap((order) => [order, order.toReversed()]);
}
