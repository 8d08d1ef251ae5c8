import { randomInt, randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { awsQueryService } from '../../protocols/aws-query.ts';
import { RESOURCE_TYPES } from '../../resources/registry.ts';
import type { TypeRegistry } from '../../resources/resource-type.ts';
import type { Cloud, ServiceParts } from '../../seams.ts';
import type { CloudFormationDeps } from './deps.ts';
import { Executor } from './executor/executor.ts';
import { cancelUpdateStack } from './operations/cancel-update-stack.ts';
import { continueUpdateRollback } from './operations/continue-update-rollback.ts';
import { createChangeSet } from './operations/create-change-set.ts';
import { createStack } from './operations/create-stack.ts';
import { deleteChangeSet } from './operations/delete-change-set.ts';
import { deleteStack } from './operations/delete-stack.ts';
import { describeChangeSet } from './operations/describe-change-set.ts';
import { describeEvents } from './operations/describe-events.ts';
import { describeStackEvents } from './operations/describe-stack-events.ts';
import { describeStackResource } from './operations/describe-stack-resource.ts';
import { describeStackResources } from './operations/describe-stack-resources.ts';
import { describeStacks } from './operations/describe-stacks.ts';
import { executeChangeSet } from './operations/execute-change-set.ts';
import { getTemplate } from './operations/get-template.ts';
import { getTemplateSummary } from './operations/get-template-summary.ts';
import { listChangeSets } from './operations/list-change-sets.ts';
import { listStackResources } from './operations/list-stack-resources.ts';
import { listStacks } from './operations/list-stacks.ts';
import { rollbackStack } from './operations/rollback-stack.ts';
import { updateStack } from './operations/update-stack.ts';
import { updateTerminationProtection } from './operations/update-termination-protection.ts';
import { validateTemplate } from './operations/validate-template.ts';
import { StackStore } from './store.ts';

const API_VERSION = '2010-05-15';
const NAME_CHARACTERS = '0123456789abcdefghijklmnopqrstuvwxyz';
/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html */
const PAGE_SIZE = 100;

export interface CloudFormationOptions {
  /** The types that templates may use. By default all types of the local cloud. */
  readonly registry?: TypeRegistry;
  readonly pageSize?: number;
  readonly newId?: () => string;
  readonly randomText?: (length: number) => string;
}

/** Creates CloudFormation. No other service of the cloud uses it. */
export function createCloudFormation(
  cloud: Cloud,
  options: CloudFormationOptions = {},
): ServiceParts<undefined> {
  const newId = options.newId ?? randomUUID;
  const pending = new Set<Promise<void>>();
  const executor = new Executor({
    cloud,
    now: () => cloud.now(),
    newId,
    randomText: options.randomText ?? randomNameText,
  });
  const deps: CloudFormationDeps = {
    cloud,
    store: new StackStore(),
    executor,
    registry: options.registry ?? RESOURCE_TYPES,
    pageSize: options.pageSize ?? PAGE_SIZE,
    newId,
    background: (work) => {
      const run = async (): Promise<void> => {
        // The request that started this is answered first.
        await turn();
        try {
          await work();
        } catch (error) {
          cloud.log(
            `CloudFormation failed because of a bug: ${error instanceof Error ? error.stack : String(error)}`,
          );
        }
      };
      const done = run();
      pending.add(done);
      void done.finally(() => pending.delete(done));
    },
  };
  return {
    control: undefined,
    services: [
      awsQueryService({
        signingName: 'cloudformation',
        version: API_VERSION,
        xmlns: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
        lists: ['Tags', 'Parameters', 'Capabilities', 'StackStatusFilter', 'RetainResources'],
        log: (message) => cloud.log(message),
        operations: operationsOf(deps),
      }),
    ],
    close: async () => {
      await executor.close();
      await Promise.all(pending);
    },
  };
}

/** The operations of the API, by AWS's names. */
function operationsOf(deps: CloudFormationDeps) {
  return {
    CancelUpdateStack: cancelUpdateStack(deps),
    ContinueUpdateRollback: continueUpdateRollback(deps),
    CreateChangeSet: createChangeSet(deps),
    CreateStack: createStack(deps),
    DeleteChangeSet: deleteChangeSet(deps),
    DeleteStack: deleteStack(deps),
    DescribeChangeSet: describeChangeSet(deps),
    DescribeEvents: describeEvents(deps),
    DescribeStackEvents: describeStackEvents(deps),
    DescribeStackResource: describeStackResource(deps),
    DescribeStackResources: describeStackResources(deps),
    DescribeStacks: describeStacks(deps),
    ExecuteChangeSet: executeChangeSet(deps),
    GetTemplate: getTemplate(deps),
    GetTemplateSummary: getTemplateSummary(deps),
    ListChangeSets: listChangeSets(deps),
    ListStackResources: listStackResources(deps),
    ListStacks: listStacks(deps),
    RollbackStack: rollbackStack(deps),
    UpdateStack: updateStack(deps),
    UpdateTerminationProtection: updateTerminationProtection(deps),
    ValidateTemplate: validateTemplate(deps),
  };
}

function randomNameText(length: number): string {
  return Array.from({ length }, () => NAME_CHARACTERS.charAt(randomInt(NAME_CHARACTERS.length))).join('');
}
