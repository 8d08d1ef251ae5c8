import type { LoadPlan, RateStage } from '../../model/run.ts';

/** The members of a plan that are added over machines. All other members must be equal on all machines. */
type Summed = 'parallel' | 'calls' | 'durationMs' | 'stages' | 'warmup' | 'startAt' | 'threads';

/** The members of a plan that must be equal in all parts of one load. */
function commonPart(plan: LoadPlan): Omit<LoadPlan, Summed> {
  const { parallel, calls, durationMs, stages, warmup, startAt, threads, ...common } = plan;
  return common;
}

/**
 * The name of the first member because of which two plans cannot be parts of one load. Undefined if they can.
 * Connections, calls, rates, threads and the first tattoo may differ. The stages of an open loop must have the same
 * lengths.
 */
export function planDifference(a: LoadPlan, b: LoadPlan): string | undefined {
  const [left, right]: Readonly<Record<string, unknown>>[] = [{ ...commonPart(a) }, { ...commonPart(b) }];
  const names = [...new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})])];
  const differing = names.find((name) => JSON.stringify(left?.[name]) !== JSON.stringify(right?.[name]));
  if (differing !== undefined) return differing;
  const lengths = ({ stages = [] }: LoadPlan) => stages.map(({ durationMs }) => durationMs).join();
  return lengths(a) === lengths(b) ? undefined : 'stages';
}

/**
 * The plan of several loads together: the sums of connections, calls, threads and rates, the longest time, and the
 * smallest first tattoo. `planDifference` must find no difference between the given plans.
 */
export function mergePlans(plans: readonly [LoadPlan, ...LoadPlan[]]): LoadPlan {
  const [first] = plans;
  const calls = sumOrUndefined(plans.map((plan) => plan.calls));
  const durationMs = longest(plans.map((plan) => plan.durationMs));
  const stages = mergeStages(plans);
  const warmupCalls = sumOrUndefined(plans.map(({ warmup }) => warmup?.calls));
  const warmupMs = longest(plans.map(({ warmup }) => warmup?.durationMs));
  const [startAt = 0n] = plans.map((plan) => BigInt(plan.startAt)).sort((a, b) => (a < b ? -1 : 1));
  return {
    ...commonPart(first),
    parallel: sum(plans.map((plan) => plan.parallel)),
    ...(calls === undefined ? {} : { calls }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(stages === undefined ? {} : { stages }),
    ...(plans.every(({ warmup }) => warmup === undefined)
      ? {}
      : {
          warmup: {
            ...(warmupCalls === undefined ? {} : { calls: warmupCalls }),
            ...(warmupMs === undefined ? {} : { durationMs: warmupMs }),
          },
        }),
    startAt: startAt.toString(),
    threads: sum(plans.map((plan) => plan.threads)),
  };
}

function mergeStages(plans: readonly LoadPlan[]): readonly RateStage[] | undefined {
  return plans[0]?.stages?.map((stage, at) => ({
    durationMs: stage.durationMs,
    fromPerSecond: sum(plans.map(({ stages }) => stages?.[at]?.fromPerSecond ?? 0)),
    toPerSecond: sum(plans.map(({ stages }) => stages?.[at]?.toPerSecond ?? 0)),
  }));
}

/** The sum, if every machine has a value. Undefined if one has none, because the total is then not planned. */
function sumOrUndefined(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? sum(known) : undefined;
}

function longest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
