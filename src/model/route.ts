/** The four routes of the shed, in the order of the standard bench. */
export const ROUTES = ['cat', 'sheep', 'dog', 'wolf'] as const;

/** A route: `cat` is pure CPU, `sheep` one write, `dog` a scan, `wolf` a scan plus CPU. */
export type Route = (typeof ROUTES)[number];

export interface RouteSpec {
  readonly route: Route;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** The API Gateway resource path, below the stage. */
  readonly path: string;
  /** The function's name after `<project>-<runtime>-`. */
  readonly functionSuffix: string;
  /** The statuses that the contract expects of this route. Only they count as successes. */
  readonly expectedStatuses: readonly number[];
}

export const ROUTE_SPECS: Readonly<Record<Route, RouteSpec>> = {
  cat: {
    route: 'cat',
    method: 'GET',
    path: '/cat',
    functionSuffix: 'get-cat-ackermann',
    expectedStatuses: [200],
  },
  sheep: {
    route: 'sheep',
    method: 'POST',
    path: '/sheeps/{tattoo}',
    functionSuffix: 'post-sheep-random',
    expectedStatuses: [201],
  },
  dog: {
    route: 'dog',
    method: 'GET',
    path: '/dog',
    functionSuffix: 'get-dog-count',
    expectedStatuses: [200],
  },
  wolf: {
    route: 'wolf',
    method: 'DELETE',
    path: '/wolf',
    functionSuffix: 'delete-wolf-ocd',
    expectedStatuses: [204, 404, 409],
  },
};

/** The label of a runtime's function of a route: `rust-delete-wolf-ocd`. Data contains it; texts use `plainName`. */
export function functionLabel(runtime: string, route: Route): string {
  return `${runtime}-${ROUTE_SPECS[route].functionSuffix}`;
}

/** The name of a run in texts: `rust wolf` for `rust-delete-wolf-ocd`. Labels of another form are unchanged. */
export function plainName(label: string): string {
  const route = ROUTES.find((each) => label.endsWith(`-${ROUTE_SPECS[each].functionSuffix}`));
  if (route === undefined) return label;
  return `${label.slice(0, -ROUTE_SPECS[route].functionSuffix.length - 1)} ${route}`;
}

/** `<project>-<runtime>-<suffix>`: the deployed function's name. */
export function functionName(project: string, runtime: string, route: Route): string {
  return `${project}-${functionLabel(runtime, route)}`;
}

/** The log group of a function: `/aws/lambda/<function name>`. */
export function logGroupName(project: string, runtime: string, route: Route): string {
  return `/aws/lambda/${functionName(project, runtime, route)}`;
}

export function isRoute(text: string): text is Route {
  return (ROUTES as readonly string[]).includes(text);
}

/**
 * The names of subjects, each once: the routes of the shed in the order of the standard bench, then others in the
 * order of their appearance.
 */
export function inBenchOrder(names: readonly string[]): string[] {
  const others = names.filter((name) => !isRoute(name));
  return [...new Set([...ROUTES.filter((route) => names.includes(route)), ...others])];
}

/** The heading of a subject: `cat · GET /cat` for a route of the shed, else its name. */
export function routeTitle(name: string): string {
  if (!isRoute(name)) return name;
  const { method, path } = ROUTE_SPECS[name];
  return `${name} · ${method} ${path}`;
}
