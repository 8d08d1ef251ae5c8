/**
 * Orders of `count` runtimes for successive rounds. Each is a permutation of 0 to `count - 1`. Over all orders
 * together, every runtime is equally often in every place, and directly follows every other runtime equally often. It
 * is a Williams design: a Latin square that is balanced for first-order carry-over. It has `count` orders if `count` is
 * even. If it is odd, it has twice as many, because each order is followed by its mirror image.
 *
 * @see Williams, E. J. (1949), Experimental designs balanced for the estimation of residual effects of treatments
 */
export function turnOrders(count: number): readonly (readonly number[])[] {
  // 0, 1, n-1, 2, n-2, …: the differences between neighbours are all distinct modulo n.
  const first = Array.from({ length: count }, (_, place) =>
    place % 2 === 1 ? (place + 1) / 2 : (count - place / 2) % count,
  );
  const orders = Array.from({ length: count }, (_, shift) => first.map((each) => (each + shift) % count));
  if (count % 2 === 0 || count === 1) return orders;
  return orders.flatMap((order) => [order, order.toReversed()]);
}
