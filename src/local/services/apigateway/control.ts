import type {
  ApiGatewayControl,
  GatewayResponseConfiguration,
  MethodConfiguration,
  RequestValidatorConfiguration,
  StageConfiguration,
} from '../../api-gateway-control.ts';
import { notFound } from './control-errors.ts';
import { createDeployment } from './operations/create-deployment.ts';
import { createRequestValidator } from './operations/create-request-validator.ts';
import { createResource } from './operations/create-resource.ts';
import { createRestApi } from './operations/create-rest-api.ts';
import { deleteDeployment } from './operations/delete-deployment.ts';
import { deleteGatewayResponse } from './operations/delete-gateway-response.ts';
import { deleteMethod } from './operations/delete-method.ts';
import { deleteRequestValidator } from './operations/delete-request-validator.ts';
import { deleteResource } from './operations/delete-resource.ts';
import { deleteRestApi } from './operations/delete-rest-api.ts';
import { deleteStage } from './operations/delete-stage.ts';
import { putGatewayResponse } from './operations/put-gateway-response.ts';
import { putMethod } from './operations/put-method.ts';
import { putStage } from './operations/put-stage.ts';
import { updateRequestValidator } from './operations/update-request-validator.ts';
import { updateRestApi } from './operations/update-rest-api.ts';
import type { RestApi } from './rest-api.ts';

/** API Gateway's control plane for REST APIs. */
export class RestApis implements ApiGatewayControl {
  /** The APIs by id. */
  readonly apis = new Map<string, RestApi>();

  createRestApi(input: { readonly name: string }): { restApiId: string; rootResourceId: string } {
    return createRestApi(this.apis, input);
  }

  updateRestApi(restApiId: string, input: { readonly name: string }): void {
    updateRestApi(this.apis, this.#api(restApiId), input);
  }

  deleteRestApi(restApiId: string): void {
    deleteRestApi(this.apis, this.#api(restApiId));
  }

  restApiExists(restApiId: string): boolean {
    return this.apis.has(restApiId);
  }

  createResource(restApiId: string, parentId: string, pathPart: string): { resourceId: string } {
    return createResource(this.#api(restApiId), parentId, pathPart);
  }

  deleteResource(restApiId: string, resourceId: string): void {
    deleteResource(this.#api(restApiId), resourceId);
  }

  createRequestValidator(
    restApiId: string,
    input: RequestValidatorConfiguration & { readonly name: string },
  ): { requestValidatorId: string } {
    return createRequestValidator(this.#api(restApiId), input);
  }

  updateRequestValidator(
    restApiId: string,
    requestValidatorId: string,
    input: RequestValidatorConfiguration,
  ): void {
    updateRequestValidator(this.#api(restApiId), requestValidatorId, input);
  }

  deleteRequestValidator(restApiId: string, requestValidatorId: string): void {
    deleteRequestValidator(this.#api(restApiId), requestValidatorId);
  }

  putMethod(restApiId: string, resourceId: string, method: MethodConfiguration): void {
    putMethod(this.#api(restApiId), resourceId, method);
  }

  deleteMethod(restApiId: string, resourceId: string, httpMethod: string): void {
    deleteMethod(this.#api(restApiId), resourceId, httpMethod);
  }

  putGatewayResponse(restApiId: string, response: GatewayResponseConfiguration): void {
    putGatewayResponse(this.#api(restApiId), response);
  }

  deleteGatewayResponse(restApiId: string, responseType: string): void {
    deleteGatewayResponse(this.#api(restApiId), responseType);
  }

  createDeployment(restApiId: string): { deploymentId: string } {
    return createDeployment(this.#api(restApiId));
  }

  deleteDeployment(restApiId: string, deploymentId: string): void {
    deleteDeployment(this.#api(restApiId), deploymentId);
  }

  putStage(restApiId: string, stage: StageConfiguration): void {
    putStage(this.#api(restApiId), stage);
  }

  deleteStage(restApiId: string, stageName: string): void {
    deleteStage(this.#api(restApiId), stageName);
  }

  #api(restApiId: string): RestApi {
    const api = this.apis.get(restApiId);
    if (api === undefined) throw notFound('Invalid API identifier specified');
    return api;
  }
}
