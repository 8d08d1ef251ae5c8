import { HISTORY_SCHEMA, type History, type HistoryGroup, type HistoryPoint } from '../model/history.ts';
import { medianOf } from '../model/median.ts';
import { counted } from '../model/number-text.ts';
import type { Machine, Report, ReportedRun } from '../model/report.ts';
import { isRoute, ROUTES } from '../model/route.ts';
import { warmRowsByRound } from '../model/sample-rows.ts';
import { workText } from '../model/subject.ts';

/**
 * Groups the runs of kept reports over time, the oldest first: by route and by everything that must be equal for a
 * comparison, then by runtime. Each given report is about one run.
 * @param withoutRows the number of runs on disk of which no report was kept
 */
export function historyOf(kept: readonly Report[], withoutRows: number, nowEpochMs: number): History {
  const groups = new Map<string, { group: HistoryGroup; points: Map<string, HistoryPoint[]> }>();
  for (const report of kept) {
    for (const run of report.runs) {
      const point = pointOf(run);
      if (point === undefined) continue;
      const facts = factsOf(run, report);
      const key = `${isRoute(run.route) ? ROUTES.indexOf(run.route) : ROUTES.length} ${run.route} ${facts}`;
      const { architecture, memorySizeMB } = run;
      const found = groups.get(key) ?? {
        group: {
          route: run.route,
          facts,
          ...(architecture === undefined ? {} : { architecture }),
          ...(memorySizeMB === undefined ? {} : { memorySizeMB }),
          series: [],
        },
        points: new Map<string, HistoryPoint[]>(),
      };
      groups.set(key, found);
      found.points.set(run.runtime, [...(found.points.get(run.runtime) ?? []), point]);
    }
  }
  return {
    schema: HISTORY_SCHEMA,
    createdAtEpochMs: nowEpochMs,
    groups: [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { group, points }]) => ({
        ...group,
        series: [...points]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([runtime, own]) => ({
            runtime,
            points: own.sort((a, b) => a.measuredAtEpochMs - b.measuredAtEpochMs),
          })),
      })),
    withoutRows,
  };
}

function pointOf(run: ReportedRun): HistoryPoint | undefined {
  if (run.server.state !== 'measured' || run.server.warm === undefined) return undefined;
  const { count, durationMs } = run.server.warm;
  if (durationMs.p50 === undefined) return undefined;
  const medians = roundMedians(run);
  return {
    runId: run.runId,
    benchId: run.benchId,
    measuredAtEpochMs: run.window.startEpochMs,
    count,
    p50Ms: durationMs.p50,
    ...(medians.length < 2 ? {} : { roundsMs: { low: Math.min(...medians), high: Math.max(...medians) } }),
    ...(run.artifactSha256 === undefined ? {} : { artifactSha256: run.artifactSha256 }),
    toolVersion: run.toolVersion,
  };
}

/** The median of the warm durations of each measured round, ms. */
function roundMedians({ server }: ReportedRun): number[] {
  if (server.state !== 'measured' || server.samples === undefined) return [];
  const { samples } = server;
  return warmRowsByRound(samples).flatMap(
    (rows) => medianOf(rows.map((row) => samples.durationMs[row] ?? Number.NaN))?.p50 ?? [],
  );
}

/** `m=3 n=8` for the cat. For a subject outside the shed, the description of its work. */
function argumentsOf({ route, plan }: ReportedRun): string {
  if (plan === undefined) return '';
  return isRoute(route) ? (plan.requests[0]?.path.split('?')[1] ?? '').replaceAll('&', ' ') : workText(plan);
}

/** Describes what must be equal for two medians to be comparable. */
function factsOf(run: ReportedRun, { target, project, machine }: Report): string {
  const place = { local: 'local cloud', aws: target.region, url: 'a URL' }[target.kind as string];
  return [
    argumentsOf(run),
    run.plan === undefined ? '' : `${run.plan.parallel} in flight`,
    run.architecture ?? '',
    run.memorySizeMB === undefined ? '' : `${run.memorySizeMB} MB`,
    place ?? target.endpoint ?? target.kind,
    machineText(machine),
    project === undefined ? '' : `project ${project}`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function machineText(machine: Machine | undefined): string {
  return machine === undefined ? '' : `${machine.cpuModel}, ${counted(machine.cores, 'core')}`;
}
