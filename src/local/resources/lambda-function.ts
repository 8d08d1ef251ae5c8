import { type FunctionCode, type FunctionConfiguration, ServiceError } from '../seams.ts';
import { alreadyExists, calling, HandlerError } from './handler-error.ts';
import type { PhysicalResource, ResourceScope, ResourceType } from './resource-type.ts';
import {
  inPlace,
  integer,
  list,
  notEmulated,
  object,
  type PropertyProblem,
  replacing,
  required,
  tagList,
  text,
  textMap,
} from './schema.ts';
import {
  listIn,
  numberIn,
  objectIn,
  type Properties,
  requiredString,
  sameValue,
  stringIn,
  stringMapIn,
} from './value.ts';
import { zipText } from './zip-text.ts';

const TYPE = 'AWS::Lambda::Function';
const SERVICE = 'Lambda';
const MAX_NAME_LENGTH = 64;
/** @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
const DEFAULT_MEMORY_MB = 128;
const DEFAULT_TIMEOUT_SECONDS = 3;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html */
export const FUNCTION: ResourceType = {
  type: TYPE,
  properties: {
    FunctionName: replacing(text({ pattern: /^[a-zA-Z0-9-_]{1,64}$/ })),
    PackageType: replacing(text({ enum: ['Image', 'Zip'], emulated: ['Zip'] })),
    Code: required(
      inPlace(
        object({
          S3Bucket: { schema: text({ minLength: 3, maxLength: 63 }) },
          S3Key: { schema: text({ minLength: 1, maxLength: 1024 }) },
          S3ObjectVersion: { schema: text({ minLength: 1, maxLength: 1024 }) },
          ImageUri: { schema: { kind: 'not-emulated' } },
          S3ObjectStorageMode: { schema: { kind: 'not-emulated' } },
          SourceKMSKeyArn: { schema: { kind: 'not-emulated' } },
          ZipFile: { schema: text({ minLength: 1, maxLength: 4 * 1024 * 1024 }) },
        }),
      ),
    ),
    Role: required(
      inPlace(text({ pattern: /^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/ })),
    ),
    Runtime: inPlace(text({ minLength: 1 })),
    Handler: inPlace(text({ pattern: /^\S{0,128}$/ })),
    Architectures: inPlace(list(text({ enum: ['x86_64', 'arm64'] }), { minItems: 1, maxItems: 1 })),
    MemorySize: inPlace(integer({ min: 128, max: 10_240 })),
    Timeout: inPlace(integer({ min: 1, max: 900 })),
    Description: inPlace(text({ maxLength: 256 })),
    Environment: inPlace(object({ Variables: { schema: textMap } })),
    LoggingConfig: inPlace(
      object({
        LogFormat: { schema: text({ enum: ['Text', 'JSON'], emulated: ['Text'] }) },
        LogGroup: { schema: text({ pattern: /^[.\-_/#A-Za-z0-9]{1,512}$/ }) },
        ApplicationLogLevel: { schema: { kind: 'not-emulated' } },
        SystemLogLevel: { schema: { kind: 'not-emulated' } },
      }),
    ),
    ReservedConcurrentExecutions: inPlace(integer({ min: 0 })),
    TracingConfig: inPlace(
      object({ Mode: { schema: text({ enum: ['Active', 'PassThrough'], emulated: ['PassThrough'] }) } }),
    ),
    EphemeralStorage: inPlace(
      object({ Size: { schema: integer({ min: 512, max: 10_240 }), required: true } }),
    ),
    Layers: inPlace(list(text({ pattern: /^arn:(aws[a-zA-Z-]*)?:lambda:/ }), { maxItems: 5 })),
    Tags: inPlace(tagList(false)),
    ...notEmulated([
      'CapacityProviderConfig',
      'CodeSigningConfigArn',
      'DeadLetterConfig',
      'DurableConfig',
      'FileSystemConfigs',
      'FunctionScalingConfig',
      'ImageConfig',
      'KmsKeyArn',
      'PublishToLatestPublished',
      'RecursiveLoop',
      'RuntimeManagementConfig',
      'SnapStart',
      'TenancyConfig',
      'VpcConfig',
    ]),
  },
  attributes: ['Arn', 'SnapStartResponse.ApplyOn', 'SnapStartResponse.OptimizationStatus'],
  taggable: true,
  systemTags: true,
  check: checkZip,
  fixedName: (properties) =>
    typeof properties.FunctionName === 'string' ? properties.FunctionName : undefined,
  exists: (cloud, name) => cloud.lambda.functionExists(name),
  create: async (scope, properties) => {
    const name = stringIn(properties, 'FunctionName') ?? scope.generateName({ maxLength: MAX_NAME_LENGTH });
    if (scope.cloud.lambda.functionExists(name)) throw alreadyExists(TYPE, name);
    const configuration = configurationOf(scope, name, properties);
    refuseMissingRole(scope, configuration.roleArn);
    const code = await readCode(scope, properties);
    await calling(SERVICE, scope.newId, () =>
      scope.cloud.lambda.createFunction(configuration, code, scope.progress),
    );
    scope.initiated(name);
    return lambdaFunction(configuration);
  },
  update: async (scope, properties, before) => {
    const configuration = configurationOf(scope, before.physicalId, properties);
    refuseMissingRole(scope, configuration.roleArn);
    const codeChanged =
      !sameValue(before.properties.Code, properties.Code) ||
      !sameValue(before.properties.Architectures, properties.Architectures) ||
      !sameValue(before.properties.Layers, properties.Layers);
    const code = codeChanged ? await readCode(scope, properties) : undefined;
    await calling(SERVICE, scope.newId, () =>
      scope.cloud.lambda.updateFunction(configuration, code, scope.progress),
    );
    return lambdaFunction(configuration);
  },
  delete: async (scope, existing) => {
    const { lambda } = scope.cloud;
    if (!lambda.functionExists(existing.physicalId)) return;
    await calling(SERVICE, scope.newId, () => lambda.deleteFunction(existing.physicalId));
  },
};

/** What a zip package needs; an image would need none of it. */
function checkZip(properties: Properties): readonly PropertyProblem[] {
  const problems: PropertyProblem[] = [];
  for (const name of ['Handler', 'Runtime']) {
    if (properties[name] === undefined) {
      problems.push({
        kind: 'required',
        path: [],
        message: `Runtime and Handler are mandatory parameters for functions created with deployment packages: ${name} is missing`,
      });
    }
  }
  const code = objectIn(properties, 'Code') ?? {};
  if (code.ZipFile !== undefined) problems.push(...checkInlineCode(properties, code));
  else if (code.S3Bucket === undefined || code.S3Key === undefined) {
    problems.push({
      kind: 'required',
      path: ['Code'],
      message: 'Please provide a source for function code.',
    });
  }
  return problems;
}

/** AWS zips inline text itself, for runtimes of scripts only, as `index` beside the handler's module. */
function checkInlineCode(properties: Properties, code: Properties): readonly PropertyProblem[] {
  const runtime = stringIn(properties, 'Runtime');
  if (code.S3Bucket !== undefined || code.S3Key !== undefined) {
    return [
      {
        kind: 'invalid',
        path: ['Code'],
        message: 'Please do not provide other FunctionCode parameters when providing a ZipFile.',
      },
    ];
  }
  if (runtime === undefined || inlineFileName(runtime) !== undefined) return [];
  return [
    {
      kind: 'invalid',
      path: ['Code', 'ZipFile'],
      message: `ZipFile can only be used when Runtime is set to any of nodejs*, python*, not ${runtime}`,
    },
  ];
}

/** The file that inline text becomes. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html */
function inlineFileName(runtime: string): string | undefined {
  if (runtime.startsWith('nodejs')) return 'index.js';
  return runtime.startsWith('python') ? 'index.py' : undefined;
}

function configurationOf(scope: ResourceScope, name: string, properties: Properties): FunctionConfiguration {
  const { region, accountId } = scope.cloud;
  const description = stringIn(properties, 'Description');
  const reservedConcurrency = numberIn(properties, 'ReservedConcurrentExecutions');
  const ephemeralStorageMB = numberIn(objectIn(properties, 'EphemeralStorage') ?? {}, 'Size');
  const layers = listIn(properties, 'Layers').filter((arn) => typeof arn === 'string');
  const [architecture] = listIn(properties, 'Architectures');
  return {
    functionName: name,
    functionArn: `arn:aws:lambda:${region}:${accountId}:function:${name}`,
    runtime: requiredString(properties, 'Runtime'),
    handler: requiredString(properties, 'Handler'),
    roleArn: requiredString(properties, 'Role'),
    memorySizeMB: numberIn(properties, 'MemorySize') ?? DEFAULT_MEMORY_MB,
    timeoutSeconds: numberIn(properties, 'Timeout') ?? DEFAULT_TIMEOUT_SECONDS,
    // Lambda's default, not the host's: a template that says nothing means x86_64.
    architecture: architecture === 'arm64' ? 'arm64' : 'x86_64',
    environment: stringMapIn(objectIn(properties, 'Environment') ?? {}, 'Variables'),
    logGroup: stringIn(objectIn(properties, 'LoggingConfig') ?? {}, 'LogGroup') ?? `/aws/lambda/${name}`,
    tags: scope.tags,
    ...(ephemeralStorageMB === undefined ? {} : { ephemeralStorageMB }),
    ...(layers.length === 0 ? {} : { layers }),
    ...(description === undefined ? {} : { description }),
    ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }),
  };
}

/** Lambda can't assume a role that is not there, nor one whose trust policy names somebody else. */
function refuseMissingRole(scope: ResourceScope, roleArn: string): void {
  const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  if (!scope.cloud.iam.isAssumableBy(roleName, 'lambda.amazonaws.com')) {
    throw new HandlerError(
      'InvalidRequest',
      'The role defined for the function cannot be assumed by Lambda.',
    );
  }
}

/** The function's zip: made of inline text, or read from S3. */
async function readCode(scope: ResourceScope, properties: Properties): Promise<FunctionCode> {
  const code = objectIn(properties, 'Code') ?? {};
  const inline = stringIn(code, 'ZipFile');
  if (inline !== undefined) {
    const fileName = inlineFileName(requiredString(properties, 'Runtime')) ?? 'index';
    return { zip: await zipText(fileName, inline) };
  }
  return readZip(scope, code);
}

/** The zip in S3, in Lambda's words where S3 does not give it. */
export function readZip(scope: ResourceScope, code: Properties): FunctionCode {
  try {
    const zip = scope.cloud.s3.readObject(
      requiredString(code, 'S3Bucket'),
      requiredString(code, 'S3Key'),
      stringIn(code, 'S3ObjectVersion'),
    );
    return { zip };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw new HandlerError(
      'InvalidRequest',
      `Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message} ` +
        `(Service: ${SERVICE}, Status Code: 400, Request ID: ${scope.newId()})`,
    );
  }
}

function lambdaFunction(configuration: FunctionConfiguration): PhysicalResource {
  return {
    physicalId: configuration.functionName,
    attributes: {
      Arn: configuration.functionArn,
      'SnapStartResponse.ApplyOn': 'None',
      'SnapStartResponse.OptimizationStatus': 'Off',
    },
  };
}
