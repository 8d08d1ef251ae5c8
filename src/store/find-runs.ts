import { usageError } from '../errors.ts';
import { didYouMean } from '../model/closest.ts';
import type { RunRecord } from '../model/run.ts';

/** How many candidates an error names. */
const MOST_NAMED = 5;

/**
 * The runs that a word selects: `latest` or `previous` (the newest bench or load, and the one before it that loaded
 * some of the same functions), a name (`--name`), an id of a run or a bench, or the beginning of an id.
 *
 * @param all all runs, the oldest first
 * @throws usageError `no-such-run`, `several-runs`
 */
export function findRuns(all: readonly RunRecord[], word: string): readonly RunRecord[] {
  const newest = all.at(-1);
  if (newest === undefined) throw noSuchRun(all, word);
  if (word === 'latest') return ofBench(all, newest.benchId);
  if (word === 'previous') return previousOf(all, newest.benchId);
  const exact = all.filter((run) => run.id === word || run.benchId === word);
  if (exact.length > 0) return exact;
  const named = all.findLast(({ name }) => name === word);
  if (named !== undefined) return ofBench(all, named.benchId);
  const begun = all.filter(({ id, benchId }) => id.startsWith(word) || benchId.startsWith(word));
  const benches = [...new Set(begun.map(({ benchId }) => benchId))];
  if (benches.length === 0) throw noSuchRun(all, word);
  if (benches.length === 1) return begun;
  throw usageError(
    'several-runs',
    `'${word}' is the beginning of ${benches.length} benches: ${benches.slice(-MOST_NAMED).join(', ')}.`,
    'Type more characters of its id',
  );
}

function ofBench(all: readonly RunRecord[], benchId: string): RunRecord[] {
  return all.filter((run) => run.benchId === benchId);
}

function previousOf(all: readonly RunRecord[], latestId: string): RunRecord[] {
  const functions = new Set(ofBench(all, latestId).map(functionOf));
  const previous = all.findLast((run) => run.benchId !== latestId && functions.has(functionOf(run)));
  if (previous !== undefined) return ofBench(all, previous.benchId);
  throw usageError(
    'no-such-run',
    'There is no bench or load before the latest that loaded one of the same functions.',
    'shedbench runs',
  );
}

function functionOf({ runtime, route }: RunRecord): string {
  return `${runtime} ${route}`;
}

function noSuchRun(all: readonly RunRecord[], word: string) {
  const known = [
    ...new Set(all.flatMap(({ name, benchId }) => (name === undefined ? [benchId] : [name, benchId]))),
  ];
  return usageError(
    'no-such-run',
    `There is no run or bench '${word}'.${didYouMean(word, known)}`,
    'shedbench runs',
  );
}
