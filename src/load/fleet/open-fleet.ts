import type { AwsClients } from '../../aws/clients.ts';
import type { Emit } from '../../model/events.ts';
import type { LoadPlan } from '../../model/run.ts';
import { FLEET_PACE, type Fleet } from './fleet-engine.ts';
import type { FleetIdentity } from './fleet-log.ts';
import { waveMsOf } from './fleet-size.ts';
import { openInvoker } from './invoke-loader.ts';
import { openStopFlag } from './stop-flag.ts';

/** The deployed loader function, and the place of the flag to stop. */
export interface FleetSite extends Omit<FleetIdentity, 'region'> {
  readonly bucket: string;
  /** The prefix of the keys of the project's objects. */
  readonly keyPrefix: string;
  /** The tags of the project's objects. Teardown recognizes the objects by them. */
  readonly objectMetadata: Readonly<Record<string, string>>;
}

/** Opens the loaders of one load. @param loadId the flag to stop is only for this load */
export async function openFleet(
  site: FleetSite,
  { plan, loaders, loadId }: { readonly plan: LoadPlan; readonly loaders: number; readonly loadId: string },
  clients: AwsClients,
  emit: Emit,
): Promise<Fleet> {
  const { functionName, memorySizeMB, architecture, bucket, keyPrefix, objectMetadata } = site;
  const place = { bucket, key: `${keyPrefix}fleet/stop-${loadId}`, metadata: objectMetadata };
  return {
    functionName,
    region: clients.target.region,
    memorySizeMB,
    architecture,
    port: { ...(await openInvoker(functionName, clients)), ...(await openStopFlag(place, clients, emit)) },
    pace: FLEET_PACE,
    target: clients.target,
    loaders,
    waveMs: waveMsOf(plan),
  };
}
