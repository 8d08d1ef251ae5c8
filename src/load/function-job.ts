import { resolve } from 'node:path';
import {
  configurationOf,
  type FunctionFacts,
  type FunctionReference,
  functionText,
  timeoutOf,
} from '../aws/function-facts.ts';
import type { CommandDeps } from '../model/command.ts';
import type { LoadPlan } from '../model/run.ts';
import { INVOKE, type Subject } from '../model/subject.ts';
import type { Target } from '../model/target.ts';
import { createLoadPlan, type LoadRequest } from './load-plan.ts';
import type { LoadJob } from './load-runs.ts';
import { parseHeaders } from './parse-headers.ts';
import { expiringKeys } from './signing-keys.ts';
import { describeBody } from './url-subject.ts';

/**
 * A load that invokes a function synchronously. The payload is sent unchanged, so one signature is valid for a minute
 * of calls.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function invokeSubject({ id, qualifier }: FunctionReference, payload: Uint8Array): Subject {
  const query = qualifier === undefined ? '' : `?Qualifier=${encodeURIComponent(qualifier)}`;
  return {
    name: INVOKE,
    requests: [
      {
        planned: {
          name: INVOKE,
          method: 'POST',
          path: `/2015-03-31/functions/${encodeURIComponent(id)}/invocations${query}`,
          expectedStatuses: [200],
          weight: 1,
          body: describeBody(payload),
        },
        content: { body: payload },
      },
    ],
  };
}

/**
 * The facts about a function for its job and its record. @param facts undefined if the caller has no permission to read
 * them
 */
export function functionAbout(
  reference: FunctionReference,
  facts: FunctionFacts | undefined,
  target: Pick<Target, 'kind' | 'region' | 'endpoint'>,
  accountId: string,
): NonNullable<LoadJob['about']> {
  return {
    target: {
      kind: target.kind,
      region: target.region,
      accountId: reference.accountId ?? accountId,
      ...(target.endpoint === undefined ? {} : { endpoint: target.endpoint }),
    },
    functionName: facts?.functionName ?? reference.name,
    logGroupName: facts?.logGroupName ?? `/aws/lambda/${reference.name}`,
    ...(facts === undefined ? {} : configurationOf(facts)),
  };
}

/** Functions to invoke, with Lambda's information about them and the address of Lambda's API. */
export interface OpenFunctions {
  readonly target: Target;
  readonly accountId: string;
  /** The URL of Lambda's API, without a trailing slash. */
  readonly lambdaUrl: string;
  /** `facts` is undefined if the caller has no permission to read them. */
  readonly functions: readonly { readonly reference: FunctionReference; readonly facts?: FunctionFacts }[];
}

/** The options of a load of functions by Invoke. */
type InvokeOptions = Omit<LoadRequest, 'subject' | 'invoke' | 'route'>;

/**
 * The plan of a load before Lambda is asked for the function's timeout, with the shortest timeout. It is for refusing
 * options that contradict each other.
 *
 * @throws usageError as `createLoadPlan`
 */
export function earliestPlan(
  reference: FunctionReference,
  payload: Uint8Array,
  options: InvokeOptions,
): LoadPlan {
  const subject = invokeSubject(reference, payload);
  return createLoadPlan({ ...options, subject, invoke: { functionTimeoutMs: 0 } });
}

/** Creates the jobs that invoke functions, all with the same payload. */
export async function functionJobs(
  open: OpenFunctions,
  payload: Uint8Array,
  options: InvokeOptions & { readonly callsOut?: string },
  deps: CommandDeps,
): Promise<LoadJob[]> {
  const headers = parseHeaders(options.headers ?? [], true);
  const jobs = open.functions.map(({ reference, facts }): LoadJob => {
    const subject = invokeSubject(reference, payload);
    const plan = createLoadPlan({ ...options, subject, invoke: { functionTimeoutMs: timeoutOf(facts) } });
    return {
      plan: { ...plan, sigv4: 'lambda' },
      runtime: functionText(reference),
      url: open.lambdaUrl,
      about: functionAbout(reference, facts, open.target, open.accountId),
      contents: subject.requests.map(({ content }) => content),
      ...(headers.length === 0 ? {} : { headers }),
      ...(options.callsOut === undefined ? {} : { callsOut: resolve(deps.cwd, options.callsOut) }),
    };
  });
  const longestMs = Math.max(0, ...jobs.map(({ plan }) => plan.durationMs ?? 0)) * jobs.length;
  const signing = await expiringKeys('lambda', open.target.region, open.target, longestMs, deps);
  return jobs.map((job) => ({ ...job, signing }));
}
