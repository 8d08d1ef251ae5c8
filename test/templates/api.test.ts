import { describe, expect, test } from 'vitest';
import { RESOURCE_TYPES } from '../../src/local/resources/registry.ts';
import type { Value } from '../../src/local/resources/value.ts';
import { evaluate, evaluateObject } from '../../src/local/services/cloudformation/engine/evaluate.ts';
import { FUNCTION_DEFAULTS } from '../../src/model/defaults.ts';
import { PROJECT_NAME_PATTERN } from '../../src/model/project.ts';
import { functionName, logGroupName, ROUTE_SPECS, ROUTES, type Route } from '../../src/model/route.ts';
import { prepareApi, TEMPLATE_NAMES, template, templateObject, templateText, walk } from './support.ts';

const MAX_BODY_BYTES = 51_200;
const LOGICAL: Readonly<Record<Route, string>> = { cat: 'Cat', sheep: 'Sheep', dog: 'Dog', wolf: 'Wolf' };
const TABLE_ARN = 'arn:of:ShedTable';

/** Properties as they will be, resources by readable stand-ins. */
function resolved(logicalId: string, more: Readonly<Record<string, string>> = {}): Record<string, Value> {
  const prepared = prepareApi(more);
  const resource = prepared.resources.get(logicalId);
  if (resource === undefined) throw new Error(`no ${logicalId}`);
  const environment = prepared.environment({
    resource: (id) => `ref:${id}`,
    attribute: (id, attribute) => (attribute === 'Arn' ? `arn:of:${id}` : `${id}.${attribute}`),
  });
  return { ...evaluateObject(resource.declaration.properties, environment) };
}

function statements(route: Route): Value {
  const { Policies } = resolved(`${LOGICAL[route]}Role`);
  const [policy] = Policies as readonly { PolicyDocument: { Version: string; Statement: Value } }[];
  expect(Policies).toHaveLength(1);
  expect(policy?.PolicyDocument.Version).toBe('2012-10-17');
  return policy?.PolicyDocument.Statement ?? [];
}

const ownLogs = (route: Route): object => ({
  Sid: 'WriteOwnLogs',
  Effect: 'Allow',
  Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: `arn:of:${LOGICAL[route]}LogGroup`,
});
const describeShed = {
  Sid: 'DescribeShed',
  Effect: 'Allow',
  Action: 'dynamodb:DescribeTable',
  Resource: TABLE_ARN,
};

describe('templates/api.yaml', () => {
  test('templates/api.yaml is accepted whole by the local cloud: no property is wrong, unknown or not emulated', () => {
    expect(prepareApi().problems).toEqual([]);
    expect(prepareApi().capabilities).toEqual(['CAPABILITY_IAM']);
  });

  test('templates/api.yaml fits into a request: no longer than a template body may be', () => {
    for (const name of TEMPLATE_NAMES) {
      expect(Buffer.byteLength(templateText(name)), name).toBeLessThanOrEqual(MAX_BODY_BYTES);
    }
  });

  test('templates/api.yaml names only functions and log groups, as the model names them', () => {
    for (const route of ROUTES) {
      expect(resolved(`${LOGICAL[route]}Function`).FunctionName).toBe(functionName('flock', 'rust', route));
      expect(resolved(`${LOGICAL[route]}LogGroup`).LogGroupName).toBe(logGroupName('flock', 'rust', route));
    }
    const { resources } = prepareApi();
    const fixed = [...resources.values()].filter(
      ({ type, declaration }) => type.fixedName?.(resolved(declaration.logicalId)) !== undefined,
    );
    expect(new Set(fixed.map(({ type }) => type.type))).toEqual(
      new Set(['AWS::Lambda::Function', 'AWS::Logs::LogGroup']),
    );
    expect(template('assets').resources.get('AssetsBucket')?.properties).not.toHaveProperty('BucketName');
  });

  test('templates/api.yaml lets the cat write its own log lines, and nothing else', () => {
    expect(statements('cat')).toEqual([ownLogs('cat')]);
  });

  test('templates/api.yaml lets the sheep put tattoo and weight, asking nothing back', () => {
    expect(statements('sheep')).toEqual([
      ownLogs('sheep'),
      {
        Sid: 'AddSheep',
        Effect: 'Allow',
        Action: 'dynamodb:PutItem',
        Resource: TABLE_ARN,
        Condition: {
          'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['tattoo', 'weight'] },
          StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE' },
        },
      },
    ]);
  });

  test('templates/api.yaml lets the dog describe the table and scan for a count', () => {
    expect(statements('dog')).toEqual([
      ownLogs('dog'),
      describeShed,
      {
        Sid: 'CountSheep',
        Effect: 'Allow',
        Action: 'dynamodb:Scan',
        Resource: TABLE_ARN,
        Condition: { StringEquals: { 'dynamodb:Select': 'COUNT' } },
      },
    ]);
  });

  test('templates/api.yaml lets the wolf describe the table, scan whole sheep and delete one, getting it back', () => {
    expect(statements('wolf')).toEqual([
      ownLogs('wolf'),
      describeShed,
      {
        Sid: 'ListSheep',
        Effect: 'Allow',
        Action: 'dynamodb:Scan',
        Resource: TABLE_ARN,
        Condition: { StringEquals: { 'dynamodb:Select': 'ALL_ATTRIBUTES' } },
      },
      {
        Sid: 'DevourSheep',
        Effect: 'Allow',
        Action: 'dynamodb:DeleteItem',
        Resource: TABLE_ARN,
        Condition: { StringEquals: { 'dynamodb:ReturnValues': 'ALL_OLD' } },
      },
    ]);
  });

  test('templates/api.yaml gives no role a managed policy, a wildcard action or the right to make log groups, and Lambda alone may assume it', () => {
    for (const route of ROUTES) {
      const role = resolved(`${LOGICAL[route]}Role`);
      expect(role.ManagedPolicyArns).toBeUndefined();
      expect(role.AssumeRolePolicyDocument).toEqual({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      });
      const text = JSON.stringify(role.Policies);
      expect(text).not.toContain('*');
      expect(text).not.toContain('CreateLogGroup');
    }
  });

  test('templates/api.yaml gives every function the table and the origin, the cat the origin alone', () => {
    for (const route of ROUTES) {
      const { Environment, LoggingConfig, Timeout, Architectures, MemorySize } = resolved(
        `${LOGICAL[route]}Function`,
      );
      expect(Environment).toEqual({
        Variables:
          route === 'cat'
            ? { ALLOW_ORIGIN: '*' }
            : { ALLOW_ORIGIN: '*', BACKEND_TABLE_NAME: 'ref:ShedTable' },
      });
      expect(LoggingConfig).toEqual({ LogFormat: 'Text', LogGroup: `ref:${LOGICAL[route]}LogGroup` });
      expect([Timeout, MemorySize, Architectures]).toEqual(['30', '128', ['arm64']]);
    }
  });

  test('templates/api.yaml takes an object version for the code where one is given', () => {
    expect(resolved('CatFunction').Code).toEqual({ S3Bucket: 'flock-assets-bucket', S3Key: 'cat.zip' });
    expect(resolved('CatFunction', { CatCodeVersion: 'v7' }).Code).toEqual({
      S3Bucket: 'flock-assets-bucket',
      S3Key: 'cat.zip',
      S3ObjectVersion: 'v7',
    });
  });

  test('templates/api.yaml lets API Gateway invoke each function for its own stage, method and path only', () => {
    for (const route of ROUTES) {
      const { method, path } = ROUTE_SPECS[route];
      expect(resolved(`${LOGICAL[route]}Permission`)).toEqual({
        FunctionName: `arn:of:${LOGICAL[route]}Function`,
        Action: 'lambda:InvokeFunction',
        Principal: 'apigateway.amazonaws.com',
        SourceArn: `arn:aws:execute-api:eu-west-3:123456789012:ref:RestApi/v1/${method}${path.replace('{tattoo}', '*')}`,
      });
    }
  });

  test('each method of the API is a Lambda proxy to its function by POST, and the cat requires m and n', () => {
    for (const route of ROUTES) {
      const properties = resolved(`${LOGICAL[route]}Method`);
      expect(properties).toMatchObject({
        HttpMethod: ROUTE_SPECS[route].method,
        AuthorizationType: 'NONE',
        Integration: {
          Type: 'AWS_PROXY',
          IntegrationHttpMethod: 'POST',
          Uri: `arn:aws:apigateway:eu-west-3:lambda:path/2015-03-31/functions/arn:of:${LOGICAL[route]}Function/invocations`,
        },
      });
    }
    expect(resolved('CatMethod')).toMatchObject({
      RequestValidatorId: 'ref:ParametersValidator',
      RequestParameters: { 'method.request.querystring.m': true, 'method.request.querystring.n': true },
    });
    expect(resolved('ParametersValidator')).toMatchObject({ ValidateRequestParameters: true });
  });

  test("templates/api.yaml answers the path of the original demo's script as the README's: by the sheep's function, which it may call", () => {
    const { ResourceId: demoId, ...demo } = resolved('DemoSheepMethod');
    const { ResourceId, ...sheep } = resolved('SheepMethod');
    expect([demoId, ResourceId]).toEqual(['ref:DemoSheepResource', 'ref:SheepResource']);
    expect(demo).toEqual(sheep);
    expect(resolved('DemoSheepResource')).toMatchObject({
      PathPart: '{tattoo}',
      ParentId: 'ref:DemoSheepsResource',
    });
    expect(resolved('DemoSheepsResource')).toMatchObject({ PathPart: 'sheep' });
    const { SourceArn: demoArn, ...demoPermission } = resolved('DemoSheepPermission');
    const { SourceArn, ...permission } = resolved('SheepPermission');
    expect(demoPermission).toEqual(permission);
    expect(demoArn).toBe(String(SourceArn).replace('/sheeps/', '/sheep/'));
  });

  test('templates/api.yaml answers a CORS preflight beside every other method, with that method and the allowed origin', () => {
    const methods = [...template('api').resources.values()]
      .filter(({ type }) => type === 'AWS::ApiGateway::Method')
      .map(({ logicalId }) => resolved(logicalId, { AllowOrigin: 'https://example.org' }));
    const called = methods.filter(({ HttpMethod }) => HttpMethod !== 'OPTIONS');
    const preflights = methods.filter(({ HttpMethod }) => HttpMethod === 'OPTIONS');
    expect(called).toHaveLength(5);
    expect(preflights).toHaveLength(called.length);
    for (const { HttpMethod, ResourceId } of called) {
      const preflight = preflights.find((one) => one.ResourceId === ResourceId);
      expect(preflight, String(ResourceId)).toMatchObject({
        AuthorizationType: 'NONE',
        Integration: {
          Type: 'MOCK',
          IntegrationHttpMethod: 'POST',
          RequestTemplates: { 'application/json': '{"statusCode":200}' },
          IntegrationResponses: [
            {
              StatusCode: '200',
              ResponseParameters: {
                'method.response.header.Access-Control-Allow-Origin': "'https://example.org'",
                'method.response.header.Access-Control-Allow-Methods': `'${String(HttpMethod)},OPTIONS'`,
                'method.response.header.Access-Control-Allow-Headers': "'Content-Type'",
              },
            },
          ],
        },
      });
    }
  });

  test('templates/api.yaml gives a mock integration a Uri where one is asked for, and none by default, as AWS has it', () => {
    expect(resolved('CatPreflight').Integration).not.toHaveProperty('Uri');
    expect(resolved('CatPreflight', { MockUri: 'mock' })).toMatchObject({ Integration: { Uri: 'mock' } });
  });

  test('templates/api.yaml has the defaults of the command line', () => {
    const { parameters } = template('api');
    expect(parameters.get('LogRetentionDays')?.defaultValue).toBe(String(FUNCTION_DEFAULTS.logRetentionDays));
    expect(parameters.get('MemorySize')?.defaultValue).toBe(String(FUNCTION_DEFAULTS.memorySizeMB));
    expect(parameters.get('AllowOrigin')?.defaultValue).toBe(FUNCTION_DEFAULTS.allowOrigin);
  });

  test('templates/api.yaml deploys after every method and gateway response, without a stage of its own', () => {
    const { resources } = template('api');
    const deployment = [...resources.values()].find(
      (resource) => resource.type === 'AWS::ApiGateway::Deployment',
    );
    const needed = [...resources.values()]
      .filter((resource) => /::(Method|GatewayResponse)$/.test(resource.type))
      .map((resource) => resource.logicalId);
    expect([...(deployment?.dependsOn ?? [])].sort()).toEqual(needed.sort());
    expect(deployment?.properties).not.toHaveProperty('StageName');
  });

  test('templates/api.yaml answers errors of its own with the CORS header and a JSON message', () => {
    for (const type of ['4', '5']) {
      expect(resolved(`GatewayResponse${type}xx`, { AllowOrigin: 'https://example.org' })).toEqual({
        RestApiId: 'ref:RestApi',
        ResponseType: `DEFAULT_${type}XX`,
        ResponseParameters: {
          'gatewayresponse.header.Access-Control-Allow-Origin': "'https://example.org'",
        },
        ResponseTemplates: { 'application/json': '{"message":$context.error.messageString}' },
      });
    }
  });

  test('templates/api.yaml throttles its stage as the standard bench says, and writes no access logs', () => {
    const { Tags, ...stage } = resolved('Stage');
    expect(stage).toMatchObject({
      StageName: 'v1',
      MethodSettings: [
        { ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 10_000, ThrottlingBurstLimit: 100_000 },
      ],
    });
    expect(stage.AccessLogSetting).toBeUndefined();
  });

  test('templates/api.yaml keeps the table on demand under its key, and deletes it with the stack', () => {
    const { Tags, ...table } = resolved('ShedTable');
    expect(table).toEqual({
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'tattoo', AttributeType: 'N' }],
      KeySchema: [{ AttributeName: 'tattoo', KeyType: 'HASH' }],
    });
    expect(template('api').resources.get('ShedTable')).toMatchObject({
      deletionPolicy: 'Delete',
      updateReplacePolicy: 'Delete',
    });
  });

  test('templates/api.yaml tells the reader everything by outputs', () => {
    const prepared = prepareApi();
    const environment = prepared.environment({
      resource: (id) => (id === 'RestApi' ? 'a1b2c3' : `ref:${id}`),
      attribute: (id, attribute) => `${id}.${attribute}`,
    });
    const values = Object.fromEntries(
      prepared.outputs.map((output) => [output.key, evaluate(output.value, environment)]),
    );
    expect(values).toEqual({
      ApiUrl: 'https://a1b2c3.execute-api.eu-west-3.amazonaws.com/v1',
      RestApiId: 'a1b2c3',
      StageName: 'v1',
      TableName: 'ref:ShedTable',
      TableArn: 'ShedTable.Arn',
      ...Object.fromEntries(
        Object.values(LOGICAL).flatMap((id) => [
          [`${id}FunctionName`, `ref:${id}Function`],
          [`${id}FunctionArn`, `${id}Function.Arn`],
          [`${id}LogGroupName`, `ref:${id}LogGroup`],
        ]),
      ),
      ProjectName: 'flock',
      RuntimeLabel: 'rust',
      LambdaRuntime: 'provided.al2023',
      Sdk: 'unknown',
      Architecture: 'arm64',
      MemorySize: '128',
      Timeout: '30',
      AllowOrigin: '*',
      ToolVersion: '0.1.0',
      TemplateVersion: '1',
    });
  });

  test.each([
    [{ ProjectName: 'my_flock' }, 'Parameter ProjectName failed to satisfy constraint'],
    [{ ProjectName: '9flock' }, 'Parameter ProjectName failed to satisfy constraint'],
    [{ RuntimeLabel: 'ru st' }, 'Parameter RuntimeLabel failed to satisfy constraint'],
    [{ MemorySize: '127' }, "Parameter 'MemorySize' must be a number not less than 128"],
    [{ Architecture: 'sparc' }, "Parameter 'Architecture' must be one of AllowedValues"],
    [{ LogRetentionDays: '2' }, "Parameter 'LogRetentionDays' must be one of AllowedValues"],
    [{ AllowOrigin: "x'y" }, 'Parameter AllowOrigin failed to satisfy constraint'],
    [{ CatHandler: 'a b' }, 'Parameter CatHandler failed to satisfy constraint'],
    [{ CatCodeKey: '' }, "Parameter 'CatCodeKey' must contain at least 1 characters"],
  ])('templates/api.yaml refuses %j', (values, message) => {
    expect(() => prepareApi(values)).toThrow(message);
  });
});

describe('both templates', () => {
  const taggable = (type: string): boolean => RESOURCE_TYPES.get(type)?.taggable === true;

  test.each(TEMPLATE_NAMES)('the template %s tags everything that carries tags', (name) => {
    const usual = name === 'api' ? ['project', 'runtime', 'version'] : ['project', 'version'];
    for (const resource of template(name).resources.values()) {
      // The local cloud tells the loader by its role.
      const keys = resource.logicalId === 'LoaderFunction' ? ['project', 'role', 'version'] : usual;
      const tags = resource.properties.Tags as readonly { Key: string }[] | undefined;
      expect(
        tags?.map((tag) => tag.Key),
        resource.logicalId,
      ).toEqual(taggable(resource.type) ? keys.map((key) => `shedbench:${key}`) : undefined);
    }
  });

  test.each(TEMPLATE_NAMES)(
    'the template %s uses no transform, no export and no import, so that any endpoint can deploy it',
    (name) => {
      const object = templateObject(name);
      expect(Object.keys(object).sort()).toEqual(
        name === 'api'
          ? ['AWSTemplateFormatVersion', 'Conditions', 'Description', 'Outputs', 'Parameters', 'Resources']
          : ['AWSTemplateFormatVersion', 'Description', 'Outputs', 'Parameters', 'Resources'],
      );
      const functions = new Set(
        [...walk(object)].flatMap(({ path }) => {
          const last = path.at(-1) ?? '';
          return last.startsWith('Fn::') ? [last] : [];
        }),
      );
      const plain = ['Fn::Equals', 'Fn::GetAtt', 'Fn::If', 'Fn::Not', 'Fn::Sub'];
      expect([...functions].filter((fn) => !plain.includes(fn))).toEqual([]);
    },
  );

  test.each(TEMPLATE_NAMES)(
    'the template %s accepts exactly the project names that the command line accepts',
    (name) => {
      const parameter = template(name).parameters.get('ProjectName');
      const pattern = new RegExp(parameter?.allowedPattern ?? '');
      for (const project of ['a', 'MyShed', 'my-RUST-bench-2', '1shed', 'my_shed', '-a', '']) {
        expect(pattern.test(project), project).toBe(PROJECT_NAME_PATTERN.test(project));
      }
    },
  );

  test.each(TEMPLATE_NAMES)('the template %s describes every parameter and output', (name) => {
    const { parameters, outputs } = template(name);
    for (const declared of [...parameters.values(), ...outputs.values()]) {
      expect(declared.description, JSON.stringify(declared)).toBeTruthy();
    }
  });
});
