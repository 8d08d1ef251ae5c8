import type { OperationInput } from '../../protocols/operation.ts';
import { ServiceError } from '../../seams.ts';
import type { CloudFormationDeps } from './deps.ts';
import { resolveParameters } from './engine/parameters.ts';
import { type PreparedTemplate, prepareTemplate, problemText } from './engine/prepare.ts';
import { parseTemplate } from './engine/template.ts';
import { validationError } from './engine/template-error.ts';
import { booleanInput, parametersInput, tagsInput, textInput, textListInput } from './input.ts';
import type { Stack, StackDefinition } from './stack.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const MAX_BODY_BYTES = 51_200;
const MAX_OBJECT_BYTES = 1_048_576;
const CAPABILITIES = ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'];

/** The members of the input that `readDefinition` reads. */
export const DEFINITION_INPUTS: readonly string[] = [
  'Capabilities',
  'Parameters',
  'ResourceTypes',
  'Tags',
  'TemplateBody',
  'TemplateURL',
  'UsePreviousTemplate',
];

/** Returns the text of TemplateBody or TemplateURL. Undefined if the request has neither. */
export function templateBodyInput(deps: CloudFormationDeps, input: OperationInput): string | undefined {
  const body = textInput(input, 'TemplateBody');
  const url = textInput(input, 'TemplateURL');
  if (body !== undefined && url !== undefined) {
    throw validationError('Exactly one of TemplateBody or TemplateURL must be specified.');
  }
  if (body !== undefined) {
    if (Buffer.byteLength(body) > MAX_BODY_BYTES) {
      throw validationError(
        `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${MAX_BODY_BYTES}`,
      );
    }
    return body;
  }
  return url === undefined ? undefined : readTemplate(deps, url);
}

/** @throws ServiceError if the request has no template */
export function requiredTemplateBody(deps: CloudFormationDeps, input: OperationInput): string {
  const body = templateBodyInput(deps, input);
  if (body === undefined) throw validationError('Either Template URL or Template Body must be specified.');
  return body;
}

/** Reads a template from the local S3, by `<endpoint>/<bucket>/<key>` or by AWS's host names. */
function readTemplate(deps: CloudFormationDeps, url: string): string {
  const location = s3Location(url, deps.cloud.endpoint);
  if (location === undefined) throw validationError('TemplateURL must be a supported URL.');
  let object: Buffer;
  try {
    object = deps.cloud.s3.readObject(location.bucket, location.key);
  } catch (error) {
    if (error instanceof ServiceError) throw validationError(`S3 error: ${error.message}`);
    throw error;
  }
  if (object.length > MAX_OBJECT_BYTES) {
    throw validationError(`Template may not exceed ${MAX_OBJECT_BYTES} bytes in size.`);
  }
  return object.toString('utf8');
}

function s3Location(url: string, endpoint: string): { bucket: string; key: string } | undefined {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return undefined;
  }
  const path = decodeURIComponent(parsed.pathname.slice(1));
  const virtual = /^(.+)\.s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?$/.exec(parsed.hostname)?.[1];
  if (virtual !== undefined) return path === '' ? undefined : { bucket: virtual, key: path };
  const pathStyle =
    parsed.origin === new URL(endpoint).origin || /^s3[.-].*amazonaws\.com(?:\.cn)?$/.test(parsed.hostname);
  const slash = path.indexOf('/');
  if (!pathStyle || slash < 1 || slash === path.length - 1) return undefined;
  return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}

/**
 * Reads the stack definition from a request.
 * @param stack the stack to change; a new stack has no previous template, values or tags
 * @throws ServiceError `ValidationError`, `InsufficientCapabilitiesException`
 */
export function readDefinition(
  deps: CloudFormationDeps,
  input: OperationInput,
  stack: { readonly id: string; readonly name: string },
  existing: Stack | undefined,
): StackDefinition {
  const previous = existing?.definition;
  const usePrevious = booleanInput(input, 'UsePreviousTemplate') === true;
  const given = templateBodyInput(deps, input);
  if (usePrevious && given !== undefined) {
    throw validationError(
      'Exactly one of UsePreviousTemplate, TemplateBody or TemplateURL must be specified.',
    );
  }
  const templateBody = usePrevious ? previous?.templateBody : given;
  if (templateBody === undefined) {
    throw validationError('Either Template URL or Template Body must be specified.');
  }
  const template = parseTemplate(templateBody);
  const parameters = resolveParameters(
    template.parameters,
    parametersInput(input),
    previous?.prepared.parameters,
  );
  const prepared = prepareTemplate(
    template,
    parameters,
    {
      accountId: deps.cloud.accountId,
      region: deps.cloud.region,
      stackId: stack.id,
      stackName: stack.name,
    },
    deps.registry,
  );
  const capabilities = textListInput(input, 'Capabilities') ?? [];
  checkCapabilities(prepared, capabilities);
  checkResourceTypes(prepared, textListInput(input, 'ResourceTypes'));
  return { templateBody, prepared, tags: tagsInput(input) ?? previous?.tags ?? {}, capabilities };
}

/** @throws ServiceError with every problem of the properties */
export function refuseProblems(prepared: PreparedTemplate): void {
  const [first] = prepared.problems;
  if (first === undefined) return;
  const byResource = new Map<string, typeof prepared.problems>();
  for (const problem of prepared.problems) {
    byResource.set(problem.logicalId, [...(byResource.get(problem.logicalId) ?? []), problem]);
  }
  throw validationError([...byResource].map(([id, problems]) => problemText(id, problems)).join('\n'));
}

function checkCapabilities(prepared: PreparedTemplate, given: readonly string[]): void {
  const unknown = given.find((capability) => !CAPABILITIES.includes(capability));
  if (unknown !== undefined) {
    throw validationError(
      `1 validation error detected: Value '[${given.join(', ')}]' at 'capabilities' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [${CAPABILITIES.join(', ')}]]`,
    );
  }
  const missing = prepared.capabilities.filter(
    (needed) =>
      !given.includes(needed) && !(needed === 'CAPABILITY_IAM' && given.includes('CAPABILITY_NAMED_IAM')),
  );
  if (missing.length > 0) {
    throw new ServiceError(
      'InsufficientCapabilitiesException',
      `Requires capabilities : [${missing.join(', ')}]`,
    );
  }
}

function checkResourceTypes(prepared: PreparedTemplate, allowed: readonly string[] | undefined): void {
  if (allowed === undefined || allowed.length === 0) return;
  const matches = (type: string): boolean =>
    allowed.some((pattern) =>
      pattern.endsWith('*')
        ? type.startsWith(pattern.slice(0, -1)) && /::\*$|^\*$/.test(pattern)
        : type === pattern,
    );
  for (const { type } of prepared.template.resources.values()) {
    if (!matches(type)) {
      throw validationError(
        `Resource type ${type} is not allowed by parameter ResourceTypes [${allowed.join(', ')}]`,
      );
    }
  }
}
