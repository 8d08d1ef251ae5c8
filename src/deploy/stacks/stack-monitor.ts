/** The fields of a CloudFormation stack event that are used here. */
export interface StackEvent {
  readonly eventId: string;
  readonly atEpochMs: number;
  readonly logicalId: string;
  readonly physicalId: string | undefined;
  readonly resourceType: string;
  readonly status: string;
  readonly reason: string | undefined;
}

/** A resource that failed, in CloudFormation's words. */
export interface ResourceFailure {
  readonly logicalId: string;
  readonly physicalId: string | undefined;
  readonly resourceType: string;
  readonly status: string;
  readonly reason: string;
}

/** What is known of one operation on one stack from the events seen so far. */
export interface MonitorState {
  readonly stackId: string;
  /** How many resources the operation touches, as far as that was known beforehand. */
  readonly expectedResources: number;
  /** The ids of the events seen, so that each is reported once. */
  readonly seen: ReadonlySet<string>;
  readonly last: StackEvent | undefined;
  /** The latest event of each resource. */
  readonly resources: ReadonlyMap<string, StackEvent>;
  /** Status of the stack itself by its last event. */
  readonly stackStatus: string | undefined;
  /** Failures before any rollback, oldest first, without cancellations. */
  readonly failures: readonly ResourceFailure[];
  /** Failures while rolling back or deleting after a failure. */
  readonly rollbackFailures: readonly ResourceFailure[];
  /** The reasons in the stack's own events, oldest first. */
  readonly stackReasons: readonly string[];
  readonly rollingBack: boolean;
}

/** The state before the first event. */
export function startMonitor(stackId: string, expectedResources: number): MonitorState {
  return {
    stackId,
    expectedResources,
    seen: new Set(),
    last: undefined,
    resources: new Map(),
    stackStatus: undefined,
    failures: [],
    rollbackFailures: [],
    stackReasons: [],
    rollingBack: false,
  };
}

/** One event, and the progress of the operation when it arrived. */
export interface ObservedEvent {
  readonly event: StackEvent;
  readonly resourcesDone: number;
  readonly resourcesTotal: number;
}

/**
 * The state after further events, oldest first, and those that were new. Repeated events are dropped, so the caller may
 * hand in overlapping pages.
 */
export function observe(
  state: MonitorState,
  events: readonly StackEvent[],
): { readonly state: MonitorState; readonly fresh: readonly ObservedEvent[] } {
  let current = state;
  const fresh: ObservedEvent[] = [];
  for (const event of events) {
    if (current.seen.has(event.eventId)) continue;
    current = observeOne(current, event);
    fresh.push({ event, ...progressOf(current) });
  }
  return { state: current, fresh };
}

function observeOne(state: MonitorState, event: StackEvent): MonitorState {
  const seen = new Set(state.seen).add(event.eventId);
  if (isOfStack(state, event)) {
    return {
      ...state,
      seen,
      last: event,
      stackStatus: event.status,
      rollingBack: state.rollingBack || event.status.includes('ROLLBACK'),
      stackReasons: event.reason === undefined ? state.stackReasons : [...state.stackReasons, event.reason],
    };
  }
  const resources = new Map(state.resources).set(event.logicalId, event);
  const failure = failureOf(event);
  if (failure === undefined) return { ...state, seen, last: event, resources };
  const next = { ...state, seen, last: event, resources };
  return state.rollingBack
    ? { ...next, rollbackFailures: [...state.rollbackFailures, failure] }
    : { ...next, failures: [...state.failures, failure] };
}

/** True for an event of the stack itself, not of a resource (nor of a stack nested in it). */
function isOfStack(state: MonitorState, event: StackEvent): boolean {
  return event.resourceType === 'AWS::CloudFormation::Stack' && event.physicalId === state.stackId;
}

/** CloudFormation's text for resources that it stopped because another one failed. */
const CANCELLATION = /^Resource (creation|update|deletion|import) cancell?ed/i;

function failureOf(event: StackEvent): ResourceFailure | undefined {
  if (!event.status.endsWith('_FAILED')) return undefined;
  if (event.reason !== undefined && CANCELLATION.test(event.reason)) return undefined;
  const { logicalId, physicalId, resourceType, status } = event;
  return { logicalId, physicalId, resourceType, status, reason: event.reason ?? 'no reason given' };
}

/**
 * The cause of a failed operation: the first resource that failed by itself. A failure of the rollback counts only if
 * nothing failed before it.
 */
export function firstCause(state: MonitorState): ResourceFailure | undefined {
  return state.failures[0] ?? state.rollbackFailures[0];
}

const DONE = new Set(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE']);
const GONE = new Set(['DELETE_COMPLETE', 'DELETE_SKIPPED']);

/**
 * The number of finished resources, and of how many. The number decreases while a creation is rolled back, because a
 * deleted resource is not finished any more.
 */
export function progressOf(state: MonitorState): {
  readonly resourcesDone: number;
  readonly resourcesTotal: number;
} {
  let resourcesDone = 0;
  for (const { status } of state.resources.values()) {
    if (DONE.has(status) || (!state.rollingBack && GONE.has(status))) resourcesDone += 1;
  }
  // An update can change more resources than its change set listed.
  return { resourcesDone, resourcesTotal: Math.max(state.expectedResources, state.resources.size) };
}

/**
 * The events of a stack's latest operation, oldest first. With them a command can follow an operation that somebody
 * else or an interrupted command started. `newestFirst` are all events of the stack in CloudFormation's order.
 */
export function eventsOfLastOperation(
  stackId: string,
  newestFirst: readonly StackEvent[],
): readonly StackEvent[] {
  const begin = newestFirst.findIndex(
    (event) =>
      event.resourceType === 'AWS::CloudFormation::Stack' &&
      event.physicalId === stackId &&
      /^(CREATE|UPDATE|DELETE|IMPORT)_IN_PROGRESS$/.test(event.status),
  );
  return newestFirst.slice(0, begin === -1 ? newestFirst.length : begin + 1).reverse();
}
