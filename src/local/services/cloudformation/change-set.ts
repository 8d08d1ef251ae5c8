import type { ResourceChange } from './engine/changes.ts';
import type { ResourceProblem } from './engine/prepare.ts';
import type { OnFailure, StackDefinition } from './stack.ts';

export type ChangeSetStatus = 'CREATE_PENDING' | 'CREATE_IN_PROGRESS' | 'CREATE_COMPLETE' | 'FAILED';

export type ExecutionStatus =
  | 'UNAVAILABLE'
  | 'AVAILABLE'
  | 'EXECUTE_IN_PROGRESS'
  | 'EXECUTE_COMPLETE'
  | 'EXECUTE_FAILED'
  | 'OBSOLETE';

/** A finding of the validation before deployment. Only DescribeEvents returns it. */
export interface ValidationFinding {
  readonly name: 'PROPERTY_VALIDATION' | 'NAME_CONFLICT_VALIDATION' | 'BUCKET_EMPTINESS_VALIDATION';
  readonly mode: 'FAIL' | 'WARN';
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId?: string;
  readonly reason: string;
  /** The position in the template: `/Resources/X/Properties/Y`. */
  readonly path: string;
}

/** A change set. Only its status changes. */
export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly description?: string;
  readonly type: 'CREATE' | 'UPDATE';
  readonly createdAtMs: number;
  readonly definition: StackDefinition;
  readonly onStackFailure?: OnFailure;
  readonly operationId: string;
  readonly clientToken?: string;
  status: ChangeSetStatus;
  statusReason: string | undefined;
  executionStatus: ExecutionStatus;
  changes: readonly ResourceChange[];
  findings: readonly ValidationFinding[];
  endedAtMs: number | undefined;
}

/** Converts a problem of a property to a finding. */
export function propertyFinding(problem: ResourceProblem): ValidationFinding {
  return {
    name: 'PROPERTY_VALIDATION',
    mode: 'FAIL',
    logicalId: problem.logicalId,
    type: problem.type,
    reason: problem.message,
    path: ['/Resources', problem.logicalId, 'Properties', ...problem.path].join('/'),
  };
}
