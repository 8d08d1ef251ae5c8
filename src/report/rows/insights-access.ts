import { DEFAULT_LOCAL_REGION } from '../../model/defaults.ts';
import type { RunRecord } from '../../model/run.ts';
import type { InsightsPort } from './insights-port.ts';
import type { InsightsAccess } from './run-query.ts';

/** On AWS the worst ingestion lag is minutes. */
const DEFAULT_WAIT_MS = 300_000;
/** The local cloud writes a REPORT line when the invocation ends. Rows that are not there then never come. */
const LOCAL_WAIT_MS = 2000;

/** How long to wait for missing rows of a target's runs where nobody said, ms. */
export function defaultWaitMs({ kind }: RunRecord['target']): number {
  return kind === 'local' ? LOCAL_WAIT_MS : DEFAULT_WAIT_MS;
}

/** CloudWatch Logs of the target of a run. @param profile the profile that the credentials came from, for hints */
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
