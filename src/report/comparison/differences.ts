import type { Report, ReportedRun } from '../../model/report.ts';
import { plainName } from '../../model/route.ts';
import { workText } from '../../model/subject.ts';
import { placeOf } from './place-of.ts';

/** The facts that are compared for each run: a name, and how to read the value as text. */
const ASKED: readonly (readonly [name: string, value: (run: ReportedRun) => string | undefined])[] = [
  ['memory', ({ memorySizeMB }) => (memorySizeMB === undefined ? undefined : `${memorySizeMB} MB`)],
  ['architecture', ({ architecture }) => architecture],
  ['Lambda runtime', ({ lambdaRuntime }) => lambdaRuntime],
  ['interpreter', ({ interpreter }) => interpreter],
  ['load', ({ plan }) => plan && (plan.mode === 'open' ? 'open loop' : 'closed loop')],
  ['in flight', ({ plan }) => plan && String(plan.parallel)],
  ['calls', ({ plan }) => (plan?.calls === undefined ? undefined : String(plan.calls))],
  [
    'duration of the load',
    ({ plan }) => (plan?.durationMs === undefined ? undefined : `${plan.durationMs} ms`),
  ],
  ['retries', ({ plan }) => plan && String(plan.retries)],
  ['requests', ({ plan }) => plan && workText(plan)],
  [
    'sheep before the run',
    ({ route, sheep }) => (route === 'cat' || sheep === undefined ? undefined : String(sheep.before)),
  ],
];

function valuesOf(report: Report, label: string, value: (run: ReportedRun) => string | undefined): string {
  const values = report.runs.filter((run) => run.label === label).map((run) => value(run) ?? 'none');
  return [...new Set(values)].join(', ');
}

function latencyOf({ runs }: Report): string {
  return [...new Set(runs.map(({ enforcedCpu }) => enforcedCpu?.dynamodbLatency ?? 'its own'))].join(', ');
}

/**
 * The differences between two reports besides the measured figures, one line each. They tell a reader of the changes
 * whether something else than the code changed.
 */
export function differencesOf(before: Report, after: Report, labels: readonly string[]): string[] {
  const lines: string[] = [];
  const say = (name: string, left: string, right: string, of?: string) => {
    if (left !== right) lines.push(`${name}: ${left} → ${right}${of === undefined ? '' : ` (${of})`}`);
  };
  say('target', placeOf(before), placeOf(after));
  say('latency of DynamoDB', latencyOf(before), latencyOf(after));
  say('region', before.target.region ?? 'none', after.target.region ?? 'none');
  say('shedbench', before.toolVersion, after.toolVersion);
  if (
    before.queries.aggregate.replaceAll(before.project ?? ' ', '') !==
    after.queries.aggregate.replaceAll(after.project ?? ' ', '')
  ) {
    lines.push('the aggregate query was worded differently');
  }
  const [cpuBefore, cpuAfter] = [before.machine?.cpuModel, after.machine?.cpuModel];
  say('machine', cpuBefore ?? 'none', cpuAfter ?? 'none');
  for (const [name, value] of ASKED) {
    const changed = labels
      .map((label) => ({ label, left: valuesOf(before, label, value), right: valuesOf(after, label, value) }))
      .filter(({ left, right }) => left !== right);
    const texts = new Set(changed.map(({ left, right }) => `${left} → ${right}`));
    for (const text of texts) {
      const which = changed
        .filter(({ left, right }) => `${left} → ${right}` === text)
        .map(({ label }) => label);
      lines.push(
        `${name}: ${text}${which.length === labels.length ? '' : ` (${which.map(plainName).join(', ')})`}`,
      );
    }
  }
  const code = (report: Report) =>
    labels.map((label) => valuesOf(report, label, (run) => run.artifactSha256)).join(' ');
  if (labels.length > 0 && code(before) === code(after) && !code(before).includes('none')) {
    lines.push('the code is the same on both sides: changes come from chance, load or place');
  }
  return lines;
}
