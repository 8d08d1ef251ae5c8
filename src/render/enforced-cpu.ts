import { type EnforcedCpu, LAMBDA_TICK_MS } from '../model/as-lambda.ts';
import { counted } from '../model/number-text.ts';
import type { ReportedRun } from '../model/report.ts';
import { MB_PER_VCPU } from '../model/vcpu.ts';

/** Describes the enforced CPU limits, for the first lines of a report. Empty if every function ran at full speed. */
export function enforcedCpuLines(
  runs: readonly Pick<ReportedRun, 'memorySizeMB' | 'enforcedCpu'>[],
  cores: number | undefined,
): string[] {
  const bySize = new Map<number, EnforcedCpu>();
  for (const { memorySizeMB, enforcedCpu } of runs) {
    // The kernel's counts grow from run to run, so the highest are the latest.
    const known = memorySizeMB === undefined ? undefined : bySize.get(memorySizeMB);
    if (memorySizeMB === undefined || enforcedCpu === undefined) continue;
    if (known === undefined || known.periods < enforcedCpu.periods) bySize.set(memorySizeMB, enforcedCpu);
  }
  const [first] = bySize.values();
  if (first === undefined) return [];
  const sizes = [...bySize].sort(([a], [b]) => a - b);
  const shares = sizes.map(([size, enforced]) => shareOf(size, enforced)).join('; ');
  const unlimited = runs.filter(({ enforcedCpu }) => enforcedCpu === undefined).length;
  return [
    `As Lambda, enforced by control groups (version ${first.controlGroupVersion}), period ${first.periodUs / 1000} ms: ${shares}.`,
    `Init ran at full speed. DynamoDB was reached over TLS, latency ${first.dynamodbLatency}.`,
    ...tickLine(first),
    ...sizes.flatMap(([size]) => coresLine(size, cores)),
    ...(unlimited === 0
      ? []
      : [
          `${unlimited} of ${counted(runs.length, 'run')} ${unlimited === 1 ? 'was NOT limited: it' : 'were NOT limited: they'} ran at full speed.`,
        ]),
  ];
}

/** One memory size: `128 MB 1.447 ms (7.2 % of a core), verified: functions were stopped in 95 % of their periods`. */
function shareOf(
  memorySizeMB: number,
  { quotaUs, periodUs, periods, throttledPeriods }: EnforcedCpu,
): string {
  const share = `${memorySizeMB} MB ${quotaUs / 1000} ms (${((quotaUs / periodUs) * 100).toFixed(1)} % of a core)`;
  if (throttledPeriods > 0) {
    const percent = (throttledPeriods / periods) * 100;
    return `${share}, verified: functions were stopped in ${percent < 1 ? 'less than 1' : Math.round(percent)} % of their periods`;
  }
  const why = memorySizeMB >= MB_PER_VCPU ? 'one thread can not use it up' : 'no function used it up';
  return `${share}, read back from the kernel, never reached (${why})`;
}

function tickLine({ tickMs }: EnforcedCpu): string[] {
  if (tickMs === LAMBDA_TICK_MS) return [];
  if (tickMs === undefined) {
    return [
      `This system does not say how often its kernel checks the quota (Lambda's: every ${LAMBDA_TICK_MS} ms): the share is the same, the steps of short durations may not be.`,
    ];
  }
  return [
    `This kernel checks the quota every ${tickMs} ms, Lambda's every ${LAMBDA_TICK_MS} ms: the share is the same, the steps of short durations are not.`,
  ];
}

function coresLine(memorySizeMB: number, cores: number | undefined): string[] {
  if (cores === undefined || memorySizeMB / MB_PER_VCPU <= cores) return [];
  return [
    `${memorySizeMB} MB have ${(memorySizeMB / MB_PER_VCPU).toFixed(1)} vCPUs on Lambda; this machine has ${cores}.`,
  ];
}
