import type { ExistingResource, ResourceType } from '../../resources/resource-type.ts';
import type { PreparedTemplate } from './engine/prepare.ts';
import type { ResourceDeclaration } from './engine/template.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes */
export type StackStatus =
  | 'REVIEW_IN_PROGRESS'
  | 'CREATE_IN_PROGRESS'
  | 'CREATE_FAILED'
  | 'CREATE_COMPLETE'
  | 'ROLLBACK_IN_PROGRESS'
  | 'ROLLBACK_FAILED'
  | 'ROLLBACK_COMPLETE'
  | 'DELETE_IN_PROGRESS'
  | 'DELETE_FAILED'
  | 'DELETE_COMPLETE'
  | 'UPDATE_IN_PROGRESS'
  | 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'UPDATE_COMPLETE'
  | 'UPDATE_FAILED'
  | 'UPDATE_ROLLBACK_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_FAILED'
  | 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_COMPLETE';

export type ResourceStatus =
  | 'CREATE_IN_PROGRESS'
  | 'CREATE_FAILED'
  | 'CREATE_COMPLETE'
  | 'UPDATE_IN_PROGRESS'
  | 'UPDATE_FAILED'
  | 'UPDATE_COMPLETE'
  | 'DELETE_IN_PROGRESS'
  | 'DELETE_FAILED'
  | 'DELETE_COMPLETE'
  | 'DELETE_SKIPPED';

export type OperationType =
  | 'CREATE_STACK'
  | 'UPDATE_STACK'
  | 'DELETE_STACK'
  | 'CONTINUE_ROLLBACK'
  | 'ROLLBACK'
  | 'CREATE_CHANGESET';

export type OnFailure = 'ROLLBACK' | 'DO_NOTHING' | 'DELETE';

/** The resource type of a stack's own events. */
export const STACK_TYPE = 'AWS::CloudFormation::Stack';

export interface StackEvent {
  readonly eventId: string;
  readonly operationId: string;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly resourceType: string;
  readonly status: StackStatus | ResourceStatus;
  readonly reason?: string;
  /** The resource's properties as JSON text. */
  readonly properties?: string;
  readonly clientRequestToken?: string;
  /** Strictly increasing within a stack, so that event ids are distinct. */
  readonly atEpochMs: number;
}

/** A physical resource of a stack, with all that its update and deletion need. It is never modified, only replaced. */
export interface DeployedResource extends ExistingResource {
  readonly type: ResourceType;
  readonly declaration: ResourceDeclaration;
  readonly dependencies: ReadonlySet<string>;
  readonly logicalId: string;
}

/** One logical id of a stack. */
export interface ResourceRecord {
  readonly logicalId: string;
  readonly type: ResourceType;
  status: ResourceStatus;
  statusReason: string | undefined;
  updatedAtMs: number;
  /** Undefined before its creation and after its deletion. */
  current: DeployedResource | undefined;
  /** The target of a failed update in place. The physical resource may be partly changed. */
  attempted: DeployedResource | undefined;
  /** Replaced or partly created physical resources that the clean-up deletes. */
  leftovers: DeployedResource[];
}

/** The state that an update rolls back to. */
export interface StackState {
  readonly definition: StackDefinition;
  readonly resources: ReadonlyMap<string, DeployedResource>;
  readonly outputs: readonly StackOutput[];
}

export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
}

/** One operation on a stack. */
export interface StackOperation {
  readonly id: string;
  readonly type: OperationType;
  readonly startedAtMs: number;
  readonly clientRequestToken?: string;
  endedAtMs?: number;
  status: 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED';
}

/** The definition of a stack: the template and all other settings of a request. */
export interface StackDefinition {
  readonly templateBody: string;
  readonly prepared: PreparedTemplate;
  readonly tags: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
}

export interface RunningOperation {
  readonly operation: StackOperation;
  readonly controller: AbortController;
  /** Resolves when the operation has ended. Never rejects. */
  readonly done: Promise<void>;
}

/** A stack with its history. The executor changes it, operations read it. */
export class Stack {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  status: StackStatus;
  statusReason: string | undefined;
  updatedAtMs: number | undefined;
  deletedAtMs: number | undefined;
  /** The last requested definition. Undefined while only a change set exists. */
  definition: StackDefinition | undefined;
  /** The state after the last successful operation. */
  stable: StackState | undefined;
  outputs: readonly StackOutput[] = [];
  readonly resources = new Map<string, ResourceRecord>();
  readonly events: StackEvent[] = [];
  readonly operations: StackOperation[] = [];
  readonly tokens = new Map<string, string>();
  running: RunningOperation | undefined;
  onFailure: OnFailure = 'ROLLBACK';
  retainExceptOnCreate = false;
  timeoutMinutes: number | undefined;
  terminationProtection = false;
  roleArn: string | undefined;
  changeSetId: string | undefined;

  constructor(init: { id: string; name: string; createdAtMs: number; status: StackStatus; reason?: string }) {
    this.id = init.id;
    this.name = init.name;
    this.createdAtMs = init.createdAtMs;
    this.status = init.status;
    this.statusReason = init.reason;
  }
}
