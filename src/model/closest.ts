/** Common other words for the names that shedbench uses. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  x64: 'x86_64',
  'x86-64': 'x86_64',
  x86: 'x86_64',
  aarch64: 'arm64',
  arm: 'arm64',
  graviton: 'arm64',
  nodejs: 'node',
  js: 'node',
  javascript: 'node',
  typescript: 'node',
  py: 'python',
  python3: 'python',
  rs: 'rust',
  golang: 'go',
  md: 'markdown',
  text: 'table',
  txt: 'table',
  htm: 'html',
};

/** A word counts as mistyped up to this share of different letters. */
const MOST_DIFFERENT = 0.4;

/**
 * The known word that was probably meant: the one with this other name, otherwise the one that differs in the fewest
 * letters.
 */
export function closest(word: string, known: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  const other = OTHER_WORDS[typed] ?? typed;
  if (known.includes(other)) return other;
  const [nearest] = known
    .map((candidate) => ({ candidate, edits: editsBetween(typed, candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(typed.length, candidate.length) * MOST_DIFFERENT)
    .sort((a, b) => a.edits - b.edits);
  return nearest?.candidate;
}

/** ` Did you mean node?`, with a space before it. Empty if no known word is close. */
export function didYouMean(word: string, known: readonly string[]): string {
  const meant = closest(word, known);
  return meant === undefined ? '' : ` Did you mean ${meant}?`;
}

/**
 * How many letters must be inserted, deleted, replaced, or swapped with their neighbour to turn one word into the
 * other.
 * @see https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance (optimal string alignment)
 */
function editsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          replaced,
          (last[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          isSwap ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
