import { randomInt } from 'node:crypto';
import {
  type ApiGatewayControl,
  type GatewayResponseConfiguration,
  type MethodConfiguration,
  ServiceError,
  type StageConfiguration,
} from '../../seams.ts';
import { HEADER_PREFIX } from './gateway-response.ts';
import type {
  DeployedMethod,
  DeployedResource,
  Deployment,
  RequiredParameter,
  Resource,
  RestApi,
} from './rest-api.ts';
import { buildRoutes } from './route.ts';
import { methodThrottle } from './token-bucket.ts';

/** Of an integration. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const TIMEOUT_MS = { least: 50, most: 29_000 } as const;
/** What a stage without limits of its own has: those of an account. */
const ACCOUNT_RATE = 10_000;
const ACCOUNT_BURST = 5_000;

const METHODS: ReadonlySet<string> = new Set([
  'ANY',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
]);
const PATH_PART = /^(?:[a-zA-Z0-9._\-:]+|\{[a-zA-Z0-9._\-:]+\+?\})$/;
const STAGE_NAME = /^[a-zA-Z0-9_-]{1,128}$/;
const INTEGRATION_URI =
  /^arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path\/2015-03-31\/functions\/arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:([a-zA-Z0-9-_]+)(?::\$LATEST)?\/invocations$/;
const REQUEST_PARAMETER = /^method\.request\.(querystring|header|path)\.(.+)$/;

/** The control plane of REST APIs. */
export class RestApis implements ApiGatewayControl {
  /** By id. */
  readonly apis = new Map<string, RestApi>();

  createRestApi(input: { readonly name: string }): { restApiId: string; rootResourceId: string } {
    if (input.name === '') throw badRequest('API name is required');
    const id = newId((candidate) => this.apis.has(candidate));
    const rootResourceId = newId(() => false);
    const root: Resource = {
      id: rootResourceId,
      parentId: undefined,
      pathPart: '',
      path: '/',
      methods: new Map(),
    };
    this.apis.set(id, {
      id,
      name: input.name,
      rootResourceId,
      resources: new Map([[rootResourceId, root]]),
      validators: new Map(),
      gatewayResponses: new Map(),
      deployments: new Map(),
      stages: new Map(),
    });
    return { restApiId: id, rootResourceId };
  }

  /** Of what it sets, only the name is kept: nothing reads the rest. */
  updateRestApi(restApiId: string, input: { readonly name: string }): void {
    if (input.name === '') throw badRequest('API name is required');
    this.apis.set(restApiId, { ...this.api(restApiId), name: input.name });
  }

  deleteRestApi(restApiId: string): void {
    this.api(restApiId);
    this.apis.delete(restApiId);
  }

  restApiExists(restApiId: string): boolean {
    return this.apis.has(restApiId);
  }

  createResource(restApiId: string, parentId: string, pathPart: string): { resourceId: string } {
    const api = this.api(restApiId);
    const parent = resourceOf(api, parentId);
    if (!PATH_PART.test(pathPart)) {
      throw badRequest(
        "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
      );
    }
    if (isGreedy(parent.pathPart)) {
      throw badRequest(`Cannot create a child of a resource with a greedy path variable: ${parent.path}`);
    }
    for (const sibling of api.resources.values()) {
      if (sibling.parentId !== parentId) continue;
      if (sibling.pathPart === pathPart) {
        throw conflict(`Another resource with the same parent already has this name: ${pathPart}`);
      }
      if (
        isVariable(pathPart) &&
        isVariable(sibling.pathPart) &&
        isGreedy(pathPart) === isGreedy(sibling.pathPart)
      ) {
        throw badRequest(
          `A sibling (${sibling.pathPart}) of this resource already has a variable path part -- only one unique variable path part is allowed`,
        );
      }
    }
    const id = newId((candidate) => api.resources.has(candidate));
    api.resources.set(id, {
      id,
      parentId,
      pathPart,
      path: parent.path === '/' ? `/${pathPart}` : `${parent.path}/${pathPart}`,
      methods: new Map(),
    });
    return { resourceId: id };
  }

  deleteResource(restApiId: string, resourceId: string): void {
    const api = this.api(restApiId);
    const resource = resourceOf(api, resourceId);
    if (resource.parentId === undefined) throw badRequest('Cannot delete root resource');
    const doomed = [resource];
    for (let next = doomed.pop(); next !== undefined; next = doomed.pop()) {
      api.resources.delete(next.id);
      for (const child of api.resources.values()) {
        if (child.parentId === next.id) doomed.push(child);
      }
    }
  }

  createRequestValidator(
    restApiId: string,
    input: {
      readonly name: string;
      readonly validateRequestBody: boolean;
      readonly validateRequestParameters: boolean;
    },
  ): { requestValidatorId: string } {
    const api = this.api(restApiId);
    const id = newId((candidate) => api.validators.has(candidate));
    api.validators.set(id, { ...input });
    return { requestValidatorId: id };
  }

  updateRequestValidator(
    restApiId: string,
    requestValidatorId: string,
    input: { readonly validateRequestBody: boolean; readonly validateRequestParameters: boolean },
  ): void {
    const { validators } = this.api(restApiId);
    const validator = validators.get(requestValidatorId);
    if (validator === undefined) throw notFound('Invalid Request Validator identifier specified');
    validators.set(requestValidatorId, { ...validator, ...input });
  }

  deleteRequestValidator(restApiId: string, requestValidatorId: string): void {
    const api = this.api(restApiId);
    if (!api.validators.delete(requestValidatorId)) {
      throw notFound('Invalid Request Validator identifier specified');
    }
  }

  putMethod(restApiId: string, resourceId: string, method: MethodConfiguration): void {
    const api = this.api(restApiId);
    checkMethod(api, method);
    resourceOf(api, resourceId).methods.set(method.httpMethod, method);
  }

  deleteMethod(restApiId: string, resourceId: string, httpMethod: string): void {
    const { methods } = resourceOf(this.api(restApiId), resourceId);
    if (!methods.delete(httpMethod)) throw notFound('Invalid Method identifier specified');
  }

  putGatewayResponse(restApiId: string, response: GatewayResponseConfiguration): void {
    const { gatewayResponses } = this.api(restApiId);
    const { statusCode, responseParameters } = response;
    if (statusCode !== undefined && !/^[1-5]\d\d$/.test(statusCode)) {
      throw badRequest(`Invalid status code: ${statusCode}`);
    }
    for (const name of Object.keys(responseParameters)) {
      if (!name.startsWith(HEADER_PREFIX) || name.length === HEADER_PREFIX.length) {
        throw badRequest(`Invalid response parameter: ${name}`);
      }
    }
    gatewayResponses.set(response.responseType, response);
  }

  deleteGatewayResponse(restApiId: string, responseType: string): void {
    if (!this.api(restApiId).gatewayResponses.delete(responseType)) {
      throw notFound(`Gateway response type not defined on api: ${responseType}`);
    }
  }

  createDeployment(restApiId: string): { deploymentId: string } {
    const api = this.api(restApiId);
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

  deleteDeployment(restApiId: string, deploymentId: string): void {
    const api = this.api(restApiId);
    for (const stage of api.stages.values()) {
      if (stage.deployment.id === deploymentId) {
        throw badRequest('Active stages pointing to this deployment must be moved or deleted');
      }
    }
    if (!api.deployments.delete(deploymentId)) throw notFound('Invalid Deployment identifier specified');
  }

  putStage(restApiId: string, stage: StageConfiguration): void {
    const api = this.api(restApiId);
    if (!STAGE_NAME.test(stage.stageName)) {
      throw badRequest('Stage name only allows a-zA-Z0-9_-');
    }
    const deployment = api.deployments.get(stage.deploymentId);
    if (deployment === undefined) throw notFound('Invalid Deployment identifier specified');
    api.stages.set(stage.stageName, {
      name: stage.stageName,
      deployment,
      variables: Object.keys(stage.variables).length === 0 ? null : stage.variables,
      throttle: methodThrottle(
        stage.throttlingRateLimit ?? ACCOUNT_RATE,
        stage.throttlingBurstLimit ?? ACCOUNT_BURST,
      ),
    });
  }

  deleteStage(restApiId: string, stageName: string): void {
    if (!this.api(restApiId).stages.delete(stageName)) throw notFound('Invalid Stage identifier specified');
  }

  private api(restApiId: string): RestApi {
    const api = this.apis.get(restApiId);
    if (api === undefined) throw notFound('Invalid API identifier specified');
    return api;
  }
}

/** Refuses what API Gateway refuses, and what the local cloud does not emulate, by name. */
function checkMethod(api: RestApi, method: MethodConfiguration): void {
  const { httpMethod, authorizationType, integration, requestValidatorId } = method;
  if (!METHODS.has(httpMethod)) {
    throw badRequest(
      'Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY',
    );
  }
  if (authorizationType !== 'NONE') {
    throw badRequest(`The local cloud has no authorization type ${authorizationType}, only NONE`);
  }
  if (integration.type !== 'AWS_PROXY') {
    throw badRequest(`The local cloud has no integration type ${integration.type}, only AWS_PROXY`);
  }
  if (!INTEGRATION_URI.test(integration.uri)) {
    throw badRequest(`Invalid ARN specified in the request: ${integration.uri}`);
  }
  const timeoutMs = integration.timeoutInMillis ?? TIMEOUT_MS.most;
  if (!Number.isInteger(timeoutMs) || timeoutMs < TIMEOUT_MS.least || timeoutMs > TIMEOUT_MS.most) {
    throw badRequest(`Timeout should be between ${TIMEOUT_MS.least} ms and ${TIMEOUT_MS.most} ms`);
  }
  if (requestValidatorId !== undefined && !api.validators.has(requestValidatorId)) {
    throw badRequest('Invalid Request Validator identifier specified');
  }
  for (const name of Object.keys(method.requestParameters)) {
    if (!REQUEST_PARAMETER.test(name)) {
      throw badRequest(
        `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: ${name}]`,
      );
    }
  }
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
    functionName: INTEGRATION_URI.exec(integration.uri)?.[1] ?? '',
    integrationHttpMethod: integration.integrationHttpMethod,
    timeoutMs: integration.timeoutInMillis ?? TIMEOUT_MS.most,
    requiredParameters:
      validator?.validateRequestParameters === true ? requiredParameters(method.requestParameters) : [],
  };
}

/** Sorted by the whole name, as error messages list them. */
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

function resourceOf(api: RestApi, resourceId: string): Resource {
  const resource = api.resources.get(resourceId);
  if (resource === undefined) throw notFound('Invalid Resource identifier specified');
  return resource;
}

function isVariable(pathPart: string): boolean {
  return pathPart.startsWith('{');
}

function isGreedy(pathPart: string): boolean {
  return pathPart.endsWith('+}');
}

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ID_LENGTH = 10;

function newId(isTaken: (id: string) => boolean): string {
  for (;;) {
    let id = '';
    for (let i = 0; i < ID_LENGTH; i += 1) id += ID_LETTERS[randomInt(ID_LETTERS.length)];
    if (!isTaken(id)) return id;
  }
}

function badRequest(message: string): ServiceError {
  return new ServiceError('BadRequestException', message);
}

function conflict(message: string): ServiceError {
  return new ServiceError('ConflictException', message, 409);
}

function notFound(message: string): ServiceError {
  return new ServiceError('NotFoundException', message, 404);
}
