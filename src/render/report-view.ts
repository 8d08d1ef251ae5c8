import { cellOf } from '../model/cell.ts';
import { counted, formatCount } from '../model/number-text.ts';
import type {
  InvocationGroup,
  Report,
  ReportedRun,
  ReportProblem,
  Standing,
  Temperature,
} from '../model/report.ts';
import { TEMPERATURES } from '../model/report.ts';
import { inBenchOrder, isRoute, plainName, ROUTE_SPECS, type Route } from '../model/route.ts';
import { runName } from '../model/run-name.ts';
import { didItsWork } from '../model/run-work.ts';
import { workText } from '../model/subject.ts';
import { MB_PER_VCPU } from '../model/vcpu.ts';
import { enforcedCpuLines } from './enforced-cpu.ts';

/**
 * The position of a run in its route, warm: certainly the fastest, indistinguishable from the fastest, or not answered
 * as expected.
 */
export type Mark = '★' | '≈' | '✗' | '';

/** A run, with the name that distinguishes it from the others of its route. */
export interface RunView {
  readonly run: ReportedRun;
  readonly name: string;
  readonly mark: Mark;
}

export interface RouteView {
  readonly route: string;
  /** `cat · GET /cat · m=3 n=8 · pure CPU` */
  readonly title: string;
  readonly runs: readonly RunView[];
}

const KINDS_OF_WORK: Readonly<Record<Route, string>> = {
  cat: 'pure CPU',
  sheep: 'one small write',
  dog: 'a scan',
  wolf: 'a scan and CPU',
};

/** Groups the runs of a report by subject: the routes of the shed first, in the order of the standard bench. */
export function routeViews(report: Report): RouteView[] {
  return inBenchOrder(report.runs.map(({ route }) => route)).flatMap((route) => {
    const runs = report.runs.filter((run) => run.route === route);
    const [first] = runs;
    if (first === undefined) return [];
    const standings = report.standings.filter((one) => one.route === route && one.temperature === 'warm');
    const parts = [route, ...describedWork(route, runs)];
    return [
      {
        route,
        title: parts.filter((part) => part !== '').join(' · '),
        runs: runs.map((run) => ({ run, name: runName(run, runs), mark: markOf(run, standings) })),
      },
    ];
  });
}

/**
 * Describes the work of a subject's runs: for a route of the shed its request and kind of work, for any other subject
 * its requests.
 */
function describedWork(route: string, runs: readonly ReportedRun[]): string[] {
  const [first] = runs;
  if (first?.plan === undefined) return [];
  const { requests } = first.plan;
  if (isRoute(route)) {
    const { method, path } = ROUTE_SPECS[route];
    return [`${method} ${path}`, argumentsText(runs), KINDS_OF_WORK[route]];
  }
  if (requests.length > 1) return [requests.map(({ name, weight }) => `${name} ${weight}`).join(', ')];
  const text = workText(first.plan);
  if (first.plan.invoke !== undefined) return [`payload of ${text}`];
  return text === route ? [] : [text];
}

/** `m=3 n=8`, from the query of all runs. Empty if the queries differ or there is none. */
function argumentsText(runs: readonly ReportedRun[]): string {
  const texts = runs.map(({ plan }) => (plan?.requests[0]?.path.split('?')[1] ?? '').replaceAll('&', ' '));
  const [only, ...others] = new Set(texts);
  return only === undefined || others.length > 0 ? '' : only;
}

/**
 * `★` if the intervals show that this run is faster than every other. Otherwise `≈` for the fastest, and for those that
 * were measured well enough and can't be distinguished from it. `✗` for a run whose calls were not all answered as the
 * contract expects.
 */
function markOf(run: ReportedRun, standings: readonly Standing[]): Mark {
  if (!didItsWork(run)) return '✗';
  const { runId } = run;
  const standing = standings.find(
    ({ bestRunId, rivals }) => bestRunId === runId || rivals.some((rival) => rival.runId === runId),
  );
  if (standing === undefined) return '';
  if (standing.isDecided) return runId === standing.bestRunId ? '★' : '';
  const tied = standing.rivals.filter(
    ({ verdict, interval, withinDoubt }) =>
      verdict !== 'faster' && (interval !== undefined || withinDoubt === true),
  );
  const isTied =
    tied.some((rival) => rival.runId === runId) || (tied.length > 0 && runId === standing.bestRunId);
  return isTied ? '≈' : '';
}

/**
 * The runs of a route that its charts draw. In a sweep these are only the runs of the first setting, because the curves
 * over memory show the others.
 */
export function chartedRuns(report: Report, runs: readonly RunView[]): readonly RunView[] {
  const [first] = report.runs;
  if (report.sweep === undefined || first === undefined) return runs;
  return runs.filter(({ run }) => cellOf(run) === cellOf(first));
}

/** ` · x86_64, 128 MB`: the setting of the charts. Empty if there is only one setting. */
export function chartedSetting({ sweep, runs: [first] }: Report): string {
  if (sweep === undefined || first === undefined) return '';
  return ` · ${[first.architecture, `${first.memorySizeMB} MB`].join(', ')}`;
}

/** The cold or warm invocations of a run. Undefined if there are none, or none could be read. */
export function groupOf(run: ReportedRun, temperature: Temperature): InvocationGroup | undefined {
  return run.server.state === 'measured' ? run.server[temperature] : undefined;
}

/** The groups of a run that contain invocations, warm first. */
export function groupsOf(run: ReportedRun): { temperature: Temperature; group: InvocationGroup }[] {
  return TEMPERATURES.flatMap((temperature) => {
    const group = groupOf(run, temperature);
    return group === undefined ? [] : [{ temperature, group }];
  });
}

/** ` On AWS 128 MB get 7 % of one.` Empty for sizes that have a whole vCPU, and if there are several sizes. */
function shareOnAws({ runs }: Report): string {
  const [size, ...others] = new Set(runs.map(({ memorySizeMB }) => memorySizeMB));
  if (size === undefined || others.length > 0 || size >= MB_PER_VCPU) return '';
  return ` On AWS ${size} MB get ${Math.round((size / MB_PER_VCPU) * 100)} % of one.`;
}

/** The interpreters that ran, such as `nodejs24.x on 20.20.2`, without duplicates. */
function interpretersOf({ runs }: Report): string[] {
  return [
    ...new Set(
      runs.flatMap(({ lambdaRuntime, interpreter }) =>
        lambdaRuntime === undefined || interpreter === undefined
          ? []
          : [`${lambdaRuntime} on ${interpreter}`],
      ),
    ),
  ];
}

/** A notice for the top of every format, so that nobody takes a local figure for one of AWS. Undefined on AWS. */
export function localNotice(
  report: Report,
): { readonly title: string; readonly lines: readonly string[] } | undefined {
  const { kind, endpoint } = report.target;
  if (kind === 'aws') return undefined;
  if (kind !== 'local') {
    return {
      title: 'NOT AWS',
      lines: [`Measured at ${endpoint ?? 'another endpoint'}: these figures say nothing of AWS Lambda.`],
    };
  }
  const { machine } = report;
  const interpreters = interpretersOf(report);
  const enforced = enforcedCpuLines(report.runs, machine?.cores);
  return {
    title: enforced.length === 0 ? 'LOCAL CLOUD, NOT AWS' : 'LOCAL CLOUD AS LAMBDA, NOT AWS',
    lines: [
      ...enforced,
      machine === undefined
        ? 'Measured on this machine.'
        : `Measured on ${machine.cpuModel}, ${counted(machine.cores, 'core')}, ${(machine.memoryMiB / 1024).toFixed(1)} GiB, ${machine.os}, Node ${machine.nodeVersion.replace(/^v/, '')}.`,
      ...(interpreters.length === 0 ? [] : [`What really ran: ${interpreters.join(', ')}.`]),
      enforced.length > 0
        ? "The core, the network and the disk were this machine's."
        : `CPU was not in proportion to memory: every function ran at the full speed of a core.${shareOnAws(report)}`,
      'Compare these figures with each other, never with those of AWS.',
    ],
  };
}

/** ` · LOCAL CLOUD, NOT AWS`: the end of every chart's caption. Empty on AWS. */
export function originText(report: Report): string {
  const notice = localNotice(report);
  return notice === undefined ? '' : ` · ${notice.title}`;
}

/** The facts that all runs of the report share: `project sheepshed · eu-west-3 · arm64 · 128 MB`. */
export function sharedFacts(report: Report): string {
  const shared = <T>(value: (run: ReportedRun) => T): T | undefined => {
    const [only, ...others] = new Set(report.runs.map(value));
    return others.length === 0 ? only : undefined;
  };
  const memory = shared(({ memorySizeMB }) => memorySizeMB);
  const parallel = shared(({ plan }) => plan?.parallel);
  return [
    report.project === undefined ? '' : `project ${report.project}`,
    report.target.kind === 'aws' ? (report.target.region ?? '') : '',
    shared(({ architecture }) => architecture) ?? '',
    memory === undefined ? '' : `${memory} MB`,
    parallel === undefined ? '' : `${formatCount(parallel)} in flight`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** Says whether all rows were read: `12,000 of 12,000 REPORT rows; the aggregate query and the rows agree`. */
export function completenessLine(report: Report): string {
  const measured = report.runs.flatMap(({ server }) => (server.state === 'measured' ? [server] : []));
  if (measured.length === 0) return 'No REPORT rows were read.';
  const total = (value: (side: (typeof measured)[number]) => number) =>
    measured.reduce((sum, side) => sum + value(side), 0);
  const foreign = total(({ completeness }) => completeness.foreign);
  const found = total(({ completeness }) => completeness.found) - foreign;
  const isCounted = measured.every(({ completeness }) => completeness.expected !== undefined);
  const min = total(({ completeness }) => completeness.expected?.min ?? 0);
  const max = total(({ completeness }) => completeness.expected?.max ?? 0);
  const expected = min === max ? formatCount(max) : `${formatCount(min)} to ${formatCount(max)}`;
  const states = new Set(measured.map(({ crossCheck }) => crossCheck.state));
  const agreement = states.has('disagrees')
    ? 'the aggregate query and the rows disagree'
    : states.has('skipped')
      ? states.has('agrees')
        ? 'where both were asked, the aggregate query and the rows agree'
        : 'the rows were not read one by one: percentiles are by Insights'
      : 'the aggregate query and the rows agree';
  const others = foreign === 0 ? '' : `, and ${formatCount(foreign)} of foreign traffic`;
  if (!isCounted) return `${formatCount(found)} REPORT rows, which no load counted; ${agreement}.`;
  return `${formatCount(found)} of ${expected} REPORT rows${others}; ${agreement}.`;
}

/** Formats a time: `2026-11-23 06:27 UTC`. */
export function formatTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/**
 * The time of the runs: `measured 2026-11-23 12:00 to 12:04 UTC`. A report is dated by its runs, not by the time at
 * which it was printed.
 */
export function measuredText({ measured }: Pick<Report, 'measured'>): string {
  const [from, to] = [measured.fromEpochMs, measured.toEpochMs].map((epochMs) =>
    formatTime(epochMs).replace(' UTC', ''),
  ) as [string, string];
  if (from === to) return `measured ${from} UTC`;
  const end = from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to;
  return `measured ${from} to ${end} UTC`;
}

/** The warning at the top of a report. Undefined if the machine was steady enough. */
export function firstWarning({ problems }: Report): ReportProblem | undefined {
  return problems.find(({ code }) => code === 'machine-moved');
}

/** All other problems, errors first. Equal problems of several functions are merged into one. */
export function otherProblems({ problems }: Report): ReportProblem[] {
  const groups = new Map<string, ReportProblem[]>();
  for (const problem of problems.filter(({ code }) => code !== 'machine-moved')) {
    const key = `${problem.code} ${problem.severity} ${saidOf(problem).what} ${problem.hint ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), problem]);
  }
  return [...groups.values()].map(asOne).sort((a, b) => b.exitCode - a.exitCode);
}

/** If a message concerns more functions than this, it contains their number instead of their names. */
const MOST_NAMED = 3;

function asOne(alike: readonly ReportProblem[]): ReportProblem {
  const [first, ...others] = alike as [ReportProblem, ...ReportProblem[]];
  const { label, what } = saidOf(first);
  if (label === undefined) return first;
  const names = alike.map((problem) => plainName(saidOf(problem).label ?? ''));
  const who = names.length > MOST_NAMED ? `${names.length} functions` : names.join(', ');
  return {
    ...first,
    message: `${who}: ${what}`,
    runIds: [...first.runIds, ...others.flatMap(({ runIds }) => runIds)],
  };
}

/** The function with which a problem's message begins, and the rest of the message. */
function saidOf({ message }: ReportProblem): { readonly label: string | undefined; readonly what: string } {
  const [, label, what] = /^([\w-]+): (.*)$/s.exec(message) ?? [];
  return label === undefined || what === undefined || plainName(label) === label
    ? { label: undefined, what: message }
    : { label, what };
}
