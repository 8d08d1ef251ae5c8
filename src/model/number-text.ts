/**
 * A number rounded to a whole one, with commas between thousands: `1,234`. By hand, since `Intl.NumberFormat` brings
 * 7 MB of locale data into a process whose whole memory is a published figure.
 */
export function groupThousands(value: number): string {
  const digits = String(Math.round(Math.abs(value)));
  const sign = value < 0 && digits !== '0' ? '-' : '';
  return sign + digits.replace(/\B(?=(?:\d{3})+$)/g, ',');
}
