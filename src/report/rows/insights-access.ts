import { DEFAULT_LOCAL_REGION } from '../../model/defaults.ts';
import type { RunRecord } from '../../model/run.ts';
import type { InsightsPort } from './insights-port.ts';
import type { InsightsAccess } from './run-query.ts';

/** On AWS rows arrive some minutes late at worst. */
const DEFAULT_WAIT_MS = 300_000;
/** The local cloud writes a REPORT line when the invocation ends, so a missing row will not arrive later. */
const LOCAL_WAIT_MS = 2000;

/** The default of the longest wait for missing rows of a target's runs, ms. */
export function defaultWaitMs({ kind }: RunRecord['target']): number {
  return kind === 'local' ? LOCAL_WAIT_MS : DEFAULT_WAIT_MS;
}

/** Opens CloudWatch Logs of a run's target. @param profile the profile that the credentials came from, for hints */
export function insightsAccess(
  target: RunRecord['target'],
  port: InsightsPort,
  profile: string | undefined,
): InsightsAccess {
  return {
    port,
    context: {
      kind: target.kind === 'url' ? 'endpoint' : target.kind,
      region: target.region ?? DEFAULT_LOCAL_REGION,
      ...(target.endpoint === undefined ? {} : { endpoint: target.endpoint }),
      ...(profile === undefined ? {} : { profile }),
    },
  };
}
