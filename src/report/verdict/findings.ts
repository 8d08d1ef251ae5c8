import type { Report } from '../../model/report.ts';

/** The input of a verdict: the report without its sentences. */
export type Findings = Pick<Report, 'target' | 'runs' | 'standings' | 'cost'> &
  Partial<Pick<Report, 'machineDoubt' | 'sweep' | 'forecast'>>;

/** The findings, with the names and routes for the sentences. */
export interface NamedFindings extends Findings {
  /** The routes that have runs, in the order of the standard bench. */
  readonly routes: readonly string[];
  /** The name of a run in the sentences. */
  readonly nameOf: (runId: string) => string;
}
