import type { TargetKind } from './target.ts';

/** Where a plan applies: the first line of `deploy` and `teardown`. */
export interface PlanHeading {
  readonly kind: TargetKind;
  readonly accountId: string;
  /** Who acts there, as STS says. */
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

/** What `deploy` does with one stack. */
export interface PlannedStack {
  readonly stackName: string;
  /** Undefined for the assets stack. */
  readonly runtime?: string;
  /**
   * `create`: there is none. `recreate`: a leftover that holds nothing is deleted first. `resume`: an operation is
   * under way; it is followed to its end, then updated. `recover`: its last update's rollback is completed or undone
   * first, then updated. `update`: a change set is made; it may turn out empty. `none`: nothing to change.
   */
  readonly action: 'create' | 'recreate' | 'resume' | 'recover' | 'update' | 'none';
  /** The stack's status as found. */
  readonly status?: string;
  /** Names of the functions that the stack holds. */
  readonly functions: readonly string[];
  /** Known once the change set is made; a stack that is created adds all its resources. */
  readonly changes?: readonly PlannedChange[];
}

/** Something left by an earlier deploy, with what is done about it. */
export interface Leftover {
  readonly kind: 'stack' | 'log-group';
  readonly name: string;
  /** What state it is in, in words: `ROLLBACK_COMPLETE`, `its function was deleted`. */
  readonly state: string;
  /** `clean`: it holds nothing and goes by itself. `ask`: it holds data. */
  readonly remedy: 'clean' | 'ask';
}

/** Data that would be lost if the deploy went on. */
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
  /** Why, in words. */
  readonly reason: string;
}

export interface DeployPlan {
  readonly heading: PlanHeading;
  readonly stacks: readonly PlannedStack[];
  readonly leftovers: readonly Leftover[];
  /** What the whole costs while nobody calls it, US dollars a month: on-demand all through, so nothing. */
  readonly idleUsdPerMonth: 0;
}

/** What `teardown` found and will delete. */
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
  /** Log groups of the project that belong to no stack any more. */
  readonly logGroups: readonly string[];
}

/** One line of a teardown's receipt: a type of resource, looked for after everything was deleted. */
export interface ReceiptLine {
  readonly resourceType: string;
  /** How many this teardown set out to delete. */
  readonly found: number;
  readonly deleted: number;
  /** What is still there, by name. */
  readonly left: readonly string[];
  /** What a person asked to keep (`--retain`), by name. */
  readonly retained: readonly string[];
  /** Who says so: the service itself was asked, or CloudFormation's word for the resource was read. */
  readonly checkedWith: 'service' | 'cloudformation';
}
