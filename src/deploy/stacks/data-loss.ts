import type { DataLoss, PlannedChange } from '../../model/deploy-plan.ts';

/** Resource types whose data cannot be made again. The bucket is not one: a build makes its zips again. */
const DATA_TYPES: Readonly<Record<string, 'table' | 'log-group'>> = {
  'AWS::DynamoDB::Table': 'table',
  'AWS::Logs::LogGroup': 'log-group',
};

/** The data that these changes would destroy. */
export function dataLossOf(stackName: string, changes: readonly PlannedChange[]): readonly DataLoss[] {
  return changes.flatMap((change) => {
    const holder = DATA_TYPES[change.resourceType];
    if (holder === undefined) return [];
    const removed = change.action === 'remove';
    const replaced = change.action === 'modify' && change.replacement !== 'never';
    if (!removed && !replaced) return [];
    const certainly = change.replacement === 'maybe' ? 'may have to' : 'has to';
    return [
      {
        stackName,
        kind: `${holder}-${removed ? 'removed' : 'replaced'}`,
        logicalId: change.logicalId,
        name: change.physicalId ?? change.logicalId,
        reason: removed
          ? `${change.logicalId} is no longer part of the stack and is deleted with its content`
          : `CloudFormation ${certainly} replace ${change.logicalId} and deletes the old one with its content`,
      },
    ];
  });
}
