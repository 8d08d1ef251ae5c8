import { CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type FunctionSettings,
  NONCE_VARIABLE,
  putBackLeftBehind,
  type SettingsDeps,
  withFunctionSettings,
} from '../../src/deploy/settings/function-settings.ts';
import { readChangedFunctions } from '../../src/store/changed-functions.ts';
import { openWorld, type World } from '../deploy/world.ts';
import { FUNCTION_ROLE } from '../function-role.ts';
import { awsFault, deny, type FaultProxy, type SeenCall, startFaultProxy, throttle } from './fault-proxy.ts';
import type { MotoServer } from './moto-server.ts';

const HASTE = { haste: 20 };
const TEST_TIMEOUT_MS = 120_000;
const DOG = 'dog';
const CAT = 'cat';

/** Two functions with a variable of their own, as a stack makes them. */
const TEMPLATE = JSON.stringify({
  Resources: {
    Role: FUNCTION_ROLE,
    ...Object.fromEntries(
      [DOG, CAT].map((name) => [
        name,
        {
          Type: 'AWS::Lambda::Function',
          Properties: {
            FunctionName: name,
            Runtime: 'nodejs22.x',
            Handler: 'index.handler',
            MemorySize: 128,
            Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
            Code: { ZipFile: 'exports.handler = async () => 1;' },
            Environment: { Variables: { TABLE: 'shed' } },
          },
        },
      ]),
    ),
  },
});

async function createFunctions({ clients }: World): Promise<void> {
  const cloudFormation = await clients.cloudFormation();
  await cloudFormation.send(
    new CreateStackCommand({ StackName: 'pair', TemplateBody: TEMPLATE, Capabilities: ['CAPABILITY_IAM'] }),
  );
  await waitUntilStackCreateComplete(
    { client: cloudFormation, maxWaitTime: 60, minDelay: 1 },
    { StackName: 'pair' },
  );
}

/**
 * The tests of the settings of functions over the wire: what is changed is put back, whatever goes wrong on the way.
 * @param moto returns a server that runs, in which these tests are alone
 */
export function describeSettings(moto: () => MotoServer): void {
  describe('settings of functions on moto', () => {
    let proxy: FaultProxy;
    let world: World;
    let before: unknown;

    beforeAll(async () => {
      await moto().reset();
      const warm = await openWorld(moto().endpoint, {}, HASTE);
      await createFunctions(warm);
      warm.close();
    }, TEST_TIMEOUT_MS);
    beforeEach(async () => {
      proxy = await startFaultProxy(moto().endpoint);
      world = await openWorld(proxy.endpoint, {}, HASTE);
      before = await configurations();
    });
    afterEach(async () => {
      world.close();
      await proxy.close();
    });

    function settingsDeps(overrides: Partial<SettingsDeps> = {}): SettingsDeps {
      return {
        ...world.deps,
        owner: { pid: 4711, processStart: 'then' },
        isAlive: async () => false,
        ...overrides,
      };
    }

    /** Everything that CloudFormation would call drift: what changes with every update is left out. */
    async function configurations(): Promise<unknown> {
      proxy.rule = () => undefined;
      const lambda = await world.clients.lambda();
      return await Promise.all(
        [DOG, CAT].map(async (name) => {
          const {
            $metadata: _metadata,
            LastModified: _modified,
            RevisionId: _revision,
            ...rest
          } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
          return rest;
        }),
      );
    }

    async function expectNoDrift(): Promise<void> {
      expect(await configurations()).toEqual(before);
      expect(await readChangedFunctions(world.cwd, world.deps.emit)).toEqual([]);
    }

    const change = (settings: FunctionSettings) =>
      settings.change([DOG, CAT], { retiresEnvironments: true, memorySizeMB: 512 });

    test(
      'changed settings apply during the work and are restored after its success',
      async () => {
        await withFunctionSettings(settingsDeps(), async (settings) => {
          await change(settings);
          expect(JSON.stringify(await configurations())).toContain(NONCE_VARIABLE);
        });
        await expectNoDrift();
      },
      TEST_TIMEOUT_MS,
    );

    test.each([
      ['throttled', throttle],
      [
        'refused with a server error',
        (call: SeenCall) => awsFault(call, 500, 'ServiceException', 'internal'),
      ],
      ['cut off', () => 'reset' as const],
    ])(
      'a change and its restoration leave no drift even if every operation is %s once',
      async (_, fault) => {
        const disturbed = new Map<string, number>();
        proxy.rule = (call) => {
          if (call.service !== 'lambda') return undefined;
          const count = disturbed.get(call.operation) ?? 0;
          disturbed.set(call.operation, count + 1);
          // The first of the change, and the first after it.
          return count === 0 || count === 5 ? fault(call) : undefined;
        };
        const { isPutBack } = await withFunctionSettings(settingsDeps(), change);
        expect(isPutBack).toBe(true);
        expect(disturbed.get('UpdateFunctionConfiguration')).toBeGreaterThan(4);
        await expectNoDrift();
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'a denied update of one function fails by name and leaves no drift in the other',
      async () => {
        let updates = 0;
        proxy.rule = (call) => {
          if (call.operation !== 'UpdateFunctionConfiguration') return undefined;
          updates += 1;
          return updates === 2 ? deny(call, 'lambda:UpdateFunctionConfiguration') : undefined;
        };
        await expect(withFunctionSettings(settingsDeps(), change)).rejects.toThrow(
          'lambda:UpdateFunctionConfiguration',
        );
        await expectNoDrift();
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'neither a failure of the work nor a Ctrl-C leaves drift',
      async () => {
        await expect(
          withFunctionSettings(settingsDeps(), async (settings) => {
            await change(settings);
            world.interruptOnce();
            throw new Error('the load failed');
          }),
        ).rejects.toThrow('the load failed');
        await expectNoDrift();
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'the next command in the folder restores the settings that a killed command changed',
      async () => {
        let changed: () => void = () => {};
        const isChanged = new Promise<void>((resolve) => {
          changed = resolve;
        });
        void withFunctionSettings(settingsDeps(), async (settings) => {
          await change(settings);
          changed();
          await new Promise(() => {});
        });
        await isChanged;
        expect(await readChangedFunctions(world.cwd, world.deps.emit)).toHaveLength(2);
        await putBackLeftBehind(settingsDeps());
        await expectNoDrift();
      },
      TEST_TIMEOUT_MS,
    );
  });
}
