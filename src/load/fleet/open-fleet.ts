import type { AwsClients } from '../../aws/clients.ts';
import type { Emit } from '../../model/events.ts';
import type { LoadPlan } from '../../model/run.ts';
import { FLEET_PACE, type Fleet } from './fleet-engine.ts';
import type { FleetIdentity } from './fleet-log.ts';
import { waveMsOf } from './fleet-size.ts';
import { openInvoker } from './invoke-loader.ts';
import { openStopFlag } from './stop-flag.ts';

/** The loader function as it was deployed, and where the sign to stop may stand. */
export interface FleetSite extends Omit<FleetIdentity, 'region'> {
  readonly bucket: string;
  /** What the keys of the project's objects begin with. */
  readonly keyPrefix: string;
  /** What the project's objects carry, so that teardown knows them. */
  readonly objectMetadata: Readonly<Record<string, string>>;
}

/** The loaders of one load. @param loadId the sign to stop is for this load alone */
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
