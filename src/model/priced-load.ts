import type { Route } from './route.ts';
import type { Architecture } from './target.ts';

/** A planned load on AWS, with the facts that determine its price. */
export interface PricedLoad {
  /** The route of the shed. Undefined for other functions; of these only Lambda is priced. */
  readonly route?: Route;
  readonly calls: number;
  /** The time that Lambda is expected to bill for a call, ms. */
  readonly billedMs: number;
  readonly memorySizeMB: number;
  readonly architecture: Architecture;
  /** The number of sheep in the shed, all of which a scan reads. Undefined if it is unknown. */
  readonly sheep?: number;
}
