import { turnOrders } from '../../../src/load/turn-orders.ts';
import type { Observation } from '../../../src/report/statistics/estimate.ts';
import { drawNormal, type Random } from '../../../src/report/statistics/random-draws.ts';

/** A world in which benches take place. All speeds are logarithms: 0.1 is about 10 % slower. */
export interface World {
  /** Rows per round and side. */
  readonly rows: number;
  /** Into how many slices a side's rows of a round are cut; the sides take turns slice by slice. */
  readonly slices: number;
  /** Standard deviation between the rows of one environment in one round. */
  readonly rowDeviation: number;
  /** Share of rows that are outliers: longer by a factor that is Pareto distributed (×1.5 typically, one in a hundred ×6). */
  readonly outliers: number;
  /** Whether the second side has about half of the rows of the first, and both vary by half from round to round. */
  readonly unequalCounts: boolean;
  /** How much slower the machine gets with each turn, which is as long as a round of one side in one piece. */
  readonly drift: number;
  /** Standard deviation of the random walk of the machine's speed, per turn. */
  readonly walk: number;
  /** The machine's state: its standard deviation, and its correlation from turn to turn. */
  readonly state: { readonly deviation: number; readonly correlation: number };
  /** How much more than average the second side feels the machine's state, and how much less the first. */
  readonly sensitivity: number;
  /** Share of rounds in which a neighbour slows each side by 0 to 50 %, each by its own amount. */
  readonly disturbed: number;
  /**
   * The environments of a side: so many that serve all rounds, or that each round has anew. Their hosts differ by up
   * to the factor `hostRange`, evenly on the log scale.
   */
  readonly environments: { readonly count: number; readonly perRound: boolean };
  readonly hostRange: number;
  /** Standard deviation between benches at different times. */
  readonly benchDeviation: number;
}

export const QUIET: World = {
  rows: 50,
  slices: 1,
  rowDeviation: 0.15,
  outliers: 0,
  unequalCounts: false,
  drift: 0,
  walk: 0,
  state: { deviation: 0, correlation: 0 },
  sensitivity: 0,
  disturbed: 0,
  environments: { count: 4, perRound: false },
  hostRange: 1,
  benchDeviation: 0,
};

/** Mean of the logarithm of an outlier's factor: a Pareto distribution with the exponent 2.5. */
const OUTLIER_LOG_MEAN = 0.4;

/** One bench: the observations of two functions that took turns, the second `slower` (a factor) than the first. */
export function simulateBench(
  world: World,
  rounds: number,
  slower: number,
  random: Random,
): readonly [Observation[], Observation[]] {
  const machine = machineOf(world, random);
  const sides: [Observation[], Observation[]] = [[], []];
  const hosts = sides.map(() => new Map<number, number>());
  const orders = turnOrders(2, world.slices);
  for (let round = 1; round <= rounds; round++) {
    const isDisturbed = random() < world.disturbed;
    for (const side of turnsOf(round, orders, world.slices)) {
      const sensitivity = 1 + (side === 0 ? -1 : 1) * world.sensitivity;
      const speed =
        machine() * sensitivity + (isDisturbed ? random() * 0.5 : 0) + (side === 1 ? Math.log(slower) : 0);
      const rows = world.rows / world.slices;
      const count = world.unequalCounts
        ? Math.max(1, Math.round(rows * (side === 1 ? 0.5 : 1) * (0.5 + random())))
        : rows;
      for (let row = 0; row < count; row++) {
        const { count: among, perRound } = world.environments;
        const environment = Math.floor(random() * among) + (perRound ? round * among : 0);
        sides[side]?.push({
          round,
          environment,
          value: Math.exp(speed + hostOf(hosts[side], environment, world, random) + noise(world, random)),
        });
      }
    }
  }
  return sides;
}

/** The sides in the order of their turns in a round, from 1, as `playRounds` plays them. */
function turnsOf(round: number, orders: ReturnType<typeof turnOrders>, slices: number): number[] {
  return Array.from(
    { length: slices },
    (_, slice) => orders[((round - 1) * slices + slice) % orders.length] ?? [],
  ).flat();
}

/** The cold starts of two functions in the first round of a bench, one per environment. */
export function simulateColdStarts(
  world: World,
  counts: readonly [number, number],
  random: Random,
): readonly [Observation[], Observation[]] {
  const machine = machineOf(world, random);
  const side = (count: number): Observation[] => {
    const moment = machine();
    return Array.from({ length: count }, (_, environment) => ({
      round: 1,
      environment,
      value: Math.exp(moment + random() * Math.log(world.hostRange) + noise(world, random)),
    }));
  };
  return [side(counts[0]), side(counts[1])];
}

/**
 * The standard deviation between benches that the first side's rounds do not show, since the machine's state in one
 * round resembles that in another: the root of the mean covariance of two rounds.
 */
export function hiddenDeviation({ state }: World, rounds: number): number {
  const orders = turnOrders(2, 1);
  const turn = (round: number) => 2 * round + (orders[(round - 1) % orders.length]?.indexOf(0) ?? 0);
  let total = 0;
  for (let a = 1; a <= rounds; a++) {
    for (let b = 1; b <= rounds; b++) if (a !== b) total += state.correlation ** Math.abs(turn(a) - turn(b));
  }
  return state.deviation * Math.sqrt(total / (rounds * (rounds - 1)));
}

/** The machine's log speed, turn by turn or slice by slice. */
function machineOf(world: World, random: Random): () => number {
  const { deviation } = world.state;
  const turns = 1 / world.slices;
  const correlation = world.state.correlation ** turns;
  let state = deviation * drawNormal(random);
  let speed = world.benchDeviation * drawNormal(random);
  return () => {
    speed += world.drift * turns + world.walk * Math.sqrt(turns) * drawNormal(random);
    state = correlation * state + Math.sqrt(1 - correlation ** 2) * deviation * drawNormal(random);
    return speed + state;
  };
}

function hostOf(hosts: Map<number, number> | undefined, environment: number, world: World, random: Random) {
  const known = hosts?.get(environment);
  if (known !== undefined) return known;
  const drawn = random() * Math.log(world.hostRange);
  hosts?.set(environment, drawn);
  return drawn;
}

function noise(world: World, random: Random): number {
  const outlier = random() < world.outliers ? -OUTLIER_LOG_MEAN * Math.log(1 - random()) : 0;
  return world.rowDeviation * drawNormal(random) + outlier;
}
