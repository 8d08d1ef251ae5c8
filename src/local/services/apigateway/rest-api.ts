import type {
  GatewayResponseConfiguration,
  MethodConfiguration,
  MockIntegration,
  RequestValidatorConfiguration,
} from '../../api-gateway-control.ts';
import { notFound } from './control-errors.ts';

export interface RequestValidator extends RequestValidatorConfiguration {
  readonly name: string;
}

export interface Resource {
  readonly id: string;
  /** Undefined for the root. */
  readonly parentId: string | undefined;
  /** As defined: `sheeps`, `{tattoo}`, `{proxy+}`; empty for the root. */
  readonly pathPart: string;
  /** `/sheeps/{tattoo}` */
  readonly path: string;
  /** By HTTP method or `ANY`. */
  readonly methods: Map<string, MethodConfiguration>;
}

/** A REST API while it is edited. Requests are answered from a snapshot of it. */
export interface RestApi {
  readonly id: string;
  readonly name: string;
  readonly rootResourceId: string;
  readonly resources: Map<string, Resource>;
  readonly validators: Map<string, RequestValidator>;
  readonly gatewayResponses: Map<string, GatewayResponseConfiguration>;
  readonly deployments: Map<string, Deployment>;
  readonly stages: Map<string, Stage>;
}

/** A snapshot that stages serve. */
export interface Deployment {
  readonly id: string;
  readonly routes: RouteNode;
  readonly gatewayResponses: ReadonlyMap<string, GatewayResponseConfiguration>;
}

/** One segment of the paths of a deployment, and the segments that may follow it. */
export interface RouteNode {
  /** The resource whose path ends here, if it has methods. */
  readonly resource: DeployedResource | undefined;
  readonly statics: ReadonlyMap<string, RouteNode>;
  readonly variable: { readonly name: string; readonly node: RouteNode } | undefined;
  readonly greedy: { readonly name: string; readonly resource: DeployedResource } | undefined;
}

export interface DeployedResource {
  readonly id: string;
  readonly path: string;
  readonly methods: ReadonlyMap<string, DeployedMethod>;
}

export interface DeployedMethod {
  readonly integration: DeployedFunctionCall | MockIntegration;
  /** The parameters that the method's validator requires. Empty without a validator. */
  readonly requiredParameters: readonly RequiredParameter[];
}

/** The integration of a method with a function. */
export interface DeployedFunctionCall {
  readonly type: 'AWS_PROXY';
  readonly functionName: string;
  /** The method with which the integration is called. Lambda accepts only POST. */
  readonly integrationHttpMethod: string;
  readonly timeoutMs: number;
}

export interface RequiredParameter {
  readonly location: 'querystring' | 'header' | 'path';
  readonly name: string;
}

export interface Stage {
  readonly name: string;
  readonly deployment: Deployment;
  /** Null if there are none, as in events. */
  readonly variables: Readonly<Record<string, string>> | null;
  readonly throttle: StageThrottle | undefined;
}

/** Limits the rate of requests. */
export interface StageThrottle {
  /** Whether a request is within the limit. `method` names resource and method, each of which has its own bucket. */
  take(method: string, nowMs: number): boolean;
}

/** Finds a resource of an API. @throws ServiceError `NotFoundException` */
export function resourceOf(api: RestApi, resourceId: string): Resource {
  const resource = api.resources.get(resourceId);
  if (resource === undefined) throw notFound('Invalid Resource identifier specified');
  return resource;
}
