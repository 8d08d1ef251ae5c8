import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSts } from '../../../src/local/services/sts/service.ts';
import { ACCESS_KEY_ID, ACCOUNT_ID, type OpenDoor, openDoor } from '../open-door.ts';

let door: OpenDoor;
beforeAll(async () => {
  door = await openDoor({ services: (log) => [createSts({ accountId: ACCOUNT_ID, log }, ACCESS_KEY_ID)] });
});
afterAll(() => door.close());

describe('GetCallerIdentity', () => {
  test('GetCallerIdentity names the account of the cloud and a user in it', async () => {
    const client = new STSClient(door.clientConfig);
    const identity = await client.send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({
      Account: '000000000000',
      Arn: 'arn:aws:iam::000000000000:user/local',
      UserId: 'AIDATESTTESTTESTTEST',
    });
    expect(identity.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    client.destroy();
  });
});
