import { randomInt } from 'node:crypto';
import type { Cloud, RoleStore, ServiceParts } from '../../seams.ts';
import { Roles } from './role-store.ts';

const ID_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const ID_LENGTH = 17;

/** Creates IAM for CloudFormation's roles. It answers no requests, because no command of shedbench calls IAM. */
export function createIam(cloud: Pick<Cloud, 'accountId' | 'now'>): ServiceParts<RoleStore> {
  return { control: new Roles(cloud, randomId), services: [] };
}

function randomId(): string {
  return Array.from({ length: ID_LENGTH }, () => ID_CHARACTERS.charAt(randomInt(ID_CHARACTERS.length))).join(
    '',
  );
}
