/** Line patterns distinguish the runtimes where colours do not. Lengths in CSS pixels: line, gap, line, gap. */
const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3], [14, 4], [4, 2, 1, 2]];
const COLORS = 6;

/** The value of a colour variable of the style sheet in the current theme. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The colour of the n-th name. */
export function color(index: number): string {
  return token(`--series-${(index % COLORS) + 1}`);
}

/** The pattern of the n-th name. */
export function dash(index: number): number[] {
  return [...(DASHES[index % DASHES.length] ?? [])];
}

/** A line's colour and pattern as a CSS background, for the legend. */
export function swatch(index: number): string {
  const stops: string[] = [];
  let at = 0;
  dash(index).forEach((length, place) => {
    stops.push(`${place % 2 === 0 ? color(index) : 'transparent'} ${at}px ${at + length}px`);
    at += length;
  });
  return stops.length === 0 ? color(index) : `repeating-linear-gradient(90deg, ${stops.join(', ')})`;
}
