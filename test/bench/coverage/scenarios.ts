import { QUIET, type World } from './simulate-bench.ts';

export interface Scenario {
  readonly name: string;
  readonly world: World;
}

const LAMBDA_HOSTS = 1.4;
const QUICK_STATE = { deviation: 0.15, correlation: 0.3 };

/** The worlds in which an interval of two functions of one bench must keep its promise. */
export const PAIRED_SCENARIOS: readonly Scenario[] = [
  { name: 'quiet machine', world: QUIET },
  { name: 'heavy tails (3 % outliers)', world: { ...QUIET, outliers: 0.03 } },
  { name: 'linear drift, 0.5 % a turn', world: { ...QUIET, drift: 0.005 } },
  { name: 'random walk, 2 % a turn', world: { ...QUIET, walk: 0.02 } },
  {
    name: 'autocorrelated machine (5 %, 0.8 from turn to turn)',
    world: { ...QUIET, state: { deviation: 0.05, correlation: 0.8 } },
  },
  {
    name: 'the same, one side feels it 20 % more',
    world: { ...QUIET, state: { deviation: 0.05, correlation: 0.8 }, sensitivity: 0.1 },
  },
  { name: 'a neighbour in 10 % of rounds', world: { ...QUIET, disturbed: 0.1 } },
  { name: 'a neighbour in 30 % of rounds', world: { ...QUIET, disturbed: 0.3 } },
  { name: 'unequal counts', world: { ...QUIET, unequalCounts: true, outliers: 0.03 } },
  {
    name: 'hosts ×1.2, 40 environments throughout',
    world: { ...QUIET, environments: { count: 40, perRound: false }, hostRange: 1.2 },
  },
  {
    name: 'hosts ×1.4, 40 environments throughout',
    world: { ...QUIET, environments: { count: 40, perRound: false }, hostRange: LAMBDA_HOSTS },
  },
  {
    name: 'hosts ×1.1, 4 environments throughout',
    world: { ...QUIET, environments: { count: 4, perRound: false }, hostRange: 1.1 },
  },
  {
    name: 'hosts ×1.4, 4 environments throughout',
    world: { ...QUIET, environments: { count: 4, perRound: false }, hostRange: LAMBDA_HOSTS },
  },
  {
    name: 'hosts ×1.4, one new environment each round',
    world: { ...QUIET, environments: { count: 1, perRound: true }, hostRange: LAMBDA_HOSTS },
  },
  {
    name: 'hosts ×1.4, 10 new environments each round',
    world: { ...QUIET, environments: { count: 10, perRound: true }, hostRange: LAMBDA_HOSTS },
  },
  {
    name: 'all of it: hosts ×1.4, 40 environments, walk, tails, unequal counts',
    world: {
      ...QUIET,
      environments: { count: 40, perRound: false },
      hostRange: LAMBDA_HOSTS,
      walk: 0.01,
      outliers: 0.03,
      unequalCounts: true,
    },
  },
];

function piecesText(slices: number): string {
  return slices === 1 ? 'one piece' : `${slices} slices`;
}

/** A machine whose speed changes quickly, met with the same rows in one piece a round and in slices. */
export const SLICED_SCENARIOS: readonly Scenario[] = [
  ...[1, 2, 5].map((slices) => ({
    name: `machine (15 %, 0.3 from turn to turn), ${piecesText(slices)}`,
    world: { ...QUIET, state: QUICK_STATE, slices },
  })),
  ...[1, 2, 5].map((slices) => ({
    name: `the same, one side feels it 20 % more, ${piecesText(slices)}`,
    world: { ...QUIET, state: QUICK_STATE, sensitivity: 0.1, slices },
  })),
  ...[1, 2, 5].map((slices) => ({
    name: `random walk, 5 % a turn, ${piecesText(slices)}`,
    world: { ...QUIET, walk: 0.05, slices },
  })),
];

/** Worlds in which it does not hold: nothing in a bench shows that its rounds are alike in what they got wrong. */
export const UNPROMISED_SCENARIOS: readonly Scenario[] = [
  {
    name: 'machine (5 %, 0.6 from turn to turn), one side feels it 50 % more',
    world: { ...QUIET, state: { deviation: 0.05, correlation: 0.6 }, sensitivity: 0.2 },
  },
  {
    name: 'machine (10 %, 0.8 from turn to turn), one side feels it 50 % more',
    world: { ...QUIET, state: { deviation: 0.1, correlation: 0.8 }, sensitivity: 0.2 },
  },
];
