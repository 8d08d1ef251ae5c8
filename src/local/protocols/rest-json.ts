import { type DoorRequest, type DoorResponse, type Service, ServiceError } from '../seams.ts';
import { answer, type Log } from './answer.ts';
import { parseJsonObject } from './json-body.ts';
import type { Operation, OperationInput } from './operation.ts';

export interface RestJsonRoute {
  readonly method: string;
  /**
   * `/2015-03-31/functions/{FunctionName}/invocations`. A label `{Name}` matches one segment, `{Name+}` all that
   * remain.
   */
  readonly path: string;
  readonly operation: Operation;
  /** The status of a success. 200 by default. */
  readonly status?: number;
  /** Whether the operation reads the body itself (`request.body`) instead of members of a JSON object. */
  readonly rawBody?: boolean;
}

export interface RestJsonOptions {
  readonly signingName: string;
  readonly routes: readonly RestJsonRoute[];
  /** The members of an error's body. By default the error's fields and `message`. */
  readonly errorBody?: (error: ServiceError) => object;
  readonly log: Log;
}

/** Returned by an operation that sets status, headers and bytes itself, such as Lambda's Invoke. */
export class RestAnswer {
  readonly response: DoorResponse;

  constructor(response: DoorResponse) {
    this.response = response;
  }
}

/**
 * Creates a service of the restJson1 protocol. The input holds the members of the body and the percent-decoded labels
 * of the path, which take precedence. Operations read query and headers from the request.
 * @see https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
export function restJsonService(options: RestJsonOptions): Service {
  const routes = options.routes.map((route) => ({ ...route, template: route.path.split('/') }));
  return {
    signingName: options.signingName,
    handle: (request) =>
      answer(
        request,
        `${options.signingName} ${request.method} ${request.path}`,
        options.log,
        async () => {
          const segments = request.path.split('/');
          for (const route of routes) {
            if (route.method !== request.method) continue;
            const labels = matchPath(route.template, segments);
            if (labels === undefined) continue;
            const input = route.rawBody === true ? labels : { ...parseJsonObject(request.body), ...labels };
            const output = await route.operation(input, { request });
            return output instanceof RestAnswer ? output.response : success(output, route.status ?? 200);
          }
          throw unknownOperation(request);
        },
        (error) => restJsonError(error, options.errorBody ?? plainErrorBody),
      ),
  };
}

/**
 * Matches a path against a template. Returns the percent-decoded labels, or undefined.
 * @throws ServiceError `SerializationException` for a bad percent escape
 */
function matchPath(template: readonly string[], segments: readonly string[]): OperationInput | undefined {
  const labels: Record<string, string> = {};
  for (const [index, part] of template.entries()) {
    const greedy = part.endsWith('+}');
    const segment = greedy ? segments.slice(index).join('/') : segments[index];
    if (segment === undefined) return undefined;
    if (part.startsWith('{') && part.endsWith('}')) {
      if (segment === '') return undefined;
      labels[part.slice(1, greedy ? -2 : -1)] = decode(segment);
      if (greedy) return labels;
    } else if (part !== segment) return undefined;
  }
  return template.length === segments.length ? labels : undefined;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ServiceError('SerializationException', `Bad percent escape in the path: ${segment}`);
  }
}

function success(output: object | undefined, status: number): DoorResponse {
  if (status === 204) return { status, headers: {}, body: '' };
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(output ?? {}) };
}

/** Renders an error of restJson1: the code in `x-amzn-errortype`, the message in the body. */
function restJsonError(error: ServiceError, bodyOf: (error: ServiceError) => object): DoorResponse {
  return {
    status: error.status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': error.code },
    body: JSON.stringify(bodyOf(error)),
  };
}

function plainErrorBody({ fields, message }: ServiceError): object {
  return { ...fields, message };
}

function unknownOperation(request: DoorRequest): ServiceError {
  return new ServiceError('UnknownOperationException', `No operation ${request.method} ${request.path}`, 404);
}
