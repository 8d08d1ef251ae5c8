import { counted } from './number-text.ts';
import { ROUTE_SPECS, type Route } from './route.ts';

/** A header field that is sent unchanged: its name and its value. */
export type HeaderField = readonly [name: string, value: string];

/**
 * The parts of a request that do not depend on the connection. In `path`, and in a text body, `{n}` stands for the
 * number of the call and `{uuid}` for a new UUID.
 */
export interface PlannedRequest {
  readonly name: string;
  readonly method: string;
  /** The path below the base URL of the load, with its query. */
  readonly path: string;
  /** The HTTP statuses that count as successes. */
  readonly expectedStatuses: readonly number[];
  /** How many calls it gets for each call of a request of weight 1. A whole number, at least 1. */
  readonly weight: number;
  /** The names of its own header fields, in lower case. Their values may be secret. */
  readonly headers?: readonly string[];
  /** Size and SHA-256 (hex) of its body as given. Undefined without a body. */
  readonly body?: { readonly bytes: number; readonly sha256: string };
  /** Present if the body contains the number of the call. */
  readonly bodyHoldsNumber?: true;
}

/** The parts of a request that no record contains, because they may be secret or large. */
export interface RequestContent {
  readonly headers?: readonly HeaderField[];
  readonly body?: Uint8Array;
  /** Whether placeholders in the body are replaced. Otherwise the body is sent unchanged. */
  readonly isTemplate?: boolean;
}

/** A request with all of its parts. */
export interface SubjectRequest {
  readonly planned: PlannedRequest;
  readonly content: RequestContent;
}

/** The subject of a load: one request, or a weighted mix of several, under one name. */
export interface Subject {
  /** The name of the section in a report: a route of the shed, or the user's own name. */
  readonly name: string;
  /** At least one. Their names differ. */
  readonly requests: readonly SubjectRequest[];
}

/** The methods of a request. HEAD is left out, because its answers state a length without having a body. */
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** The subject of a function that is invoked directly. */
export const INVOKE = 'invoke';

/** The placeholder for the number of a call. */
export const NUMBER = '{n}';

/** A route of the shed as the subject of a load. @param args the cat's `m` and `n` */
export function shedSubject(route: Route, args: { readonly m: number; readonly n: number }): Subject {
  const { method, path, expectedStatuses } = ROUTE_SPECS[route];
  const target = route === 'cat' ? `${path}?m=${args.m}&n=${args.n}` : path.replace('{tattoo}', NUMBER);
  return {
    name: route,
    requests: [{ planned: { name: route, method, path: target, expectedStatuses, weight: 1 }, content: {} }],
  };
}

/**
 * Describes the work of a plan, so that two runs with equal texts did the same work: `GET /cat?m=3&n=8`. For an Invoke
 * it is the payload without the function, because functions are what is compared.
 */
export function workText(plan: {
  readonly requests: readonly PlannedRequest[];
  readonly invoke?: unknown;
}): string {
  const isInvoke = plan.invoke !== undefined;
  return plan.requests
    .map(({ method, path, weight, body }) =>
      [
        isInvoke ? '' : `${method} ${path}`,
        body === undefined ? '' : `${counted(body.bytes, 'byte')} (${body.sha256.slice(0, 8)})`,
        weight === 1 ? '' : `weight ${weight}`,
      ]
        .filter((part) => part !== '')
        .join(', '),
    )
    .join('; ');
}
