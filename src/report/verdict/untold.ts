import type { ReportedRun, Rival, Standing, Temperature } from '../../model/report.ts';
import { TEMPERATURES } from '../../model/report.ts';
import { FEWEST_FOR_MEDIAN } from '../../model/run-work.ts';
import type { NamedFindings } from './findings.ts';
import { leftOutReason } from './left-out.ts';
import { listText, routesText } from './words.ts';

const KINDS: Readonly<Record<Temperature, string>> = { warm: 'warm', cold: 'cold' };

/** The comparisons that could not be decided, one phrase each: the runs, the routes, and the reason. */
export function untoldItems(findings: NamedFindings): string[] {
  return TEMPERATURES.flatMap((temperature) => {
    const { standings, routes } = findings;
    const untold = standings
      .filter((standing) => standing.temperature === temperature && !standing.isDecided)
      .map((standing) => ({ route: standing.route, ...reasonOf(standing, findings) }));
    const scarce = routes
      .filter((route) => isScarce(findings, route, temperature))
      .map((route) => ({
        route,
        who: '',
        why: `fewer than ${FEWEST_FOR_MEDIAN} ${temperature === 'cold' ? 'cold starts' : 'warm calls'} each`,
      }));
    const byText = new Map<string, string[]>();
    for (const { route, who, why } of [...untold, ...scarce]) {
      const text = `${who}\n${why}`;
      byText.set(text, [...(byText.get(text) ?? []), route]);
    }
    return [...byText].map(([text, places]) => {
      const [who = '', why = ''] = text.split('\n');
      return `${who === '' ? 'who is faster' : who} on ${routesText([...new Set(places)], routes)}, ${KINDS[temperature]} (${why})`;
    });
  });
}

/** The runs that do not differ significantly, and the reason. */
function reasonOf(standing: Standing, { nameOf }: NamedFindings) {
  const undecided = standing.rivals.filter(({ verdict }) => verdict !== 'faster');
  const names = [standing.bestRunId, ...undecided.map(({ runId }) => runId)].map(nameOf);
  // Sorted, so that routes with the same runs are joined in one phrase.
  const who = listText(names.sort(), 'or');
  return { who, why: undecided.map(whyUndecided)[0] ?? '' };
}

function whyUndecided({ interval, needs, withinDoubt, rounds, environments }: Rival): string {
  if (interval !== undefined) return 'too close';
  if (withinDoubt) return 'the speed of the machine changed by more than they differ';
  if (needs?.rounds !== undefined) return `${needs.rounds} rounds are needed, not ${rounds}`;
  if (needs?.environments !== undefined) {
    return `${needs.environments} environments each are needed, not ${environments}`;
  }
  return 'not measured in one bench';
}

/** Whether two runs did their work on a route, and yet fewer than two have enough values for a median. */
function isScarce({ runs }: NamedFindings, route: string, temperature: Temperature): boolean {
  const count = (run: ReportedRun) =>
    run.server.state === 'measured' ? (run.server[temperature]?.count ?? 0) : 0;
  const worked = runs.filter((run) => run.route === route && leftOutReason(run) === undefined);
  const enough = worked.filter((run) => count(run) >= FEWEST_FOR_MEDIAN);
  return worked.length > 1 && enough.length < 2;
}
