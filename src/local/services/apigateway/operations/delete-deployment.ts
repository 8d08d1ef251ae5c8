import { badRequest, notFound } from '../control-errors.ts';
import type { RestApi } from '../rest-api.ts';

/** Removes a snapshot. Throws if a stage uses it. */
export function deleteDeployment(api: RestApi, deploymentId: string): void {
  for (const stage of api.stages.values()) {
    if (stage.deployment.id === deploymentId) {
      throw badRequest('Active stages pointing to this deployment must be moved or deleted');
    }
  }
  if (!api.deployments.delete(deploymentId)) throw notFound('Invalid Deployment identifier specified');
}
