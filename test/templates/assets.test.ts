import { describe, expect, test } from 'vitest';
import { RESOURCE_TYPES } from '../../src/local/resources/registry.ts';
import { evaluateObject } from '../../src/local/services/cloudformation/engine/evaluate.ts';
import { prepareTemplate } from '../../src/local/services/cloudformation/engine/prepare.ts';
import { template } from './support.ts';

const prepared = prepareTemplate(
  template('assets'),
  new Map([
    ['ProjectName', 'flock'],
    ['ToolVersion', '0.1.0'],
  ]),
  {
    accountId: '123456789012',
    region: 'eu-west-3',
    stackId: 'arn:aws:cloudformation:eu-west-3:123456789012:stack/flock-assets/1',
    stackName: 'flock-assets',
  },
  RESOURCE_TYPES,
);

function resolved(logicalId: string): object {
  const environment = prepared.environment({
    resource: (id) => `ref:${id}`,
    attribute: (id, attribute) => `arn:${id}.${attribute}`,
  });
  return evaluateObject(prepared.resources.get(logicalId)?.declaration.properties ?? {}, environment);
}

describe('templates/assets.yaml', () => {
  test('templates/assets.yaml is accepted whole by the local cloud and needs no capability', () => {
    expect(prepared.problems).toEqual([]);
    expect(prepared.capabilities).toEqual([]);
  });

  test('templates/assets.yaml makes a private, encrypted bucket that keeps no versions and sweeps what uploads leave', () => {
    expect(resolved('AssetsBucket')).toEqual({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      LifecycleConfiguration: {
        Rules: [
          {
            Id: 'sweep-what-uploads-leave',
            Status: 'Enabled',
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            NoncurrentVersionExpiration: { NoncurrentDays: 1 },
          },
        ],
      },
      Tags: [
        { Key: 'shedbench:project', Value: 'flock' },
        { Key: 'shedbench:version', Value: '0.1.0' },
      ],
    });
  });

  test('templates/assets.yaml goes with its stack', () => {
    expect(template('assets').resources.get('AssetsBucket')).toMatchObject({
      deletionPolicy: 'Delete',
      updateReplacePolicy: 'Delete',
    });
  });

  test('templates/assets.yaml lets nobody in without TLS, for the bucket and for its objects', () => {
    expect(resolved('AssetsBucketPolicy')).toEqual({
      Bucket: 'ref:AssetsBucket',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'TlsOnly',
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:*',
            Resource: ['arn:AssetsBucket.Arn', 'arn:AssetsBucket.Arn/*'],
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    });
  });
});
