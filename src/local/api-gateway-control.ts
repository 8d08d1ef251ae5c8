/** The interface between API Gateway and CloudFormation's resource types on the local cloud. */

/** The parts of API Gateway's control plane that CloudFormation's resource types use. */
export interface ApiGatewayControl {
  createRestApi(input: {
    readonly name: string;
    readonly description?: string;
    readonly tags: Readonly<Record<string, string>>;
  }): { readonly restApiId: string; readonly rootResourceId: string };
  /** Sets name, description and tags. */
  updateRestApi(
    restApiId: string,
    input: {
      readonly name: string;
      readonly description?: string;
      readonly tags: Readonly<Record<string, string>>;
    },
  ): void;
  deleteRestApi(restApiId: string): void;
  restApiExists(restApiId: string): boolean;
  createResource(restApiId: string, parentId: string, pathPart: string): { readonly resourceId: string };
  deleteResource(restApiId: string, resourceId: string): void;
  createRequestValidator(
    restApiId: string,
    input: RequestValidatorConfiguration & { readonly name: string },
  ): { readonly requestValidatorId: string };
  /** Updates the validator. Its id stays the same, so methods that use it need no update. */
  updateRequestValidator(
    restApiId: string,
    requestValidatorId: string,
    input: RequestValidatorConfiguration,
  ): void;
  deleteRequestValidator(restApiId: string, requestValidatorId: string): void;
  putMethod(restApiId: string, resourceId: string, method: MethodConfiguration): void;
  deleteMethod(restApiId: string, resourceId: string, httpMethod: string): void;
  putGatewayResponse(restApiId: string, response: GatewayResponseConfiguration): void;
  deleteGatewayResponse(restApiId: string, responseType: string): void;
  /**
   * Copies resources, methods, validators and gateway responses. Later changes reach a stage only by a further
   * deployment.
   */
  createDeployment(restApiId: string): { readonly deploymentId: string };
  deleteDeployment(restApiId: string, deploymentId: string): void;
  putStage(restApiId: string, stage: StageConfiguration): void;
  deleteStage(restApiId: string, stageName: string): void;
}

/** The parts of a request that a validator checks. */
export interface RequestValidatorConfiguration {
  readonly validateRequestBody: boolean;
  readonly validateRequestParameters: boolean;
}

export interface MethodConfiguration {
  readonly httpMethod: string;
  readonly authorizationType: string;
  /** Maps names such as `method.request.querystring.m` to whether they are required. */
  readonly requestParameters: Readonly<Record<string, boolean>>;
  readonly requestValidatorId?: string;
  readonly integration: LambdaProxyIntegration | MockIntegration;
  /** The statuses that the method declares, each with the headers that it may set there, in lower case. */
  readonly methodResponses?: Readonly<Record<string, readonly string[]>>;
}

/** The method passes the request to a function, and the function's answer is the answer of the API. */
export interface LambdaProxyIntegration {
  readonly type: 'AWS_PROXY';
  readonly integrationHttpMethod: string;
  readonly uri: string;
  readonly timeoutInMillis?: number;
}

/** API Gateway answers without calling a function. A CORS preflight is answered in this way. */
export interface MockIntegration {
  readonly type: 'MOCK';
  /** Maps media types to constant text: `{"statusCode":200}`. */
  readonly requestTemplates: Readonly<Record<string, string>>;
  readonly passthroughBehavior: 'WHEN_NO_MATCH' | 'WHEN_NO_TEMPLATES' | 'NEVER';
  /** The status and headers of every answer. Undefined if the method has no integration response. */
  readonly response: MockResponse | undefined;
}

export interface MockResponse {
  readonly statusCode: string;
  /** Maps `method.response.header.<name>` to the header's value in single quotes. */
  readonly responseParameters: Readonly<Record<string, string>>;
}

export interface GatewayResponseConfiguration {
  readonly responseType: string;
  readonly statusCode?: string;
  readonly responseParameters: Readonly<Record<string, string>>;
  readonly responseTemplates: Readonly<Record<string, string>>;
}

export interface StageConfiguration {
  readonly stageName: string;
  readonly deploymentId: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly throttlingRateLimit?: number;
  readonly throttlingBurstLimit?: number;
  readonly tags: Readonly<Record<string, string>>;
}
