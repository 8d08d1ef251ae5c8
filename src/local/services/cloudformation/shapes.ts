import { shownParameter } from './engine/parameters.ts';
import type { ParameterDeclaration, Template } from './engine/template.ts';
import type { ResourceRecord, Stack, StackDefinition, StackEvent } from './stack.ts';

const NOT_CHECKED = 'NOT_CHECKED';

/** The members of an event that DescribeStackEvents and DescribeEvents share. */
export function resourceEventShape(event: StackEvent): object {
  return {
    EventId: event.eventId,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId,
    ResourceType: event.resourceType,
    Timestamp: new Date(event.atEpochMs),
    ResourceStatus: event.status,
    ResourceStatusReason: event.reason,
    ResourceProperties: event.properties,
  };
}

/** A stack in the form of DescribeStacks. */
export function stackShape(stack: Stack): object {
  const { definition } = stack;
  const shows = stack.status !== 'REVIEW_IN_PROGRESS';
  return {
    StackId: stack.id,
    StackName: stack.name,
    ChangeSetId: stack.changeSetId,
    Description: shows ? definition?.prepared.template.description : undefined,
    Parameters: shows && definition !== undefined ? parameterShapes(definition) : undefined,
    CreationTime: new Date(stack.createdAtMs),
    DeletionTime: time(stack.deletedAtMs),
    LastUpdatedTime: time(stack.updatedAtMs),
    RollbackConfiguration: {},
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DisableRollback: stack.onFailure === 'DO_NOTHING',
    NotificationARNs: [],
    TimeoutInMinutes: stack.timeoutMinutes,
    Capabilities: definition?.capabilities,
    Outputs: stack.outputs.length === 0 ? undefined : outputShapes(stack),
    RoleARN: stack.roleArn,
    Tags: tagShapes(definition?.tags ?? {}),
    EnableTerminationProtection: stack.terminationProtection,
    DriftInformation: { StackDriftStatus: NOT_CHECKED },
    RetainExceptOnCreate: stack.retainExceptOnCreate ? true : undefined,
    LastOperations: lastOperations(stack),
  };
}

/** A stack in the form of ListStacks. */
export function stackSummaryShape(stack: Stack): object {
  return {
    StackId: stack.id,
    StackName: stack.name,
    TemplateDescription: stack.definition?.prepared.template.description,
    CreationTime: new Date(stack.createdAtMs),
    LastUpdatedTime: time(stack.updatedAtMs),
    DeletionTime: time(stack.deletedAtMs),
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DriftInformation: { StackDriftStatus: NOT_CHECKED },
    LastOperations: lastOperations(stack),
  };
}

export function parameterShapes(definition: StackDefinition): readonly object[] | undefined {
  const { parameters, template } = definition.prepared;
  if (parameters.size === 0) return undefined;
  return [...parameters].map(([key, value]) => ({
    ParameterKey: key,
    ParameterValue: shownParameter(template.parameters.get(key), value),
  }));
}

export function tagShapes(tags: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** A resource in the form of DescribeStackResources. */
export function resourceShape(stack: Stack, record: ResourceRecord): object {
  return {
    StackName: stack.name,
    StackId: stack.id,
    LogicalResourceId: record.logicalId,
    PhysicalResourceId: physicalIdOf(stack, record),
    ResourceType: record.type.type,
    Timestamp: new Date(record.updatedAtMs),
    ResourceStatus: record.status,
    ResourceStatusReason: record.statusReason,
    DriftInformation: { StackResourceDriftStatus: NOT_CHECKED },
  };
}

/** A resource in the form of ListStackResources. */
export function resourceSummaryShape(stack: Stack, record: ResourceRecord): object {
  return {
    LogicalResourceId: record.logicalId,
    PhysicalResourceId: physicalIdOf(stack, record),
    ResourceType: record.type.type,
    LastUpdatedTimestamp: new Date(record.updatedAtMs),
    ResourceStatus: record.status,
    ResourceStatusReason: record.statusReason,
    DriftInformation: { StackResourceDriftStatus: NOT_CHECKED },
  };
}

/** A parameter in the form of ValidateTemplate, or, with its type and values, of GetTemplateSummary. */
export function declarationShape(declaration: ParameterDeclaration, full: boolean): object {
  return {
    ParameterKey: declaration.name,
    DefaultValue: declaration.defaultValue,
    ParameterType: full ? declaration.type : undefined,
    NoEcho: declaration.noEcho,
    Description: declaration.description,
    ParameterConstraints: full
      ? {
          AllowedValues: declaration.allowedValues === undefined ? undefined : [...declaration.allowedValues],
        }
      : undefined,
  };
}

/** The types of a template's resources, without duplicates, in its order. */
export function resourceTypes(template: Template): readonly string[] {
  return [...new Set([...template.resources.values()].map((resource) => resource.type))];
}

/** A deleted resource keeps its last physical id, which is read from the events. */
function physicalIdOf(stack: Stack, record: ResourceRecord): string | undefined {
  if (record.current !== undefined) return record.current.physicalId;
  const last = stack.events.findLast(
    (event) =>
      event.logicalId === record.logicalId &&
      event.resourceType === record.type.type &&
      event.physicalId !== '',
  );
  return last?.physicalId;
}

function outputShapes(stack: Stack): readonly object[] {
  return stack.outputs.map((output) => ({
    OutputKey: output.key,
    OutputValue: output.value,
    Description: output.description,
  }));
}

function lastOperations(stack: Stack): readonly object[] | undefined {
  const last = stack.operations.at(-1);
  return last === undefined ? undefined : [{ OperationType: last.type, OperationId: last.id }];
}

function time(epochMs: number | undefined): Date | undefined {
  return epochMs === undefined ? undefined : new Date(epochMs);
}
