import type { Cloud } from '../../seams.ts';
import { partitionOf } from './engine/environment.ts';

/** Returns a stack's id: its ARN with a UUID. */
export function stackArn(cloud: Cloud, name: string, uuid: string): string {
  return `arn:${partitionOf(cloud.region)}:cloudformation:${cloud.region}:${cloud.accountId}:stack/${name}/${uuid}`;
}

export function changeSetArn(cloud: Cloud, name: string, uuid: string): string {
  return `arn:${partitionOf(cloud.region)}:cloudformation:${cloud.region}:${cloud.accountId}:changeSet/${name}/${uuid}`;
}
