import { type MachinePace, slowdown } from '../measure/machine-pace.ts';

/** The facts that determine how long the report of a local bench takes. */
export interface ReportWork {
  /** Functions in settings: each has a run of its own. */
  readonly runs: number;
  /** The calls of all runs. Each has a REPORT row. */
  readonly rows: number;
  /**
   * Whether the speed of this machine's core is measured for the forecast, because this folder has no measurement of
   * it.
   */
  readonly calibrates: boolean;
}

/** The wait after the last answer until every REPORT line of the local cloud has been written, ms. It needs no CPU time. */
const LINES_WRITTEN_MS = 505;
/** The times of the other parts on the quiet reference machine, ms. `npm run bench:estimate` prints them. */
const CALIBRATION_MS = 950;
const REPORT_MS = 50;
/** Mostly the forecast, which simulates Lambda's CPU share at every memory size. */
const RUN_MS = 80;
const ROW_MS = 0.15;

/**
 * How long the report of a local bench takes, from the last answer until it is shown, ms. The core is measured while the
 * last REPORT lines are written.
 */
export function reportTimeMs({ runs, rows, calibrates }: ReportWork, pace: MachinePace): number {
  const calibrationMs = calibrates ? CALIBRATION_MS * slowdown(pace) : 0;
  const computedMs = REPORT_MS + runs * RUN_MS + rows * ROW_MS;
  return Math.max(LINES_WRITTEN_MS, calibrationMs) + computedMs * slowdown(pace);
}
