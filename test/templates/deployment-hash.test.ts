import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/local/resources/value.ts';
import { template, templateObject } from './support.ts';

/** What a Deployment takes a snapshot of. */
const SNAPSHOT_TYPES = new Set(
  ['RestApi', 'Resource', 'Method', 'RequestValidator', 'GatewayResponse'].map(
    (name) => `AWS::ApiGateway::${name}`,
  ),
);
const HASH_LENGTH = 12;

/** SHA-256 over the API's resources as they stand in the template, members sorted: text and order do not count. */
function snapshotHash(): string {
  const resources = templateObject('api').Resources as Readonly<Record<string, { readonly Type: string }>>;
  const snapshot = Object.fromEntries(
    Object.entries(resources).filter(([, resource]) => SNAPSHOT_TYPES.has(resource.Type)),
  );
  return createHash('sha256').update(canonicalJson(snapshot)).digest('hex').slice(0, HASH_LENGTH);
}

test('the Deployment carries the hash of the API: a changed API needs another logical id to be deployed', () => {
  const ids = [...template('api').resources.values()]
    .filter((resource) => resource.type === 'AWS::ApiGateway::Deployment')
    .map((resource) => resource.logicalId);
  const right = `Deployment${snapshotHash()}`;
  expect(
    ids,
    `the API's resources changed: name the Deployment ${right} in templates/api.yaml, and in the Stage that refers to it`,
  ).toEqual([right]);
  expect(templateObject('api')).toHaveProperty('Resources.Stage.Properties.DeploymentId', { Ref: right });
});
