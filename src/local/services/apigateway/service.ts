import type { ApiGatewayControl } from '../../api-gateway-control.ts';
import type { Cloud, DataPlaneHandler, ServiceParts } from '../../seams.ts';
import { RestApis } from './control.ts';
import { DataPlane } from './data-plane.ts';

export interface ApiGatewayParts extends ServiceParts<ApiGatewayControl> {
  /** Answers the data plane, `/_aws/execute-api/<restApiId>/<stage>/…`. */
  readonly handleExecuteApi: DataPlaneHandler;
}

/**
 * Creates API Gateway: REST APIs with their deployments and stages, which CloudFormation creates, and the data plane.
 */
export function createApiGateway(
  cloud: Pick<Cloud, 'accountId' | 'region' | 'now' | 'log' | 'lambda'>,
): ApiGatewayParts {
  const control = new RestApis();
  const dataPlane = new DataPlane(cloud, control.apis, () => performance.now());
  return {
    control,
    services: [],
    handleExecuteApi: (request) => dataPlane.handle(request),
  };
}
