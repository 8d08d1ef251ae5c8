import { groupThousands } from '../../model/number-text.ts';

const LANGUAGES: Readonly<Record<string, string>> = {
  go: 'Go',
  node: 'Node',
  python: 'Python',
  rust: 'Rust',
};

/** A run's name in a sentence: `Rust`, `Python 512 MB`. The user's own runtimes keep their labels. */
export function spokenName(name: string): string {
  const [runtime = '', ...rest] = name.split(' ');
  return [LANGUAGES[runtime] ?? runtime, ...rest].join(' ');
}

/** `a`, `a and b`, `a, b and c`; with another word for the last join, `a, b or c`. */
export function listText(items: readonly string[], join = 'and'): string {
  return items.length < 2
    ? items.join('')
    : `${items.slice(0, -1).join(', ')} ${join} ${items[items.length - 1]}`;
}

const NUMBERS = ['no', 'one', 'two', 'three', 'four'];

/** `all four routes`, `both routes`, or the names of some. */
export function routesText(routes: readonly string[], all: readonly string[]): string {
  if (routes.length < 2 || routes.length < all.length) return listText(routes);
  return all.length === 2 ? 'both routes' : `all ${NUMBERS[all.length] ?? all.length} routes`;
}

/** `1.5 to 3.4 times as fast as`, or `3.4 times as fast as` if both ends have the same text. */
export function timesText(ratios: readonly number[]): string {
  const [low, high] = [spokenRatio(Math.min(...ratios)), spokenRatio(Math.max(...ratios))];
  return low === high ? `${low} times as fast as` : `${low} to ${high} times as fast as`;
}

/**
 * Formats with two digits: `46`, `3.4`. Values close to 1 get three, because two would hide the difference: `1.03`.
 */
function spokenRatio(ratio: number): string {
  if (ratio >= 9.95) return groupThousands(ratio);
  return ratio.toFixed(ratio < 1.095 ? 2 : 1);
}
