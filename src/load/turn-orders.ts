/**
 * Orders of `count` runtimes for successive rounds, each a permutation of 0 to `count - 1`. Over all of them together
 * every runtime has every place equally often, and directly follows every other runtime equally often: a Williams
 * design, which is a Latin square balanced for first-order carry-over. It has `count` orders where `count` is even, and
 * twice as many where it is odd: then each order is followed by its mirror image.
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
