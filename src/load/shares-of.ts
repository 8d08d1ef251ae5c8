/** Divides a whole into nearly equal parts, the larger ones first. */
export function sharesOf(whole: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, at) => Math.floor(whole / parts) + (at < whole % parts ? 1 : 0));
}
