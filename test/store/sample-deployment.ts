import { DEPLOYMENT_SCHEMA, type Deployment } from '../../src/model/deployment.ts';

/** The record of a deployment without runtimes. */
export function sampleDeployment(
  project: string,
  kind: Deployment['target']['kind'] = 'aws',
  region = 'eu-west-3',
  profile?: string,
): Deployment {
  return {
    schema: DEPLOYMENT_SCHEMA,
    state: 'deployed',
    project,
    target: { kind, region, accountId: '123456789012', ...(profile === undefined ? {} : { profile }) },
    architecture: 'arm64',
    memorySizeMB: 128,
    templateSha256: '',
    toolVersion: '0.1.0',
    createdAtEpochMs: 1,
    updatedAtEpochMs: 2,
    runtimes: [],
  };
}
