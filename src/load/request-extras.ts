import { resolve } from 'node:path';
import type { CommandDeps } from '../model/command.ts';
import type { LoadPlan } from '../model/run.ts';
import type { Target } from '../model/target.ts';
import { startCallFile } from './engine/call-log.ts';
import type { LoadOptions } from './load-options.ts';
import type { LoadJob } from './load-runs.ts';
import { parseHeaders } from './parse-headers.ts';
import { expiringKeys, signedRegion, signedService } from './signing-keys.ts';

/**
 * Creates the file of `--calls-out`, or empties it. Called when nothing else can refuse the load, so that the file of an
 * earlier load is kept until then.
 * @throws as `startCallFile`
 */
export function startCalls({ callsOut }: LoadOptions, deps: CommandDeps): void {
  if (callsOut !== undefined) startCallFile(resolve(deps.cwd, callsOut));
}

/** The plan, with the service for which its requests are signed. */
export function signedPlan(plan: LoadPlan, url: string): LoadPlan {
  return { ...plan, sigv4: signedService(url) };
}

/** The parts of requests that are not in the plan, and the file of their calls. */
export async function requestExtras(
  url: string,
  plan: LoadPlan,
  options: LoadOptions,
  target: Target | undefined,
  deps: CommandDeps,
): Promise<Pick<LoadJob, 'headers' | 'signing' | 'callsOut'>> {
  const headers = parseHeaders(options.headers ?? [], options.sigv4);
  const extras = {
    ...(headers.length === 0 ? {} : { headers }),
    ...(options.callsOut === undefined ? {} : { callsOut: resolve(deps.cwd, options.callsOut) }),
  };
  if (!options.sigv4 || target === undefined) return extras;
  const region = signedRegion(url) ?? target.region;
  const signing = await expiringKeys(signedService(url), region, target, plan.durationMs ?? 0, deps);
  return { ...extras, signing };
}
