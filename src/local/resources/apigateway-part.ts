import { type ApiGatewayControl, ServiceError } from '../seams.ts';
import { calling } from './handler-error.ts';
import type { ExistingResource, ResourceScope } from './resource-type.ts';
import { requiredString } from './value.ts';

/** How CloudFormation's messages name the service. */
export const API_GATEWAY = 'ApiGateway';

/**
 * Deletes a part of an API: gone with its API, or by itself before, it counts as deleted.
 * @param remove is given the API's id and the part's physical id
 */
export async function deletePart(
  scope: ResourceScope,
  existing: ExistingResource,
  remove: (control: ApiGatewayControl, restApiId: string) => void,
): Promise<void> {
  const { apigateway } = scope.cloud;
  const restApiId = requiredString(existing.properties, 'RestApiId');
  if (!apigateway.restApiExists(restApiId)) return;
  await calling(API_GATEWAY, scope.newId, () => {
    try {
      remove(apigateway, restApiId);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== 'NotFoundException') throw error;
    }
  });
}
