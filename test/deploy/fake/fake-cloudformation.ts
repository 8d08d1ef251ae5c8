import type { FakeClock } from './clock.ts';

/**
 * CloudFormation as far as a deploy meets it, driven by a fake clock.
 *
 * - A change set of type CREATE makes a stack in REVIEW_IN_PROGRESS, without the tags until it is executed. Its status is
 *   CREATE_PENDING, then CREATE_COMPLETE after a second; FAILED with AWS's words where nothing would change.
 * - Executing it takes a second per resource. A resource that is told to fail fails in its turn; the one after it, already
 *   begun, is cancelled; then the stack rolls back, a second per resource.
 * - A deletion takes a second per resource; a resource that is told to refuse it leaves the stack in DELETE_FAILED, unless
 *   it is retained.
 * - DeleteStack is taken while a creation is under way, CancelUpdateStack only in UPDATE_IN_PROGRESS.
 * - A stack is found by its name until it is deleted, by its id for ever.
 *
 * Each error bears AWS's name and words. What is not here is an error: nothing answers by default.
 */
export class FakeCloudFormation {
  readonly stacks: FakeStack[] = [];
  readonly changeSets: FakeChangeSet[] = [];
  readonly behaviour = {
    /** `stack/LogicalId` → reason; fails once for each entry, then works. */
    failCreate: new Map<string, string>(),
    failUpdate: new Map<string, string>(),
    failDelete: new Map<string, string>(),
    /** `stack/LogicalId` → reason, every time. */
    refuseDelete: new Map<string, string>(),
    /** Replacement of a resource in the next update: `stack/LogicalId` → `True` or `Conditional`. */
    replace: new Map<string, string>(),
    /** Change sets of these stacks fail with this reason, once. */
    failChangeSet: new Map<string, string>(),
    msPerResource: 1_000,
  };
  /** A service's own reason to refuse a deletion, such as a bucket that is not empty. */
  refusal: (resource: FakeResource) => string | undefined = () => undefined;
  readonly #clock: FakeClock;
  #counter = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** A stack as an earlier deploy, or somebody else, left it. */
  seed(
    name: string,
    status: string,
    tags: Record<string, string>,
    resources: readonly FakeResource[] = [],
    outputs: Record<string, string> = {},
  ): FakeStack {
    const stack = this.#newStack(name, status, tags);
    stack.resources.push(...resources.map((each) => ({ ...each })));
    Object.assign(stack.outputs, outputs);
    this.#event(stack, stack.name, STACK, status, undefined);
    return stack;
  }

  byName(name: string): FakeStack | undefined {
    return this.stacks.find((stack) => stack.name === name && stack.status !== 'DELETE_COMPLETE');
  }

  send(operation: string, input: Record<string, unknown>): unknown {
    const handler = this.#operations[operation];
    if (handler === undefined) throw serviceError('InvalidAction', `no ${operation} here`, 400);
    return handler(input);
  }

  readonly #operations: Record<string, (input: Record<string, unknown>) => unknown> = {
    DescribeStacks: ({ StackName, NextToken }) => {
      if (typeof StackName !== 'string') {
        const listed = this.stacks.filter(({ status }) => status !== 'DELETE_COMPLETE');
        const page = pageOf(listed, STACKS_PER_PAGE, NextToken, ({ id }) => id);
        return { Stacks: page.items.map(toStack), ...page.next };
      }
      return { Stacks: [toStack(this.#find(StackName))] };
    },
    DescribeStackEvents: ({ StackName, NextToken }) => {
      const events = [...this.#find(String(StackName)).events].reverse();
      const page = pageOf(events, EVENTS_PER_PAGE, NextToken, ({ EventId }) => String(EventId));
      return { StackEvents: page.items, ...page.next };
    },
    DescribeStackResources: ({ StackName }) => ({
      StackResources: this.#find(String(StackName)).resources.map((resource) => ({
        LogicalResourceId: resource.logicalId,
        PhysicalResourceId: resource.physicalId,
        ResourceType: resource.type,
        ResourceStatus: resource.status,
      })),
    }),
    ListChangeSets: ({ StackName }) => ({
      Summaries: this.changeSets
        .filter(({ stack, executed }) => stack === this.#find(String(StackName)) && !executed)
        .map(({ name, createdAtMs, stack }) => ({
          ChangeSetName: name,
          StackId: stack.id,
          CreationTime: new Date(createdAtMs),
        })),
    }),
    CreateChangeSet: (input) => this.#createChangeSet(input),
    DescribeChangeSet: ({ ChangeSetName }) => {
      const { status, reason, changes } = this.#changeSet(String(ChangeSetName));
      return {
        Status: status,
        StatusReason: reason,
        Changes: changes.map((change) => ({ Type: 'Resource', ResourceChange: change })),
      };
    },
    DeleteChangeSet: ({ ChangeSetName }) => {
      const changeSet = this.#changeSet(String(ChangeSetName));
      this.changeSets.splice(this.changeSets.indexOf(changeSet), 1);
      return {};
    },
    ExecuteChangeSet: ({ ChangeSetName }) => {
      this.#execute(this.#changeSet(String(ChangeSetName)));
      return {};
    },
    DescribeEvents: () => ({ OperationEvents: this.validationEvents.splice(0) }),
    DeleteStack: ({ StackName, RetainResources }) => {
      const stack = this.stacks.find(({ name, id }) => name === StackName || id === StackName);
      if (stack === undefined || stack.status === 'DELETE_COMPLETE') return {};
      if (stack.terminationProtection) {
        throw serviceError(
          'ValidationError',
          `Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`,
        );
      }
      this.#delete(stack, (RetainResources as string[] | undefined) ?? []);
      return {};
    },
    CancelUpdateStack: ({ StackName }) => {
      const stack = this.#find(String(StackName));
      if (stack.status !== 'UPDATE_IN_PROGRESS') {
        throw serviceError('ValidationError', `CancelUpdateStack cannot be called from current stack status`);
      }
      this.#rollBackUpdate(stack, 'User Initiated');
      return {};
    },
    ContinueUpdateRollback: ({ StackName }) => {
      this.#rollBackUpdate(this.#find(String(StackName)), 'User Initiated');
      return {};
    },
    RollbackStack: ({ StackName }) => {
      this.#rollBackUpdate(this.#find(String(StackName)), 'User Initiated');
      return {};
    },
  };

  /** What the next DescribeEvents gives. */
  readonly validationEvents: Record<string, unknown>[] = [];

  #newStack(name: string, status: string, tags: Record<string, string>): FakeStack {
    this.#counter += 1;
    const stack: FakeStack = {
      name,
      id: `arn:aws:cloudformation:eu-west-3:123456789012:stack/${name}/${this.#counter}`,
      status,
      tags,
      outputs: {},
      wish: '',
      resources: [],
      events: [],
      operation: 0,
      createdAtMs: this.#clock.now(),
      terminationProtection: false,
    };
    this.stacks.push(stack);
    return stack;
  }

  #find(nameOrId: string): FakeStack {
    const stack = this.stacks.find(({ id }) => id === nameOrId) ?? this.byName(nameOrId);
    if (stack !== undefined) return stack;
    throw serviceError('ValidationError', `Stack with id ${nameOrId} does not exist`);
  }

  #changeSet(id: string): FakeChangeSet {
    const found = this.changeSets.find((each) => each.id === id || each.name === id);
    if (found !== undefined) return found;
    throw serviceError('ChangeSetNotFoundException', `ChangeSet [${id}] does not exist`, 404);
  }

  #createChangeSet(input: Record<string, unknown>): unknown {
    const stackName = String(input.StackName);
    const isCreate = input.ChangeSetType === 'CREATE';
    let stack = this.byName(stackName);
    if (isCreate && stack !== undefined && stack.status !== 'REVIEW_IN_PROGRESS') {
      throw serviceError(
        'ValidationError',
        `Stack [${stackName}] already exists and cannot be created again with the changeSet [${String(input.ChangeSetName)}].`,
      );
    }
    if (!isCreate && stack === undefined)
      throw serviceError('ValidationError', `Stack [${stackName}] does not exist`);
    if (
      !isCreate &&
      stack !== undefined &&
      !/^(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_COMPLETE$/.test(stack.status)
    ) {
      throw serviceError(
        'ValidationError',
        `Stack:${stack.id} is in ${stack.status} state and can not be updated.`,
      );
    }
    if (stack === undefined) {
      stack = this.#newStack(stackName, 'REVIEW_IN_PROGRESS', {});
      this.#event(stack, stackName, STACK, 'REVIEW_IN_PROGRESS', 'User Initiated');
    }
    this.#counter += 1;
    const parameters = input.Parameters as { ParameterKey: string; ParameterValue: string }[];
    const wish = JSON.stringify([input.TemplateBody, parameters, input.Tags]);
    const changeSet: FakeChangeSet = {
      id: `arn:aws:cloudformation:eu-west-3:123456789012:changeSet/${String(input.ChangeSetName)}/${this.#counter}`,
      name: String(input.ChangeSetName),
      type: isCreate ? 'CREATE' : 'UPDATE',
      stack,
      wish,
      tags: Object.fromEntries(
        (input.Tags as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]),
      ),
      parameters: Object.fromEntries(parameters.map((each) => [each.ParameterKey, each.ParameterValue])),
      changes: [],
      status: 'CREATE_PENDING',
      reason: undefined,
      executed: false,
      createdAtMs: this.#clock.now(),
    };
    this.changeSets.push(changeSet);
    this.#clock.at(this.behaviour.msPerResource, () => this.#finishChangeSet(changeSet));
    return { Id: changeSet.id, StackId: stack.id };
  }

  #finishChangeSet(changeSet: FakeChangeSet): void {
    const { stack, type } = changeSet;
    const failure = this.behaviour.failChangeSet.get(stack.name);
    this.behaviour.failChangeSet.delete(stack.name);
    if (failure !== undefined || (type === 'UPDATE' && stack.wish === changeSet.wish)) {
      changeSet.status = 'FAILED';
      changeSet.reason =
        failure ??
        "The submitted information didn't contain changes. Submit different information to create a change set.";
      return;
    }
    changeSet.status = 'CREATE_COMPLETE';
    const resources = type === 'CREATE' ? resourcesOf(stack.name, changeSet.parameters) : stack.resources;
    changeSet.changes = resources.map(({ logicalId, physicalId, type: ResourceType }) => ({
      Action: type === 'CREATE' ? 'Add' : 'Modify',
      LogicalResourceId: logicalId,
      ...(type === 'CREATE' ? {} : { PhysicalResourceId: physicalId }),
      ResourceType,
      Replacement: this.behaviour.replace.get(`${stack.name}/${logicalId}`) ?? 'False',
    }));
  }

  #execute(changeSet: FakeChangeSet): void {
    const { stack, type } = changeSet;
    const executable = type === 'CREATE' ? 'REVIEW_IN_PROGRESS' : /_COMPLETE$/;
    if (changeSet.executed || !stack.status.match(executable)) {
      throw serviceError(
        'InvalidChangeSetStatus',
        `ChangeSet [${changeSet.id}] cannot be executed in its current execution status of [OBSOLETE]`,
      );
    }
    changeSet.executed = true;
    stack.tags = changeSet.tags;
    if (type === 'CREATE') this.#create(stack, changeSet);
    else this.#update(stack, changeSet);
  }

  #create(stack: FakeStack, changeSet: FakeChangeSet): void {
    const token = this.#begin(stack, 'CREATE_IN_PROGRESS', 'User Initiated');
    const resources = resourcesOf(stack.name, changeSet.parameters);
    const steps = resources.map((resource, index) => () => {
      stack.resources.push(resource);
      const reason = take(this.behaviour.failCreate, `${stack.name}/${resource.logicalId}`);
      if (reason === undefined) {
        this.#resource(stack, resource, 'CREATE_COMPLETE');
        return true;
      }
      this.#resource(stack, resource, 'CREATE_FAILED', reason);
      const cancelled = resources[index + 1];
      if (cancelled !== undefined) {
        stack.resources.push(cancelled);
        this.#resource(stack, cancelled, 'CREATE_FAILED', 'Resource creation cancelled');
      }
      this.#rollBackCreate(stack, [
        resource.logicalId,
        ...(cancelled === undefined ? [] : [cancelled.logicalId]),
      ]);
      return false;
    });
    this.#run(stack, token, steps, () => {
      Object.assign(stack.outputs, outputsOf(stack, changeSet.parameters));
      stack.wish = changeSet.wish;
      this.#status(stack, 'CREATE_COMPLETE');
    });
  }

  #rollBackCreate(stack: FakeStack, failed: readonly string[]): void {
    const token = this.#begin(
      stack,
      'ROLLBACK_IN_PROGRESS',
      `The following resource(s) failed to create: [${failed.join(', ')}]. Rollback requested by user.`,
    );
    const up = stack.resources.filter(({ status }) => status === 'CREATE_COMPLETE').reverse();
    const steps = up.map((resource) => () => {
      const reason = take(this.behaviour.failDelete, `${stack.name}/${resource.logicalId}`);
      this.#resource(stack, resource, reason === undefined ? 'DELETE_COMPLETE' : 'DELETE_FAILED', reason);
      if (reason === undefined) return true;
      this.#status(
        stack,
        'ROLLBACK_FAILED',
        `The following resource(s) failed to delete: [${resource.logicalId}].`,
      );
      return false;
    });
    this.#run(stack, token, steps, () => this.#status(stack, 'ROLLBACK_COMPLETE'));
  }

  #update(stack: FakeStack, changeSet: FakeChangeSet): void {
    const token = this.#begin(stack, 'UPDATE_IN_PROGRESS', 'User Initiated');
    const steps = stack.resources.map((resource) => () => {
      const reason = take(this.behaviour.failUpdate, `${stack.name}/${resource.logicalId}`);
      this.#resource(stack, resource, reason === undefined ? 'UPDATE_COMPLETE' : 'UPDATE_FAILED', reason);
      if (reason === undefined) return true;
      this.#rollBackUpdate(stack, `The following resource(s) failed to update: [${resource.logicalId}].`);
      return false;
    });
    this.#run(stack, token, steps, () => {
      Object.assign(stack.outputs, outputsOf(stack, changeSet.parameters));
      stack.wish = changeSet.wish;
      this.#status(stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
      this.#clock.at(this.behaviour.msPerResource, () => this.#status(stack, 'UPDATE_COMPLETE'));
    });
  }

  #rollBackUpdate(stack: FakeStack, reason: string): void {
    const token = this.#begin(stack, 'UPDATE_ROLLBACK_IN_PROGRESS', reason);
    this.#run(stack, token, [() => true], () => this.#status(stack, 'UPDATE_ROLLBACK_COMPLETE'));
  }

  #delete(stack: FakeStack, retain: readonly string[]): void {
    const token = this.#begin(stack, 'DELETE_IN_PROGRESS', 'User Initiated');
    const up = stack.resources.filter(({ status }) => !status.startsWith('DELETE_COMPLETE')).reverse();
    const failed: string[] = [];
    const steps = up.map((resource) => () => {
      const key = `${stack.name}/${resource.logicalId}`;
      if (retain.includes(resource.logicalId)) {
        this.#resource(stack, resource, 'DELETE_SKIPPED');
        return true;
      }
      const reason =
        this.behaviour.refuseDelete.get(key) ??
        this.refusal(resource) ??
        take(this.behaviour.failDelete, key);
      this.#resource(stack, resource, reason === undefined ? 'DELETE_COMPLETE' : 'DELETE_FAILED', reason);
      if (reason !== undefined) failed.push(resource.logicalId);
      return true;
    });
    this.#run(stack, token, steps, () => {
      if (failed.length === 0) this.#status(stack, 'DELETE_COMPLETE');
      else
        this.#status(
          stack,
          'DELETE_FAILED',
          `The following resource(s) failed to delete: [${failed.join(', ')}].`,
        );
    });
  }

  /** Runs the steps one after the other, unless another operation takes the stack over. */
  #run(stack: FakeStack, token: number, steps: readonly (() => boolean)[], end: () => void): void {
    const [step, ...rest] = steps;
    this.#clock.at(this.behaviour.msPerResource, () => {
      if (stack.operation !== token) return;
      if (step === undefined) end();
      else if (step()) this.#run(stack, token, rest, end);
    });
  }

  #begin(stack: FakeStack, status: string, reason: string): number {
    stack.operation += 1;
    this.#status(stack, status, reason);
    return stack.operation;
  }

  #status(stack: FakeStack, status: string, reason?: string): void {
    stack.status = status;
    this.#event(stack, stack.name, STACK, status, reason);
  }

  #resource(stack: FakeStack, resource: FakeResource, status: string, reason?: string): void {
    resource.status = status;
    this.#event(stack, resource.logicalId, resource.type, status, reason, resource.physicalId);
  }

  #event(
    stack: FakeStack,
    logicalId: string,
    type: string,
    status: string,
    reason: string | undefined,
    physicalId = stack.id,
  ): void {
    stack.events.push({
      EventId: `event-${stack.id}-${stack.events.length}`,
      Timestamp: new Date(this.#clock.now()),
      LogicalResourceId: logicalId,
      PhysicalResourceId: physicalId,
      ResourceType: type,
      ResourceStatus: status,
      ResourceStatusReason: reason,
    });
  }
}

const STACK = 'AWS::CloudFormation::Stack';

/** Small enough that every deploy meets several pages; AWS has a hundred events a page. */
const EVENTS_PER_PAGE = 3;
const STACKS_PER_PAGE = 2;

/** One page of a list. A token names the last item of the page before, so that new items do not shift the pages. */
function pageOf<T>(
  items: readonly T[],
  size: number,
  token: unknown,
  idOf: (item: T) => string,
): { readonly items: readonly T[]; readonly next: { readonly NextToken?: string } } {
  const start = token === undefined ? 0 : items.findIndex((item) => idOf(item) === token) + 1;
  const page = items.slice(start, start + size);
  const last = page.at(-1);
  const isLast = last === undefined || start + size >= items.length;
  return { items: page, next: isLast ? {} : { NextToken: idOf(last) } };
}

export interface FakeResource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  status: string;
}

export interface FakeStack {
  readonly name: string;
  readonly id: string;
  status: string;
  tags: Record<string, string>;
  readonly outputs: Record<string, string>;
  /** What it was last made to be, for telling an empty change. */
  wish: string;
  readonly resources: FakeResource[];
  readonly events: Record<string, unknown>[];
  operation: number;
  readonly createdAtMs: number;
  terminationProtection: boolean;
}

export interface FakeChangeSet {
  readonly id: string;
  readonly name: string;
  readonly type: 'CREATE' | 'UPDATE';
  readonly stack: FakeStack;
  readonly wish: string;
  readonly tags: Record<string, string>;
  readonly parameters: Record<string, string>;
  changes: Record<string, unknown>[];
  status: string;
  reason: string | undefined;
  executed: boolean;
  readonly createdAtMs: number;
}

/** An error as the SDK throws it for an answer of a service. */
export function serviceError(name: string, message: string, httpStatusCode = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode, requestId: 'request-1' } });
}

/** The resources of a stack: those of the real templates that a deploy cares for, in the order of their creation. */
export function resourcesOf(stackName: string, parameters: Record<string, string>): FakeResource[] {
  const make = (logicalId: string, type: string, physicalId = `${stackName}-${logicalId}`): FakeResource => ({
    logicalId,
    physicalId,
    type,
    status: 'CREATE_IN_PROGRESS',
  });
  if (stackName.endsWith('-assets')) return [make('AssetsBucket', 'AWS::S3::Bucket', `${stackName}-bucket`)];
  const head = `${parameters.ProjectName}-${parameters.RuntimeLabel}`;
  return [
    make('ShedTable', 'AWS::DynamoDB::Table'),
    make('CatLogGroup', 'AWS::Logs::LogGroup', `/aws/lambda/${head}-get-cat-ackermann`),
    make('CatRole', 'AWS::IAM::Role'),
    make('CatFunction', 'AWS::Lambda::Function', `${head}-get-cat-ackermann`),
    make('RestApi', 'AWS::ApiGateway::RestApi', 'api1234567'),
    make('Stage', 'AWS::ApiGateway::Stage', 'v1'),
  ];
}

function outputsOf(stack: FakeStack, parameters: Record<string, string>): Record<string, string> {
  if (stack.name.endsWith('-assets')) return { BucketName: `${stack.name}-bucket` };
  const head = `${parameters.ProjectName}-${parameters.RuntimeLabel}`;
  const functions = Object.entries({
    Cat: 'get-cat-ackermann',
    Sheep: 'post-sheep-random',
    Dog: 'get-dog-count',
    Wolf: 'delete-wolf-ocd',
  }).flatMap(([word, suffix]) => [
    [`${word}FunctionName`, `${head}-${suffix}`],
    [`${word}FunctionArn`, `arn:aws:lambda:eu-west-3:123456789012:function:${head}-${suffix}`],
    [`${word}LogGroupName`, `/aws/lambda/${head}-${suffix}`],
  ]);
  return {
    ApiUrl: 'https://api1234567.execute-api.eu-west-3.amazonaws.com/v1',
    RestApiId: 'api1234567',
    StageName: 'v1',
    TableName: `${stack.name}-ShedTable`,
    LambdaRuntime: parameters.LambdaRuntime ?? '',
    Architecture: parameters.Architecture ?? '',
    MemorySize: parameters.MemorySize ?? '',
    ...Object.fromEntries(functions),
  };
}

function toStack(stack: FakeStack): Record<string, unknown> {
  const pairs = (record: Record<string, string>, key: string, value: string) =>
    Object.entries(record).map(([name, text]) => ({ [key]: name, [value]: text }));
  return {
    StackName: stack.name,
    StackId: stack.id,
    StackStatus: stack.status,
    CreationTime: new Date(stack.createdAtMs),
    Tags: pairs(stack.tags, 'Key', 'Value'),
    Outputs: pairs(stack.outputs, 'OutputKey', 'OutputValue'),
    EnableTerminationProtection: stack.terminationProtection,
  };
}

function take(map: Map<string, string>, key: string): string | undefined {
  const value = map.get(key);
  map.delete(key);
  return value;
}
