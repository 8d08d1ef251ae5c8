import {
  configurationOf,
  type FunctionFacts,
  type FunctionReference,
  functionText,
} from '../aws/function-facts.ts';
import { INVOKE } from '../model/subject.ts';
import type { ReportSubject } from './subject.ts';

/** A function or a log group whose invocations in a window are all reported. */
export interface Observed {
  readonly reference?: FunctionReference;
  /** Undefined if the function could not be looked up. */
  readonly facts?: FunctionFacts;
  /** The log group of `--log-group`; by default that of the function. */
  readonly logGroupName?: string;
}

/** Makes the subject of a report on all invocations of a function in a window, whoever made them. */
export function observedSubject(
  { reference, facts, logGroupName }: Observed,
  of: Pick<ReportSubject, 'id' | 'target' | 'toolVersion'> & {
    readonly window: { readonly startEpochMs: number; readonly endEpochMs: number };
  },
): ReportSubject {
  const group = logGroupName ?? facts?.logGroupName ?? `/aws/lambda/${reference?.name ?? ''}`;
  const { id, target, toolVersion, window } = of;
  return {
    id,
    // The subjects were not measured in turns, so each counts as a separate bench.
    benchId: id,
    state: 'complete',
    toolVersion,
    target,
    runtime: reference === undefined ? (group.split('/').at(-1) ?? group) : functionText(reference),
    route: INVOKE,
    ...(reference === undefined ? {} : { functionName: facts?.functionName ?? reference.name }),
    logGroupName: group,
    ...(facts === undefined ? {} : configurationOf(facts)),
    rounds: [],
    window: { ...window, closedLateMs: 0 },
    clockOffsetMs: 0,
    elapsedMs: window.endEpochMs - window.startEpochMs,
    warnings: [],
  };
}

/** The function for which Lambda created a log group. Undefined if the group's name has another form. */
export function functionOfLogGroup(logGroupName: string): string | undefined {
  return /^\/aws\/lambda\/([A-Za-z0-9_-]{1,64})$/.exec(logGroupName)?.[1];
}
