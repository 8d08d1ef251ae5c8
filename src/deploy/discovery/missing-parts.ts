import { classifyFailure } from '../../aws/failure-kind.ts';
import { awsError, type ShedbenchError } from '../../errors.ts';
import { TAG_PROJECT } from '../../model/project.ts';
import { describeStackResources, type StackDescription } from '../stacks/stack-api.ts';
import type { StackContext } from '../stacks/stack-context.ts';
import { bucketExists } from '../teardown/empty-bucket.ts';
import { findFunctions, functionExists } from './functions.ts';
import { findLogGroups, logGroupExists } from './log-groups.ts';
import { stageExists } from './stages.ts';
import { tableExists } from './tables.ts';

/**
 * The parts of a stack that somebody deleted by hand: functions, log groups, the table, the API's stage, the bucket.
 * CloudFormation does not notice that, and a change set finds nothing to change. A part is only looked for if the stack's own
 * list names it, and is not called missing where its service may not be asked.
 * @param runtime the label of an API stack; undefined for the stacks of the bucket and of the loaders
 * @returns one text for each part: `log group /aws/lambda/…`
 */
export async function findMissingParts(
  context: StackContext,
  stack: StackDescription,
  runtime: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const resources = (await describeStackResources(context, stack.stackId, signal)).filter(
    ({ status }) => status !== 'DELETE_COMPLETE' && status !== 'DELETE_SKIPPED',
  );
  const idsOf = (type: string): readonly string[] =>
    resources.flatMap(({ resourceType, physicalId }) =>
      resourceType === type && physicalId !== undefined && physicalId !== '' ? [physicalId] : [],
    );
  const project = stack.tags[TAG_PROJECT] ?? '';
  const [restApiId = ''] = idsOf('AWS::ApiGateway::RestApi');
  const each =
    (exists: (id: string) => Promise<boolean>) =>
    async (ids: readonly string[]): Promise<ReadonlySet<string>> => {
      const found = await Promise.all(ids.map(async (id) => ((await exists(id)) ? [id] : [])));
      return new Set(found.flat());
    };
  const parts: readonly Part[] = [
    {
      word: 'function',
      type: 'AWS::Lambda::Function',
      existing:
        runtime === undefined
          ? each((id) => functionExists(context, id, signal))
          : async () => namesOf(await findFunctions(context, project, runtime, signal)),
    },
    {
      word: 'log group',
      type: 'AWS::Logs::LogGroup',
      existing:
        runtime === undefined
          ? each((id) => logGroupExists(context, id, signal))
          : async () => namesOf(await findLogGroups(context, project, runtime, signal)),
    },
    { word: 'table', type: 'AWS::DynamoDB::Table', existing: each((id) => tableExists(context, id, signal)) },
    {
      word: 'stage',
      type: 'AWS::ApiGateway::Stage',
      existing: each((id) => stageExists(context, restApiId, id, signal)),
    },
    { word: 'bucket', type: 'AWS::S3::Bucket', existing: each((id) => bucketExists(context, id, signal)) },
  ];
  const missing = await Promise.all(
    parts.map(async ({ word, type, existing }) => {
      const ids = idsOf(type);
      if (ids.length === 0) return [];
      const there = await unlessUnanswered(existing(ids));
      return there === undefined ? [] : ids.filter((id) => !there.has(id)).map((id) => `${word} ${id}`);
    }),
  );
  return missing.flat();
}

interface Part {
  readonly word: string;
  readonly type: string;
  readonly existing: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
}

function namesOf(found: readonly { readonly name: string }[]): ReadonlySet<string> {
  return new Set(found.map(({ name }) => name));
}

/** Undefined if the service may not be asked, or does not support the request. */
async function unlessUnanswered<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    const kind = classifyFailure(error);
    if (kind === 'access-denied' || kind === 'unsupported') return undefined;
    throw error;
  }
}

/** The error of a deploy onto a stack of which parts were deleted by hand (exit 3). */
export function partsMissing(
  context: Pick<StackContext, 'pickUpCommand'>,
  project: string,
  stackName: string,
  runtime: string | undefined,
  missing: readonly string[],
): ShedbenchError {
  const runtimes = runtime === undefined ? '' : ` --runtime ${runtime}`;
  return awsError(
    'parts-missing',
    `${stackName} exists, but somebody deleted parts of it: ${missing.join(', ')}. CloudFormation does not create them again`,
    `shedbench teardown --project ${project}${runtimes}, then ${context.pickUpCommand}`,
  );
}
