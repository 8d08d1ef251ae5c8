import type { ApiGatewayControl } from '../api-gateway-control.ts';
import { ServiceError } from '../seams.ts';
import { calling } from './handler-error.ts';
import type { ExistingResource, ResourceScope } from './resource-type.ts';
import { requiredString } from './value.ts';

/** The service's name in CloudFormation's messages. */
export const API_GATEWAY = 'ApiGateway';

/**
 * Deletes a part of an API. If the part or the API is gone already, it counts as deleted.
 * @param remove is called with the API's id and the part's physical id
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
