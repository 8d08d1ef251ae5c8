import { ROUTE_SPECS, type Route } from './route.ts';

/** A header field that is sent as it is: its name and its value. */
export type HeaderField = readonly [name: string, value: string];

/**
 * What a request is made of beside the connection. In `path`, and in a body of text, `{n}` stands for the number of the
 * call and `{uuid}` for a fresh UUID.
 */
export interface PlannedRequest {
  readonly name: string;
  readonly method: string;
  /** Below the base URL of the load, with its query. */
  readonly path: string;
  /** The HTTP statuses that count as successes. */
  readonly expectedStatuses: readonly number[];
  /** How many calls it gets for each call of a request of weight 1. A whole number, at least 1. */
  readonly weight: number;
  /** Names of its own header fields, in lower case; their values may be secret. */
  readonly headers?: readonly string[];
  /** Size and SHA-256 (hex) of its body as it was given; undefined without one. */
  readonly body?: { readonly bytes: number; readonly sha256: string };
  /** Present where the body holds the number of the call. */
  readonly bodyHoldsNumber?: true;
}

/** What of a request stands in no record: it may be secret, or large. */
export interface RequestContent {
  readonly headers?: readonly HeaderField[];
  readonly body?: Uint8Array;
  /** Whether placeholders in the body are replaced; otherwise the body is sent as it is. */
  readonly isTemplate?: boolean;
}

/** A request as a load sends it. */
export interface SubjectRequest {
  readonly planned: PlannedRequest;
  readonly content: RequestContent;
}

/** What a load calls: one request, or several in a weighted mix, under one name. */
export interface Subject {
  /** Names the section of a report: a route of the shed, or what the user calls it. */
  readonly name: string;
  /** At least one; their names differ. */
  readonly requests: readonly SubjectRequest[];
}

/** What a request's method may be. HEAD is left out: its answers name a length that no body has. */
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
 * The work that a plan asks for, so that two runs of equal texts did the same: `GET /cat?m=3&n=8`. Of an Invoke it is the
 * payload alone: which function gets it is what is compared.
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
        body === undefined ? '' : `${body.bytes} bytes (${body.sha256.slice(0, 8)})`,
        weight === 1 ? '' : `weight ${weight}`,
      ]
        .filter((part) => part !== '')
        .join(', '),
    )
    .join('; ');
}
