import { KNOWN_AFTER_APPLY } from '../../resources/value.ts';
import { type ChangeSet, propertyFinding, type ValidationFinding } from './change-set.ts';
import type { CloudFormationDeps } from './deps.ts';
import type { ResourceChange } from './engine/changes.ts';
import { resolveProperties } from './engine/prepare.ts';
import { planUpdate } from './plan.ts';
import type { Stack } from './stack.ts';

const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

/**
 * Evaluates a change set: which changes it contains, and whether AWS's validation before deployment allows them. Its
 * status becomes CREATE_COMPLETE and AVAILABLE, or FAILED with AWS's reason.
 * @param validates false if the request disabled that validation
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html
 */
export async function evaluateChangeSet(
  deps: CloudFormationDeps,
  stack: Stack,
  changeSet: ChangeSet,
  validates: boolean,
): Promise<void> {
  changeSet.status = 'CREATE_IN_PROGRESS';
  const plan = planUpdate(stack, changeSet.definition);
  changeSet.changes = plan.changes;
  if (validates) {
    changeSet.findings = [
      ...changeSet.definition.prepared.problems.map(propertyFinding),
      ...(await nameConflicts(deps, stack, changeSet)),
      ...(await fullBuckets(deps, stack, plan.changes)),
    ];
  }
  const fatal = changeSet.findings.filter((finding) => finding.mode === 'FAIL');
  changeSet.endedAtMs = deps.cloud.now();
  if (fatal.length > 0) fail(changeSet, earlyValidationReason(fatal));
  // A new stack may be empty, if its conditions exclude every resource.
  else if (changeSet.type === 'UPDATE' && plan.isEmpty) fail(changeSet, NO_CHANGES);
  else {
    changeSet.status = 'CREATE_COMPLETE';
    changeSet.executionStatus = 'AVAILABLE';
  }
}

/** Marks a change set as one that can't be executed. */
export function fail(changeSet: ChangeSet, reason: string): void {
  changeSet.status = 'FAILED';
  changeSet.statusReason = reason;
  changeSet.executionStatus = 'UNAVAILABLE';
}

function earlyValidationReason(fatal: readonly ValidationFinding[]): string {
  const checks = new Set(
    fatal.map((finding) =>
      finding.name === 'PROPERTY_VALIDATION'
        ? 'AWS::EarlyValidation::PropertyValidation'
        : 'AWS::EarlyValidation::ResourceExistenceCheck',
    ),
  );
  return (
    `The following hook(s)/validation failed: [${[...checks].join(', ')}]. ` +
    'To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information.'
  );
}

/** Finds new resources whose fixed name is taken. */
async function nameConflicts(
  deps: CloudFormationDeps,
  stack: Stack,
  changeSet: ChangeSet,
): Promise<readonly ValidationFinding[]> {
  const { prepared } = changeSet.definition;
  const environment = prepared.environment({
    resource: (id) => stack.resources.get(id)?.current?.physicalId ?? KNOWN_AFTER_APPLY,
    attribute: (id, name) => stack.resources.get(id)?.current?.attributes[name] ?? KNOWN_AFTER_APPLY,
  });
  const findings: ValidationFinding[] = [];
  for (const [logicalId, resource] of prepared.resources) {
    if (stack.resources.get(logicalId)?.current !== undefined || resource.type.exists === undefined) continue;
    const { properties } = resolveProperties(resource.type, resource.declaration.properties, environment);
    const name = resource.type.fixedName?.(properties);
    if (name !== undefined && (await resource.type.exists(deps.cloud, name))) {
      findings.push({
        name: 'NAME_CONFLICT_VALIDATION',
        mode: 'FAIL',
        logicalId,
        type: resource.type.type,
        physicalId: name,
        reason: `Resource of type '${resource.type.type}' with identifier '${name}' already exists.`,
        path: `/Resources/${logicalId}`,
      });
    }
  }
  return findings;
}

/**
 * Finds buckets that the change deletes and that contain objects. This is only a warning, because they may be emptied
 * before the execution.
 */
async function fullBuckets(
  deps: CloudFormationDeps,
  stack: Stack,
  changes: readonly ResourceChange[],
): Promise<readonly ValidationFinding[]> {
  const findings: ValidationFinding[] = [];
  for (const change of changes) {
    const current = stack.resources.get(change.logicalId)?.current;
    if (change.action !== 'Remove' || change.policyAction !== 'Delete' || current === undefined) continue;
    if ((await current.type.holdsData?.(deps.cloud, current.physicalId)) === true) {
      findings.push({
        name: 'BUCKET_EMPTINESS_VALIDATION',
        mode: 'WARN',
        logicalId: change.logicalId,
        type: change.type,
        physicalId: current.physicalId,
        reason: `The bucket '${current.physicalId}' is not empty. You must either delete all objects and versions or use the deletion policy to retain it, otherwise the delete operation will fail.`,
        path: `/Resources/${change.logicalId}`,
      });
    }
  }
  return findings;
}
