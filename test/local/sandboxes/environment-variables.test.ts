import { describe, expect, test } from 'vitest';
import {
  type EnvironmentInput,
  reservedNames,
  sandboxEnvironment,
} from '../../../src/local/sandboxes/environment-variables.ts';

const INPUT: EnvironmentInput = {
  versionName: '$LATEST',
  optDir: '/data/code/f-1-opt',
  functionName: 'shed-node-get-dog-count',
  handler: 'dog.handler',
  runtime: 'nodejs22.x',
  memorySizeMB: 128,
  region: 'eu-west-3',
  logGroup: '/aws/lambda/shed-node-get-dog-count',
  logStream: '2026/11/23/[$LATEST]abc',
  taskRoot: '/cloud/code/dog',
  runtimeDir: '/program/dist',
  scratchDir: '/cloud/scratch/1',
  runtimeApi: '127.0.0.1:40000/secret',
  searchPath: ['/opt/node/bin'],
  dynamodb: {
    endpoint: 'http://127.0.0.1:40001/db',
    credentials: { accessKeyId: 'AK', secretAccessKey: 'SK' },
  },
  sessionToken: 'local-session/shedbench-cloud-1/',
  variables: { BACKEND_TABLE_NAME: 'sheep' },
};

describe("a sandbox's environment", () => {
  test("a sandbox's environment is what Lambda documents, and nothing else", () => {
    expect(sandboxEnvironment(INPUT)).toEqual({
      LANG: 'en_US.UTF-8',
      PATH: '/opt/node/bin:/usr/local/bin:/usr/bin:/bin:/data/code/f-1-opt/bin',
      LD_LIBRARY_PATH: '/cloud/code/dog:/cloud/code/dog/lib:/data/code/f-1-opt/lib',
      NODE_PATH: '/data/code/f-1-opt/nodejs/node22/node_modules:/data/code/f-1-opt/nodejs/node_modules',
      AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
      AWS_XRAY_DAEMON_ADDRESS: '169.254.79.129:2000',
      _AWS_XRAY_DAEMON_ADDRESS: '169.254.79.129',
      _AWS_XRAY_DAEMON_PORT: '2000',
      TZ: ':UTC',
      HOME: '/cloud/scratch/1',
      TMPDIR: '/cloud/scratch/1',
      BACKEND_TABLE_NAME: 'sheep',
      _HANDLER: 'dog.handler',
      LAMBDA_TASK_ROOT: '/cloud/code/dog',
      LAMBDA_RUNTIME_DIR: '/program/dist',
      AWS_LAMBDA_RUNTIME_API: '127.0.0.1:40000/secret',
      AWS_REGION: 'eu-west-3',
      AWS_DEFAULT_REGION: 'eu-west-3',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
      AWS_LAMBDA_FUNCTION_NAME: 'shed-node-get-dog-count',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/shed-node-get-dog-count',
      AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/23/[$LATEST]abc',
      AWS_ACCESS_KEY_ID: 'AK',
      AWS_SECRET_ACCESS_KEY: 'SK',
      AWS_SESSION_TOKEN: 'local-session/shedbench-cloud-1/',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:40001/db',
    });
  });

  test('Python looks for the modules of layers where Lambda does', () => {
    expect(sandboxEnvironment({ ...INPUT, runtime: 'python3.14' })).toMatchObject({
      PYTHONPATH: '/data/code/f-1-opt/python:/data/code/f-1-opt/python/lib/python3.14/site-packages',
    });
  });

  test("a sandbox's environment names no execution environment where the runtime is provided", () => {
    expect(sandboxEnvironment({ ...INPUT, runtime: 'provided.al2023' })).not.toHaveProperty(
      'AWS_EXECUTION_ENV',
    );
  });

  test("a function's own variables win over TZ and the database's address, never over what Lambda sets", () => {
    const environment = sandboxEnvironment({
      ...INPUT,
      variables: {
        TZ: 'Europe/Paris',
        AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:5/proxy',
        AWS_REGION: 'us-east-1',
      },
    });
    expect(environment).toMatchObject({
      TZ: 'Europe/Paris',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:5/proxy',
      AWS_REGION: 'eu-west-3',
    });
  });

  test('reserved names are found', () => {
    expect(reservedNames(['A', 'AWS_REGION', 'TZ', '_HANDLER'])).toEqual(['AWS_REGION', '_HANDLER']);
  });
});
