import type { Round } from '../../model/run.ts';

/** The facts that determine the round of a row. */
type Turn = Pick<Round, 'index' | 'startEpochMs' | 'endEpochMs'> & {
  readonly accounting: Pick<Round['accounting'], 'reachedLambda'>;
};

/**
 * The round of each row of a run, by the start of its invocation (epoch ms, server time). Each round of a run ends
 * before the next starts. So if the number of rows is known exactly for every round, and their sum is the number of
 * rows, the rows in the order of their starts are divided by these counts. Otherwise a row belongs to the round whose
 * time is nearest, because the clocks of client and server agree only to about a second.
 */
export function roundsOfRows(startEpochMs: ArrayLike<number>, rounds: readonly Turn[]): number[] {
  const turns = [...rounds].sort((a, b) => a.startEpochMs - b.startEpochMs);
  const [first, ...others] = turns;
  if (first === undefined) return Array.from(startEpochMs, () => 1);
  if (others.length === 0) return Array.from(startEpochMs, () => first.index);
  const counts = turns.map(({ accounting: { reachedLambda } }) =>
    reachedLambda.min === reachedLambda.max ? reachedLambda.min : Number.NaN,
  );
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total === startEpochMs.length ? byCount(startEpochMs, turns, counts) : byTime(startEpochMs, turns);
}

function byCount(startEpochMs: ArrayLike<number>, turns: readonly Turn[], counts: readonly number[]) {
  const order = Array.from(startEpochMs, (_, row) => row);
  order.sort((a, b) => (startEpochMs[a] ?? 0) - (startEpochMs[b] ?? 0));
  const rounds = new Array<number>(order.length).fill(0);
  let at = 0;
  for (const [place, turn] of turns.entries()) {
    const end = at + (counts[place] ?? 0);
    for (; at < end; at++) rounds[order[at] ?? 0] = turn.index;
  }
  return rounds;
}

function byTime(startEpochMs: ArrayLike<number>, turns: readonly Turn[]) {
  /** Halfway from the end of one turn to the start of the next. */
  const borders = turns
    .slice(1)
    .map((next, place) => ((turns[place]?.endEpochMs ?? next.startEpochMs) + next.startEpochMs) / 2);
  return Array.from(startEpochMs, (start) => {
    const place = borders.findIndex((border) => start < border);
    return (turns[place === -1 ? turns.length - 1 : place] ?? turns[0])?.index ?? 1;
  });
}
