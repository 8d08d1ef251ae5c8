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

/** Checks what a zip package requires and an image does not. */
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

/** Checks inline code. AWS zips it itself, for runtimes of scripts only, as a file named `index`. */
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

/**
 * The name of the file that inline code becomes.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
 */
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
    // Lambda's default is x86_64, whatever the processor of this machine.
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

/** Refuses a role that does not exist or whose trust policy does not allow Lambda to assume it. */
function refuseMissingRole(scope: ResourceScope, roleArn: string): void {
  const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  if (!scope.cloud.iam.isAssumableBy(roleName, 'lambda.amazonaws.com')) {
    throw new HandlerError(
      'InvalidRequest',
      'The role defined for the function cannot be assumed by Lambda.',
    );
  }
}

/** Returns the function's zip: made from inline code, or read from S3. */
async function readCode(scope: ResourceScope, properties: Properties): Promise<FunctionCode> {
  const code = objectIn(properties, 'Code') ?? {};
  const inline = stringIn(code, 'ZipFile');
  if (inline !== undefined) {
    const fileName = inlineFileName(requiredString(properties, 'Runtime')) ?? 'index';
    return { zip: await zipText(fileName, inline) };
  }
  return readZip(scope, code);
}

/** Reads the zip from S3. An error of S3 is reported in Lambda's words. */
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
