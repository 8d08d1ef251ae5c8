/** What can be done with a stack, by its status. */
export type StackCondition =
  /** There is no such stack. */
  | 'absent'
  /** It is complete and can be updated. */
  | 'standing'
  /** CloudFormation is working on it. */
  | 'busy'
  /** Made by a change set that was never executed: it has no resources. */
  | 'review'
  /** Its creation failed and was rolled back: it has no resources and can only be deleted. */
  | 'hollow'
  /** Its creation failed and some of its resources are still there; it can only be deleted. */
  | 'half-created'
  /** A deletion failed halfway; it can only be deleted. */
  | 'half-deleted'
  /** An update's rollback failed; it can be continued. */
  | 'half-rolled-back'
  /** An update failed and nobody rolled it back. */
  | 'half-updated';

/**
 * The condition of a stack by its status, `undefined` for a stack that is not there.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes
 */
export function conditionOf(status: string | undefined): StackCondition {
  switch (status) {
    case undefined:
    case 'DELETE_COMPLETE':
      return 'absent';
    case 'REVIEW_IN_PROGRESS':
      return 'review';
    case 'ROLLBACK_COMPLETE':
      return 'hollow';
    case 'CREATE_FAILED':
    case 'ROLLBACK_FAILED':
      return 'half-created';
    case 'DELETE_FAILED':
      return 'half-deleted';
    case 'UPDATE_ROLLBACK_FAILED':
      return 'half-rolled-back';
    case 'UPDATE_FAILED':
    case 'IMPORT_ROLLBACK_FAILED':
      return 'half-updated';
    default:
      return status.endsWith('_IN_PROGRESS') ? 'busy' : 'standing';
  }
}

/** True for a status in which CloudFormation does nothing by itself. A stack under review waits for a person. */
export function isSettled(status: string): boolean {
  return !status.endsWith('_IN_PROGRESS') || status === 'REVIEW_IN_PROGRESS';
}

/** True for the status of a successful operation. */
export function isSuccess(operation: 'create' | 'update' | 'delete' | 'rollback', status: string): boolean {
  switch (operation) {
    case 'create':
      return status === 'CREATE_COMPLETE';
    case 'update':
      return status === 'UPDATE_COMPLETE';
    case 'delete':
      return status === 'DELETE_COMPLETE';
    case 'rollback':
      return status === 'UPDATE_ROLLBACK_COMPLETE' || status === 'ROLLBACK_COMPLETE';
  }
}
