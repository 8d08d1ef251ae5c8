import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../artifacts/package-root.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export const MAX_TEMPLATE_BODY_BYTES = 51_200;

/** A CloudFormation template as it is sent. */
export interface Template {
  readonly body: string;
  /** SHA-256 of the body, hex. */
  readonly sha256: string;
  /** How many resources a stack of it has. */
  readonly resourceCount: number;
}

export type TemplateName = 'api' | 'assets' | 'fleet';

/** `templates/<name>.yaml` of the package. */
export async function readTemplate(name: TemplateName, root: string = packageRoot()): Promise<Template> {
  return toTemplate(await readFile(join(root, 'templates', `${name}.yaml`), 'utf8'));
}

/**
 * A template from its text. Comment lines and blank lines are left out, because they count against CloudFormation's
 * limit.
 * @throws Error if the template exceeds the limit of one that is sent inline. A test ensures that the package's
 * templates do not.
 */
export function toTemplate(text: string): Template {
  const body = text
    .split('\n')
    .filter((line) => !/^\s*(#.*)?$/.test(line))
    .join('\n')
    .concat('\n');
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_TEMPLATE_BODY_BYTES) {
    throw new Error(`the template has ${bytes} bytes, CloudFormation takes ${MAX_TEMPLATE_BODY_BYTES}`);
  }
  return {
    body,
    sha256: sha256(body),
    resourceCount: countResources(body),
  };
}

/** How many digits of an origin's hash are part of the logical id. */
const ORIGIN_HASH_LENGTH = 8;

/**
 * `templates/api.yaml` with a logical id of the Deployment that depends on the allowed origin. API Gateway's own answers
 * (CORS preflights, errors) hold the origin. They reach the stage only with another Deployment, and CloudFormation makes
 * another Deployment only under another logical id.
 */
export function forOrigin(template: Template, allowOrigin: string): Template {
  const suffix = sha256(allowOrigin).slice(0, ORIGIN_HASH_LENGTH);
  const body = template.body.replaceAll(/\bDeployment[0-9a-f]{12}\b/g, (id) => `${id}${suffix}`);
  return { ...template, body, sha256: sha256(body) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The number of logical ids under `Resources:`, by their indentation. That is enough for the package's own templates, and saves
 * loading a YAML parser.
 */
function countResources(body: string): number {
  const section = /^Resources:\n((?: .*\n)*)/m.exec(body)?.[1] ?? '';
  return section.match(/^ {2}[A-Za-z0-9]+:$/gm)?.length ?? 0;
}
