/** The two-sided 95 % quantile of the normal distribution. */
export const NORMAL_QUANTILE = 1.959963984540054;

/**
 * The two-sided 95 % quantile of Student's t: 95 % of all values lie between minus this and this.
 *
 * @param degreesOfFreedom at least 1; need not be a whole number, and may be infinite
 * @see Hill, "Algorithm 396: Student's t-quantiles", CACM 13 (1970)
 */
export function studentQuantile(degreesOfFreedom: number): number {
  if (degreesOfFreedom === Number.POSITIVE_INFINITY) return NORMAL_QUANTILE;
  const tails = 0.05;
  if (degreesOfFreedom <= 1) return Math.tan((Math.PI / 2) * (1 - tails));
  if (degreesOfFreedom === 2) return Math.sqrt(2 / (tails * (2 - tails)) - 2);
  const n = degreesOfFreedom;
  const a = 1 / (n - 0.5);
  const b = (48 / a) * (1 / a);
  let c = ((20700 * a) / b - 98) * a - 16;
  c = c * a + 96.36;
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * n;
  let y = (d * tails) ** (2 / n);
  if (y > 0.05 + a) {
    const x = -NORMAL_QUANTILE;
    y = x * x;
    if (n < 5) c += 0.3 * (n - 4.5) * (x + 0.6);
    c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c;
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
    y = a * y * y;
    y = y > 0.002 ? Math.expm1(y) : 0.5 * y * y + y;
  } else {
    y =
      ((1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)) * y - 1) *
        ((n + 1) / (n + 2)) +
      1 / y;
  }
  return Math.sqrt(n * y);
}
