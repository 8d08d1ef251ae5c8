import type { MethodConfiguration } from '../../../api-gateway-control.ts';
import { badRequest } from '../control-errors.ts';
import { INTEGRATION_URI, REQUEST_PARAMETER, TIMEOUT_MS } from '../integration.ts';
import { newId } from '../new-id.ts';
import type {
  DeployedMethod,
  DeployedResource,
  Deployment,
  RequiredParameter,
  Resource,
  RestApi,
} from '../rest-api.ts';
import { buildRoutes } from '../route.ts';

/** Takes a snapshot of the API. Later changes of its resources do not affect the snapshot. */
export function createDeployment(api: RestApi): { deploymentId: string } {
  const resources = [...api.resources.values()].map((resource) => snapshot(api, resource));
  if (resources.every((resource) => resource.methods.size === 0)) {
    throw badRequest("The REST API doesn't contain any methods");
  }
  const id = newId((candidate) => api.deployments.has(candidate));
  const deployment: Deployment = {
    id,
    routes: buildRoutes(resources),
    gatewayResponses: new Map(api.gatewayResponses),
  };
  api.deployments.set(id, deployment);
  return { deploymentId: id };
}

function snapshot(api: RestApi, resource: Resource): DeployedResource {
  return {
    id: resource.id,
    path: resource.path,
    methods: new Map([...resource.methods].map(([name, method]) => [name, deployMethod(api, method)])),
  };
}

function deployMethod(api: RestApi, method: MethodConfiguration): DeployedMethod {
  const { integration, requestValidatorId } = method;
  const validator = requestValidatorId === undefined ? undefined : api.validators.get(requestValidatorId);
  return {
    integration:
      integration.type === 'MOCK'
        ? integration
        : {
            type: integration.type,
            functionName: INTEGRATION_URI.exec(integration.uri)?.[1] ?? '',
            integrationHttpMethod: integration.integrationHttpMethod,
            timeoutMs: integration.timeoutInMillis ?? TIMEOUT_MS.most,
          },
    requiredParameters:
      validator?.validateRequestParameters === true ? requiredParameters(method.requestParameters) : [],
  };
}

/** Sorted by the whole name, the order in which error messages list them. */
function requiredParameters(parameters: Readonly<Record<string, boolean>>): RequiredParameter[] {
  return Object.entries(parameters)
    .filter(([, isRequired]) => isRequired)
    .map(([name]) => name)
    .sort()
    .flatMap((name) => {
      const [, location, parameter] = REQUEST_PARAMETER.exec(name) ?? [];
      if (parameter === undefined) return [];
      if (location !== 'querystring' && location !== 'header' && location !== 'path') return [];
      return [{ location, name: parameter }];
    });
}
