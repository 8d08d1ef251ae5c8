/**
 * Evaluates A(m, n) by its rewriting rules, one rule at a time:
 *
 * - A(0, n) = n + 1
 * - A(m, 0) = A(m − 1, 1)
 * - A(m, n) = A(m − 1, A(m, n − 1))
 *
 * `m` and `n` are the arguments of the innermost call. The calls around it wait for its value as their second argument;
 * the stack holds their first arguments, which fit into a byte. There is no closed form and no cache, because this is
 * the CPU benchmark.
 */
export function ackermann(m: number, n: number): number {
  let waiting = new Uint8Array(4096);
  let depth = 0;
  for (;;) {
    if (m === 0) {
      n += 1;
      if (depth === 0) return n;
      depth -= 1;
      m = waiting[depth] as number;
    } else if (n === 0) {
      m -= 1;
      n = 1;
    } else {
      if (depth === waiting.length) waiting = doubled(waiting);
      waiting[depth] = m - 1;
      depth += 1;
      n -= 1;
    }
  }
}

function doubled(stack: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(stack.length * 2);
  larger.set(stack);
  return larger;
}
