import {
  type CloudFormationClient,
  DescribeChangeSetCommand,
  type DescribeChangeSetCommandOutput,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { createCloudFormation } from '../../../../src/local/services/cloudformation/service.ts';
import { fakeCloud } from './fake-cloud.ts';
import { FakeWorld, fakeTypes } from './fake-types.ts';
import { inProcessClient } from './in-process-client.ts';

export interface Harness {
  readonly world: FakeWorld;
  readonly client: CloudFormationClient;
  readonly cloudLog: readonly string[];
  close(): Promise<void>;
  /** Resolves once the stack is in that state. */
  until(name: string, status: string): Promise<Stack>;
  stack(name: string): Promise<Stack>;
  /** `LogicalId STATUS reason`, oldest first; request ids and tokens replaced by `…`. */
  events(name: string): Promise<string[]>;
  changeSet(name: string, stackName: string): Promise<DescribeChangeSetCommandOutput>;
}

const TURNS = 2000;

/** CloudFormation over a FakeWorld, asked through AWS's client. */
export function harness(options: { pageSize?: number } = {}): Harness {
  const world = new FakeWorld();
  const cloud = fakeCloud();
  let ids = 0;
  let names = 0;
  const parts = createCloudFormation(cloud, {
    registry: fakeTypes(world),
    newId: () => {
      ids += 1;
      return `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`;
    },
    randomText: (length) => {
      names += 1;
      return String(names).padStart(length, 'x');
    },
    ...options,
  });
  const [service] = parts.services;
  if (service === undefined) throw new Error('no service');
  const client = inProcessClient(service);

  const stack = async (name: string): Promise<Stack> => {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const [found] = Stacks ?? [];
    if (found === undefined) throw new Error(`no stack ${name}`);
    return found;
  };
  return {
    world,
    client,
    cloudLog: cloud.lines,
    close: async () => parts.close?.(),
    stack,
    until: async (name, status) => {
      let last: string | undefined;
      for (let turn = 0; turn < TURNS; turn += 1) {
        const now = await stack(name);
        last = now.StackStatus;
        if (last === status) return now;
        await new Promise((resolve) => setImmediate(resolve));
      }
      throw new Error(`stack ${name} stays in ${last}, not ${status}`);
    },
    events: async (name) => {
      const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName: name }));
      return (StackEvents ?? []).reverse().map((event) =>
        [event.LogicalResourceId, event.ResourceStatus, event.ResourceStatusReason]
          .filter((part) => part !== undefined)
          .join(' ')
          .replace(/RequestToken: [-0-9a-f]+/, 'RequestToken: …'),
      );
    },
    changeSet: async (name, stackName) => {
      for (let turn = 0; turn < TURNS; turn += 1) {
        const found = await client.send(
          new DescribeChangeSetCommand({ ChangeSetName: name, StackName: stackName }),
        );
        if (found.Status === 'CREATE_COMPLETE' || found.Status === 'FAILED') return found;
        await new Promise((resolve) => setImmediate(resolve));
      }
      throw new Error(`change set ${name} does not settle`);
    },
  };
}
