import type { GatewayResponseConfiguration, MethodConfiguration } from '../../seams.ts';
import { notFound } from './control-errors.ts';

export interface RequestValidator {
  readonly name: string;
  readonly validateRequestBody: boolean;
  readonly validateRequestParameters: boolean;
}

export interface Resource {
  readonly id: string;
  /** The root has none. */
  readonly parentId: string | undefined;
  /** As in its definition: `sheeps`, `{tattoo}`, `{proxy+}`; empty for the root. */
  readonly pathPart: string;
  /** `/sheeps/{tattoo}` */
  readonly path: string;
  /** By HTTP method, `ANY` among them. */
  readonly methods: Map<string, MethodConfiguration>;
}

/** A REST API as it is being edited; what answers requests is a snapshot of it. */
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

/** A snapshot that a stage serves. */
export interface Deployment {
  readonly id: string;
  readonly routes: RouteNode;
  readonly gatewayResponses: ReadonlyMap<string, GatewayResponseConfiguration>;
}

/** One segment of the paths of a deployment, with what may follow it. */
export interface RouteNode {
  /** The resource that ends here, if it has methods. */
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
  readonly functionName: string;
  /** The integration's own method; Lambda takes only POST. */
  readonly integrationHttpMethod: string;
  readonly timeoutMs: number;
  /** What the method's validator demands; empty without one. */
  readonly requiredParameters: readonly RequiredParameter[];
}

export interface RequiredParameter {
  readonly location: 'querystring' | 'header' | 'path';
  readonly name: string;
}

export interface Stage {
  readonly name: string;
  readonly deployment: Deployment;
  /** Null where there are none, as in events. */
  readonly variables: Readonly<Record<string, string>> | null;
  readonly throttle: StageThrottle | undefined;
}

/** Lets a method's request pass, or not. */
export interface StageThrottle {
  /** `method` names resource and method: each has a bucket of its own. */
  take(method: string, nowMs: number): boolean;
}

/** The resource of an API. @throws ServiceError `NotFoundException` */
export function resourceOf(api: RestApi, resourceId: string): Resource {
  const resource = api.resources.get(resourceId);
  if (resource === undefined) throw notFound('Invalid Resource identifier specified');
  return resource;
}
