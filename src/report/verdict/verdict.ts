import { counted, formatAmount, formatUsd, groupThousands } from '../../model/number-text.ts';
import type { CostRow, Standing, Temperature } from '../../model/report.ts';
import { inBenchOrder, isRoute } from '../../model/route.ts';
import { runName } from '../../model/run-name.ts';
import type { Findings, NamedFindings } from './findings.ts';
import { forecastSentence } from './forecast-sentence.ts';
import { leftOutReason } from './left-out.ts';
import { doubtText } from './machine-doubt.ts';
import { usableMedian } from './pair-runs.ts';
import { sweepSentence } from './sweep-sentence.ts';
import { untoldItems } from './untold.ts';
import { listText, routesText, spokenName, timesText } from './words.ts';

const MOST_SENTENCES = 6;
/** The largest number of items in one sentence. */
const MOST_ITEMS = 3;

/**
 * The report in at most six sentences: what is fastest warm, what is fastest cold, what a million calls cost, how
 * certain that is, what could not be decided, and which runs are left out. For runs on the local cloud the last
 * sentence gives Lambda's expected durations and cost, and the cost at this machine's speed is left out.
 */
export function verdictOf(findings: Findings): string[] {
  const { runs, sweep } = findings;
  const isSweep = sweep !== undefined;
  const names = new Map(
    runs.map((run) => {
      const siblings = runs.filter(({ route }) => route === run.route);
      // With several settings this sentence compares runtimes. The memory sizes have their own sentence.
      const name = isSweep ? run.runtime : runName(run, siblings);
      return [run.runId, spokenName(name)];
    }),
  );
  const named: NamedFindings = {
    ...findings,
    routes: inBenchOrder(runs.map(({ route }) => route)),
    nameOf: (runId) => names.get(runId) ?? runId,
  };
  const forecast = forecastSentence(findings.forecast, findings.cost, named.nameOf);
  const sentences = [
    speedSentence(named, 'warm'),
    speedSentence(named, 'cold'),
    // If there is a forecast, it gives the cost on Lambda.
    isSweep ? sweepSentence(sweep) : forecast === undefined ? costSentence(named) : undefined,
    sureSentence(named),
    untoldSentence(named),
    leftOutSentence(named),
    forecast,
  ].filter((sentence) => sentence !== undefined);
  if (sentences.length <= MOST_SENTENCES) return sentences;
  // One line for what could not be told and what is left out makes room for the forecast.
  const [untold = '', leftOut = '', last = ''] = sentences.slice(-3);
  return [...sentences.slice(0, -3), `${untold} ${leftOut}`, last];
}

const HEADS: Readonly<Record<Temperature, string>> = { warm: 'Warm', cold: 'Cold' };

function speedSentence(findings: NamedFindings, temperature: Temperature): string | undefined {
  const { standings, routes, nameOf } = findings;
  const own = standings.filter((standing) => standing.temperature === temperature);
  // With several settings the sentence about memory gives the times of a single runtime.
  if (own.length === 0)
    return findings.sweep === undefined ? medianSentence(findings, temperature) : undefined;
  const decided = own.filter(({ isDecided }) => isDecided);
  const isCertain = decided.length > 0;
  const shown = isCertain ? decided : own.filter(({ rivals }) => rivals.every(({ interval }) => !interval));
  const winners = groupBy(shown, ({ bestRunId }) => nameOf(bestRunId));
  const place = (of: readonly Standing[]) => routesText([...new Set(of.map(({ route }) => route))], routes);
  const narrowed = narrowedClauses(own, nameOf, place);
  const [first, ...others] = winners;
  if (first === undefined || (!isCertain && narrowed.length > 0)) {
    return narrowed.length === 0 ? undefined : `${HEADS[temperature]}, ${narrowed.join('; ')}.`;
  }
  const clause = ([name, of]: readonly [string, readonly Standing[]], verb: string) =>
    `${name}${verb} on ${place(of)} (${timesText(of.map(({ rivals }) => rivals[0]?.ratio ?? 1))} the next)`;
  const verb = isCertain ? ' is fastest' : ' has the lowest median';
  const text =
    others.length === 0
      ? `${first[0]}${verb} on ${place(first[1])}: ${rangesText(first[1], nameOf)}`
      : listText([clause(first, verb), ...others.map((winner) => clause(winner, ''))]);
  return `${HEADS[temperature]}, ${[text, ...narrowed].join('; ')}${isCertain ? '' : ', which is not certain yet'}.`;
}

/**
 * `Go or Rust is fastest on cat: 3.3 times as fast as Node`. For routes on which several runs may be the fastest: these
 * runs, and their lead over the others. One clause for each group of runs. Empty if there are no others.
 */
function narrowedClauses(
  standings: readonly Standing[],
  nameOf: NamedFindings['nameOf'],
  place: (of: readonly Standing[]) => string,
): string[] {
  const narrowed = standings.filter(
    ({ isDecided, rivals }) => !isDecided && rivals.some(({ verdict }) => verdict === 'faster'),
  );
  const byRunners = groupBy(narrowed, ({ bestRunId, rivals }) => {
    const close = rivals.filter(({ verdict }) => verdict !== 'faster');
    return listText([bestRunId, ...close.map(({ runId }) => runId)].map(nameOf).sort(), 'or');
  });
  return byRunners.map(([runners, of]) => {
    const behind = of.map((standing) => ({
      ...standing,
      rivals: standing.rivals.filter(({ verdict }) => verdict === 'faster'),
    }));
    return `${runners} is fastest on ${place(of)}: ${rangesText(behind, nameOf)}`;
  });
}

/** `1.5 to 3.4 times as fast as Node, 2.4 to 47 times as fast as Python`. */
function rangesText(standings: readonly Standing[], nameOf: NamedFindings['nameOf']): string {
  const rivals = groupBy(
    standings.flatMap((standing) => standing.rivals),
    ({ runId }) => nameOf(runId),
  );
  return listText(
    rivals.map(([name, of]) => `${timesText(of.map(({ ratio }) => ratio))} ${name}`).slice(0, MOST_ITEMS),
  );
}

/** The sentence of a report with nothing to compare: the time of each route. */
function medianSentence({ runs, nameOf }: NamedFindings, temperature: Temperature): string | undefined {
  const measured = runs.flatMap((run) => {
    const median = usableMedian(run, temperature);
    return median === undefined ? [] : [{ run, median }];
  });
  const byName = groupBy(measured, ({ run }) => nameOf(run.runId));
  const [only, ...others] = byName;
  if (only === undefined || others.length > 0) return undefined;
  const [name, of] = only;
  return `${HEADS[temperature]}, ${name} takes ${listText(
    of.map(({ run, median }) => `${formatAmount(median)} ms on ${run.route}`),
  )} at the median.`;
}

function costSentence({ cost, routes, target, nameOf }: NamedFindings): string | undefined {
  if (cost.state === 'unpriced') return undefined;
  const priced = groupBy(cost.rows, ({ runId }) => nameOf(runId));
  const onRoute = (route: string) => priced.filter(([, rows]) => rows.some((row) => row.route === route));
  const [fullest] = routes.toSorted((a, b) => onRoute(b).length - onRoute(a).length);
  if (priced.length === 0 || fullest === undefined) return undefined;
  const common = routes.filter((route) => onRoute(route).length === priced.length);
  // If no route has a price for every name, the route with the most of them is described.
  const [shared, byName] = common.length > 0 ? [common, priced] : [[fullest], onRoute(fullest)];
  const mean = (rows: readonly CostRow[], value: (row: CostRow) => number) => {
    const own = rows.filter(({ route }) => shared.includes(route));
    return own.reduce((sum, row) => sum + value(row), 0) / own.length;
  };
  const sums = byName
    .map(([name, rows]) => ({
      name,
      total: mean(rows, ({ totalUsd }) => totalUsd),
      compute: mean(rows, ({ lambdaComputeUsd }) => lambdaComputeUsd),
    }))
    .sort((a, b) => a.total - b.total);
  // A run of a shed's route is named by its language, any other run by its function.
  const join = shared.every(isRoute) ? 'in' : 'for';
  const totals = listText(sums.map(({ name, total }) => `${formatUsd(total)} ${join} ${name}`));
  const compute = listText(sums.map((sum) => formatUsd(sum.compute)));
  const where = shared.length > 1 ? `, averaged over ${routesText(shared, routes)}` : ` on ${shared[0]}`;
  const head =
    target.kind === 'aws'
      ? 'A million calls cost'
      : 'If Lambda took as long as this machine, a million calls would cost';
  return `${head} ${totals}${where}; compute alone is ${compute}.`;
}

function sureSentence({ runs, target, machineDoubt }: NamedFindings): string | undefined {
  const measured = runs.flatMap(({ server }) => (server.state === 'measured' ? [server] : []));
  if (measured.length === 0) return undefined;
  const rounds = runs.map((run) => run.rounds.filter(({ index }) => index > 0).length);
  const [fewest, most] = [Math.min(...rounds), Math.max(...rounds)];
  const environments = measured.reduce(
    (sum, { samples }) => sum + (samples === undefined ? 0 : new Set(samples.environment).size),
    0,
  );
  const total = (value: (side: (typeof measured)[number]) => number) =>
    measured.reduce((sum, side) => sum + value(side), 0);
  const found = total(({ completeness }) => completeness.found - completeness.foreign);
  const expected = total(({ completeness }) => completeness.expected?.max ?? 0);
  const isCounted = measured.every(({ completeness }) => completeness.expected !== undefined);
  const parts = [
    ...(most === 0 ? [] : [`${fewest === most ? '' : `${fewest} to `}${counted(most, 'round')}`]),
    ...(environments === 0 ? [] : [counted(environments, 'environment')]),
    isCounted
      ? `${groupThousands(found)} of ${counted(expected, 'call')} found in the logs`
      : `${counted(found, 'invocation')} found in the logs, which no load counted`,
    ...(target.kind === 'local' ? [steadiness(machineDoubt)] : []),
  ];
  return `How sure: ${listText(parts)}.`;
}

/** The share from which on the machine is called not steady. A machine's speed always varies by some percent. */
const STEADY_SHARE = 0.1;

function steadiness(doubt: Findings['machineDoubt']): string {
  if (doubt === undefined) return 'no measure of how steady the machine was';
  if (doubt.share > STEADY_SHARE) return `a machine that was not steady (${doubtText(doubt)})`;
  return `a machine that was steady within ${Math.max(1, Math.ceil(doubt.share * 100))} %`;
}

function untoldSentence(findings: NamedFindings): string | undefined {
  const items = untoldItems(findings);
  return items.length === 0 ? undefined : `Could not be told: ${shortened(items)}.`;
}

function leftOutSentence({ runs, nameOf }: NamedFindings): string | undefined {
  const reasons = runs.flatMap((run) => {
    const reason = leftOutReason(run);
    return reason === undefined ? [] : [{ name: nameOf(run.runId), why: `on ${run.route} (${reason})` }];
  });
  const items = groupBy(reasons, ({ why }) => why).map(
    ([why, of]) => `${listText([...new Set(of.map(({ name }) => name))])} ${why}`,
  );
  return items.length === 0 ? undefined : `Left out: ${shortened(items)}.`;
}

/** `a; b; c; and 2 more` */
function shortened(items: readonly string[]): string {
  const more = items.length - MOST_ITEMS;
  return more > 1 ? [...items.slice(0, MOST_ITEMS), `and ${more} more`].join('; ') : items.join('; ');
}

/** Groups items by a key, in the order in which the keys first appear. */
function groupBy<T>(items: readonly T[], key: (item: T) => string): (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const known = groups.get(key(item));
    if (known === undefined) groups.set(key(item), [item]);
    else known.push(item);
  }
  return [...groups];
}
