import type { Operation } from '../../../protocols/operation.ts';
import { findChangeSet } from '../change-set-input.ts';
import type { CloudFormationDeps } from '../deps.ts';
import type { ChangeDetail, ResourceChange } from '../engine/changes.ts';
import { booleanInput, textInput } from '../input.ts';
import { pageOf } from '../page.ts';
import { parameterShapes, tagShapes } from '../shapes.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html */
export function describeChangeSet(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const changeSet = findChangeSet(deps, input);
    const values = booleanInput(input, 'IncludePropertyValues') === true;
    const page = pageOf(
      changeSet.changes,
      `DescribeChangeSet ${changeSet.id}`,
      textInput(input, 'NextToken'),
      deps.pageSize,
    );
    const tags = tagShapes(changeSet.definition.tags);
    return {
      ChangeSetName: changeSet.name,
      ChangeSetId: changeSet.id,
      StackId: changeSet.stackId,
      StackName: changeSet.stackName,
      Description: changeSet.description,
      Parameters: parameterShapes(changeSet.definition),
      CreationTime: new Date(changeSet.createdAtMs),
      ExecutionStatus: changeSet.executionStatus,
      Status: changeSet.status,
      StatusReason: changeSet.statusReason,
      NotificationARNs: [],
      RollbackConfiguration: {},
      Capabilities: changeSet.definition.capabilities,
      Tags: tags.length === 0 ? undefined : tags,
      Changes: page.items.map((change) => ({
        Type: 'Resource',
        ResourceChange: changeShape(change, values),
      })),
      NextToken: page.nextToken,
      IncludeNestedStacks: false,
      OnStackFailure: changeSet.onStackFailure,
    };
  };
}

function changeShape(change: ResourceChange, values: boolean): object {
  return {
    PolicyAction: change.policyAction,
    Action: change.action,
    LogicalResourceId: change.logicalId,
    PhysicalResourceId: change.physicalId,
    ResourceType: change.type,
    Replacement: change.replacement ?? (values && change.action === 'Add' ? 'True' : undefined),
    Scope: change.scope,
    Details: change.details.map((detail) => detailShape(detail, values)),
    BeforeContext: values ? change.beforeContext : undefined,
    AfterContext: values ? change.afterContext : undefined,
  };
}

function detailShape(detail: ChangeDetail, values: boolean): object {
  return {
    Target: {
      Attribute: detail.attribute,
      Name: detail.name,
      RequiresRecreation: detail.requiresRecreation,
      ...(values ? valueShape(detail) : {}),
    },
    Evaluation: detail.evaluation,
    ChangeSource: detail.source,
    CausingEntity: detail.causingEntity,
  };
}

function valueShape(detail: ChangeDetail): object {
  return {
    Path: detail.name === undefined ? `/${detail.attribute}` : `/${detail.attribute}/${detail.name}`,
    BeforeValue: detail.before,
    AfterValue: detail.after,
    AttributeChangeType:
      detail.before === undefined ? 'Add' : detail.after === undefined ? 'Remove' : 'Modify',
  };
}
