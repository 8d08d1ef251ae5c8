import type { TargetKind } from './target.ts';

/** The place of a deploy or teardown, which is the first line of its plan. */
export interface PlanHeading {
  readonly kind: TargetKind;
  readonly accountId: string;
  /** The caller's identity, from STS. */
  readonly callerArn: string;
  readonly region: string;
  readonly endpoint?: string;
  readonly profile?: string;
  readonly project: string;
}

/** One change of one resource, as a change set describes it. */
export interface PlannedChange {
  readonly action: 'add' | 'modify' | 'remove' | 'import' | 'dynamic';
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly resourceType: string;
  /** `always` and `maybe` mean that the resource is replaced and the old one is deleted. */
  readonly replacement: 'never' | 'maybe' | 'always';
}

/** The planned work of `deploy` on one stack. */
export interface PlannedStack {
  readonly stackName: string;
  /** The runtime of the stack. Undefined for the assets stack. */
  readonly runtime?: string;
  /**
   * `create`: the stack does not exist. `recreate`: an empty leftover of the stack is deleted first. `resume`: the stack
   * is updated after the operation that is under way has ended. `recover`: the stack is updated after its
   * unfinished last update was rolled back. `update`: a change set is created, which may be empty. `none`: nothing changes.
   */
  readonly action: 'create' | 'recreate' | 'resume' | 'recover' | 'update' | 'none';
  /** The stack's current status. */
  readonly status?: string;
  /** Names of the functions that the stack holds. */
  readonly functions: readonly string[];
  /** The changes, known after the change set was created. A new stack adds all its resources. */
  readonly changes?: readonly PlannedChange[];
}

/** A leftover of an earlier deploy, and how it is removed. */
export interface Leftover {
  readonly kind: 'stack' | 'log-group';
  readonly name: string;
  /** Its state in words: `ROLLBACK_COMPLETE`, `its function was deleted`. */
  readonly state: string;
  /** `clean`: it contains no data and is deleted without asking. `ask`: it contains data. */
  readonly remedy: 'clean' | 'ask';
}

/** Data that the deploy would delete. */
export interface DataLoss {
  readonly stackName: string;
  readonly kind:
    | 'table-replaced'
    | 'table-removed'
    | 'log-group-replaced'
    | 'log-group-removed'
    | 'log-group-deleted';
  readonly logicalId?: string;
  /** The table or the log group. */
  readonly name: string;
  /** The reason in words. */
  readonly reason: string;
}

export interface DeployPlan {
  readonly heading: PlanHeading;
  readonly stacks: readonly PlannedStack[];
  readonly leftovers: readonly Leftover[];
  /**
   * The cost of the deployment while nobody calls it, US dollars a month. It is 0, because everything is billed on
   * demand.
   */
  readonly idleUsdPerMonth: 0;
}

/** What `teardown` has found and will delete. */
export interface TeardownPlan {
  readonly heading: PlanHeading;
  readonly stacks: readonly {
    readonly stackName: string;
    readonly runtime?: string;
    readonly status: string;
    readonly resources: number;
  }[];
  /** Objects and versions in the bucket of the assets stack. */
  readonly bucket?: { readonly name: string; readonly objects: number };
  /** Log groups of the project that no longer belong to a stack. */
  readonly logGroups: readonly string[];
}

/** One line of a teardown's receipt: a type of resource, looked for after everything was deleted. */
export interface ReceiptLine {
  readonly resourceType: string;
  /** The number of such resources before the teardown. */
  readonly found: number;
  readonly deleted: number;
  /** The names of the resources that still exist. */
  readonly left: readonly string[];
  /** The names of the resources that the user asked to keep (`--retain`). */
  readonly retained: readonly string[];
  /** The source of the result: the service itself, or the state of the resource in CloudFormation. */
  readonly checkedWith: 'service' | 'cloudformation';
}
