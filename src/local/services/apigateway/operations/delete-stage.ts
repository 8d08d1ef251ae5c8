import { notFound } from '../control-errors.ts';
import type { RestApi } from '../rest-api.ts';

/** Removes a stage. */
export function deleteStage(api: RestApi, stageName: string): void {
  if (!api.stages.delete(stageName)) throw notFound('Invalid Stage identifier specified');
}
