import type { ReportSubject } from '../subject.ts';

/** Which rows of which log groups a query is about. */
export interface QueryScope {
  /** The project of a shed: rows are labelled with what follows it in the function's name, others with the log group. */
  readonly project?: string;
  /** The function whose log streams are meant, where its log group is one that others may share. */
  readonly sharedBy?: string;
}

/**
 * The scope of a subject. In a log group that bears another name than the function's own, Lambda puts the function's name
 * into the names of the log streams.
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
