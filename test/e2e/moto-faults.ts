import { CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { iamActionsOf, type ServiceName } from '../../src/aws/iam-actions.ts';
import { deployProject } from '../../src/deploy/deploy-project.ts';
import { teardownProject } from '../../src/deploy/teardown/teardown-project.ts';
import { ShedbenchError } from '../../src/errors.ts';
import { deployOptions, openWorld, packagedRuntime, type World } from '../deploy/world.ts';
import { failureOf } from '../failure-of.ts';
import { awsFault, deny, type FaultProxy, type SeenCall, startFaultProxy, throttle } from './fault-proxy.ts';
import { leanTemplate } from './lean-template.ts';
import type { MotoServer } from './moto-server.ts';
import { ScriptedStack } from './scripted-stack.ts';

/** moto does what it is asked within its answer, so a wait of the program is a wait for nothing. */
const HASTE = { haste: 20 };
const TEST_TIMEOUT_MS = 180_000;
const PROJECT = 'shed';
const API_STACK = `${PROJECT}-node-api`;

/** A call by the name of its permission. */
function nameOf({ service, operation }: SeenCall): string {
  return `${service}:${operation}`;
}

/**
 * The tests of deploys and teardowns over the wire, through a proxy that answers as AWS does when things go wrong; behind it
 * stands moto.
 * @param moto returns a server that runs, in which these tests are alone
 */
export function describeDeploys(moto: () => MotoServer): void {
  describe('deploys and teardowns over a bad wire', () => {
    let proxy: FaultProxy;
    let world: World;

    beforeEach(async () => {
      await moto().reset();
      proxy = await startFaultProxy(moto().endpoint, leanTemplate);
      world = await openWorld(proxy.endpoint, {}, HASTE);
    });
    afterEach(async () => {
      world.close();
      await proxy.close();
    });

    function deploy(where: World, version = '1') {
      return deployProject(deployOptions(PROJECT, [packagedRuntime(PROJECT, 'node', version)]), where.deps);
    }

    function teardown(where: World) {
      return teardownProject(
        {
          project: PROJECT,
          runtimes: undefined,
          knownRuntimes: ['node'],
          retain: [],
          confirm: async () => true,
          pickUpCommand: 'shedbench teardown',
        },
        where.deps,
      );
    }

    async function stacks(): Promise<readonly string[]> {
      proxy.rule = () => undefined;
      const cloudFormation = await world.clients.cloudFormation();
      const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({}));
      return (Stacks ?? []).map(({ StackName, StackStatus }) => `${StackName} ${StackStatus}`).sort();
    }

    /** The operations of a deploy and a teardown that nothing disturbs. */
    async function operationsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
      proxy.calls.length = 0;
      await work();
      return [...new Set(proxy.calls.map(nameOf))];
    }

    test.each([
      ['throttled', throttle],
      ['refused with a server error', (call: SeenCall) => awsFault(call, 500, 'InternalFailure', 'internal')],
      ['cut off', () => 'reset' as const],
    ])(
      'a deploy and a teardown whose every operation is %s once still do their work',
      async (_, fault) => {
        const disturbed = new Set<string>();
        proxy.rule = (call) => {
          if (disturbed.has(nameOf(call))) return undefined;
          disturbed.add(nameOf(call));
          return fault(call);
        };
        expect((await deploy(world)).outcome).toBe('deployed');
        disturbed.clear();
        const result = await teardown(world);
        expect(result).toMatchObject({ outcome: 'removed', problems: [] });
        expect(await stacks()).toEqual([]);
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'a deploy waits for the end of throttling that outlasts the retries of the SDK, and says so',
      async () => {
        let refusals = 6;
        proxy.rule = (call) => {
          if (call.operation !== 'DescribeStackEvents' || refusals === 0) return undefined;
          refusals -= 1;
          return throttle(call);
        };
        expect((await deploy(world)).outcome).toBe('deployed');
        const told = world.events.filter((event) => event.type === 'warning' && event.code === 'throttled');
        expect(told).toHaveLength(1);
      },
      TEST_TIMEOUT_MS,
    );

    /** A missing permission of an operation, by the action that AWS names. */
    function missing(name: string) {
      const [service, operation = ''] = name.split(':');
      const [action = ''] = iamActionsOf({ service: service as ServiceName, operation });
      return { operation, action, isMeant: (call: SeenCall): boolean => nameOf(call) === name };
    }

    async function expectNamedByDeploy(name: string): Promise<void> {
      const { action, isMeant } = missing(name);
      proxy.rule = (call) => (isMeant(call) ? deny(call, action) : undefined);
      const error = await failureOf(deploy(world));
      expect(error, name).toMatchObject({ code: 'access-denied', exitCode: 3 });
      expect(error.message, name).toContain(action);
    }

    async function expectNamedByTeardown(name: string): Promise<void> {
      const { operation, action, isMeant } = missing(name);
      // Of the stacks only the list is denied: without them the names are enough.
      const isDenied = (call: SeenCall): boolean =>
        isMeant(call) && (operation !== 'DescribeStacks' || call.parameters.StackName === undefined);
      proxy.rule = (call) => (isDenied(call) ? deny(call, action) : undefined);
      const outcome = await teardown(world).catch((error: unknown) => error);
      if (outcome instanceof ShedbenchError) {
        expect(outcome.message, name).toContain(action);
        return;
      }
      const { outcome: end, problems } = outcome as Awaited<ReturnType<typeof teardown>>;
      if (end === 'incomplete') expect(problems.map(({ message }) => message).join(), name).toContain(action);
      else expect(await stacks(), name).toEqual([]);
    }

    test(
      'a deploy names the permission that is missing, whichever it is, and the next deploy takes that step; a teardown names it or does without it, and reports nothing as deleted that still exists',
      async () => {
        const isPermission = (name: string): boolean => name !== 'sts:GetCallerIdentity';
        const ofDeploy = (await operationsOf(() => deploy(world))).filter(isPermission);
        const ofTeardown = (await operationsOf(() => teardown(world))).filter(isPermission);
        expect(ofDeploy).toEqual(
          expect.arrayContaining(['cloudformation:ExecuteChangeSet', 's3:PutObject', 'lambda:GetFunction']),
        );
        expect(ofTeardown).toEqual(
          expect.arrayContaining(['cloudformation:DeleteStack', 's3:DeleteObjects']),
        );
        // In the order of their first calls: each deploy takes the step that was denied to the one before it.
        for (const name of ofDeploy) await expectNamedByDeploy(name);
        for (const name of ofTeardown) {
          // An earlier teardown may have done without its permission, or deleted one of the stacks.
          if ((await stacks()).length < 2) expect((await deploy(world)).outcome, name).toBe('deployed');
          await expectNamedByTeardown(name);
        }
        proxy.rule = () => undefined;
        expect(await teardown(world)).toMatchObject({ problems: [] });
        expect(await stacks()).toEqual([]);
      },
      TEST_TIMEOUT_MS,
    );

    test(
      "deploy and teardown never touch somebody else's stack that has one of our names",
      async () => {
        const template = JSON.stringify({
          Resources: { Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'theirs' } } },
        });
        const cloudFormation = await world.clients.cloudFormation();
        await cloudFormation.send(new CreateStackCommand({ StackName: API_STACK, TemplateBody: template }));
        const error = await failureOf(deploy(world));
        expect(error.exitCode).toBe(3);
        expect(error.message).toContain(`${API_STACK} exists already and does not belong to this project`);
        expect(await stacks()).toEqual([`${API_STACK} CREATE_COMPLETE`]);
        expect(await teardown(world)).toMatchObject({ outcome: 'nothing' });
        expect(await stacks()).toEqual([`${API_STACK} CREATE_COMPLETE`]);
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'a deploy whose credentials expire exits 3, and the next one continues',
      async () => {
        proxy.rule = (call) =>
          call.operation === 'DescribeChangeSet' && call.parameters.StackName?.includes(API_STACK) === true
            ? awsFault(call, 403, 'ExpiredToken', 'The security token included in the request is expired')
            : undefined;
        const error = await failureOf(deploy(world));
        expect(error).toMatchObject({ code: 'expired-credentials', exitCode: 3 });
        proxy.rule = () => undefined;
        expect((await deploy(world)).outcome).toBe('deployed');
        expect(await stacks()).toEqual([`${PROJECT}-assets CREATE_COMPLETE`, `${API_STACK} CREATE_COMPLETE`]);
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'a deploy waits for events that arrive slowly, and reports each of them once',
      async () => {
        let script: ScriptedStack | undefined;
        proxy.rule = (call) => {
          if (
            call.operation === 'ExecuteChangeSet' &&
            call.parameters.StackName?.includes(API_STACK) === true
          ) {
            script = new ScriptedStack(API_STACK, call.parameters.StackName, [
              stackEvent('CREATE_IN_PROGRESS'),
              resourceEvent('ShedTable', 'CREATE_IN_PROGRESS'),
              resourceEvent('ShedTable', 'CREATE_COMPLETE'),
              resourceEvent('CatRole', 'CREATE_COMPLETE'),
            ]);
            return undefined;
          }
          return script?.over === false ? script.answer(call) : undefined;
        };
        // Behind the proxy the stack was made at once; only the news of it is slow, and its end is moto's own.
        expect((await deploy(world)).outcome).toBe('deployed');
        const told = world.events.flatMap((event) =>
          event.type === 'stack-event' && event.stackName === API_STACK
            ? [`${event.logicalId} ${event.status}`]
            : [],
        );
        expect(told.slice(0, 4)).toEqual([
          `${API_STACK} CREATE_IN_PROGRESS`,
          'ShedTable CREATE_IN_PROGRESS',
          'ShedTable CREATE_COMPLETE',
          'CatRole CREATE_COMPLETE',
        ]);
        expect(new Set(told.slice(0, 4)).size).toBe(4);
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'a stack that fails on one resource is followed through its rollback; exit 3 names the first cause',
      async () => {
        let script: ScriptedStack | undefined;
        proxy.rule = (call) => {
          if (
            call.operation === 'ExecuteChangeSet' &&
            call.parameters.StackName?.includes(API_STACK) === true
          ) {
            script = new ScriptedStack(API_STACK, call.parameters.StackName, [
              stackEvent('CREATE_IN_PROGRESS'),
              resourceEvent('ShedTable', 'CREATE_COMPLETE'),
              resourceEvent('DogRole', 'CREATE_FAILED', 'Resource creation cancelled'),
              resourceEvent(
                'CatRole',
                'CREATE_FAILED',
                'API: iam:CreateRole cannot exceed quota for RolesPerAccount',
              ),
              stackEvent(
                'ROLLBACK_IN_PROGRESS',
                'The following resource(s) failed to create: [DogRole, CatRole].',
              ),
              resourceEvent('ShedTable', 'DELETE_COMPLETE'),
              stackEvent('ROLLBACK_COMPLETE'),
            ]);
            return executed();
          }
          return script?.answer(call);
        };
        const error = await failureOf(deploy(world));
        expect(error).toMatchObject({
          code: 'stack-failed',
          exitCode: 3,
          message: `${API_STACK} ended in ROLLBACK_COMPLETE: CatRole (AWS::IAM::Role): API: iam:CreateRole cannot exceed quota for RolesPerAccount`,
          hint: expect.stringContaining('quota'),
        });
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'a deletion that fails once is repeated, and the cause is reported',
      async () => {
        await deploy(world);
        let script: ScriptedStack | undefined;
        proxy.rule = (call) => {
          const isApi = call.parameters.StackName?.includes(API_STACK) === true;
          if (call.operation === 'DeleteStack' && isApi && script === undefined) {
            script = new ScriptedStack(API_STACK, call.parameters.StackName ?? '', [
              stackEvent('DELETE_IN_PROGRESS'),
              resourceEvent(
                'CatRole',
                'DELETE_FAILED',
                'Cannot delete entity, must detach all policies first.',
              ),
              stackEvent('DELETE_FAILED', 'The following resource(s) failed to delete: [CatRole].'),
            ]);
            return executed();
          }
          if (call.operation === 'DeleteStack' && isApi) script = new ScriptedStack('none', 'none', []);
          return script?.answer(call);
        };
        expect(await teardown(world)).toMatchObject({ outcome: 'removed', problems: [] });
        const warnings = world.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
        expect(warnings.join()).toContain(
          'CatRole (AWS::IAM::Role): Cannot delete entity, must detach all policies first.',
        );
        expect(await stacks()).toEqual([]);
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'a deploy ends at once if an endpoint on this machine disappears, because waiting does not bring it back',
      async () => {
        proxy.rule = (call) => (call.operation === 'ExecuteChangeSet' ? 'reset' : undefined);
        const error = await failureOf(deploy(world));
        expect(error).toMatchObject({ code: 'endpoint-unreachable', exitCode: 3 });
      },
      TEST_TIMEOUT_MS,
    );
  });
}

function stackEvent(status: string, reason?: string) {
  const event = { logicalId: API_STACK, type: 'AWS::CloudFormation::Stack', status };
  return reason === undefined ? event : { ...event, reason };
}

function resourceEvent(logicalId: string, status: string, reason?: string) {
  const type = logicalId.endsWith('Role') ? 'AWS::IAM::Role' : 'AWS::DynamoDB::Table';
  const event = { logicalId, type, status };
  return reason === undefined ? event : { ...event, reason };
}

/** What CloudFormation says to a request that it has taken: nothing. */
function executed() {
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body: '<Response><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></Response>',
  };
}
