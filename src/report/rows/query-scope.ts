import type { ReportSubject } from '../subject.ts';

/** The log groups of a query, and the rows in them. */
export interface QueryScope {
  /**
   * The project of a shed. Rows are labelled with the part of the function's name after the project; without a
   * project, with the log group.
   */
  readonly project?: string;
  /** The function whose log streams are queried, if other functions may share its log group. */
  readonly sharedBy?: string;
}

/**
 * The scope of a subject. In a log group of another name than the function's own, Lambda adds the function's name to
 * the names of the log streams.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
 */
export function scopeOf({
  project,
  functionName,
  logGroupName,
}: Pick<ReportSubject, 'project' | 'functionName' | 'logGroupName'>): QueryScope {
  if (project !== undefined) return { project };
  const isOwn = functionName === undefined || logGroupName === `/aws/lambda/${functionName}`;
  return isOwn ? {} : { sharedBy: functionName };
}
