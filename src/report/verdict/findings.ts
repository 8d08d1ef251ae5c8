import type { Report } from '../../model/report.ts';

/** What a verdict is made from: the report without its sentences. */
export type Findings = Pick<Report, 'target' | 'runs' | 'standings' | 'cost'> &
  Partial<Pick<Report, 'machineDoubt' | 'sweep' | 'forecast'>>;

/** Findings, with the names and routes that the sentences use. */
export interface NamedFindings extends Findings {
  /** The routes that have runs, in the order of the standard bench. */
  readonly routes: readonly string[];
  /** The name by which the sentences call a run. */
  readonly nameOf: (runId: string) => string;
}
