import { join } from 'node:path';
import { usageError } from '../errors.ts';
import {
  DEPLOYMENT_SCHEMA,
  type DeployedFunction,
  type DeployedRuntime,
  type Deployment,
} from '../model/deployment.ts';
import type { Emit } from '../model/events.ts';
import { PROJECT_NAME_PATTERN } from '../model/project.ts';
import { type DocumentKind, readNamedDocuments } from './document.ts';
import { removeFile, writeWhole } from './files.ts';
import { PLACES } from './places.ts';
import {
  architecture,
  bundleSize,
  epochMs,
  exactly,
  list,
  object,
  oneOf,
  optional,
  positive,
  type Shape,
  targetKind,
  text,
  textLike,
  webAddress,
} from './shapes.ts';

/** The form of the other parts of a file's name: an account's id, a region. */
const NAME_PART = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

const deployedFunction: Shape<DeployedFunction> = object<DeployedFunction>({
  functionName: text,
  functionArn: text,
  logGroupName: text,
  artifactSha256: optional(text),
  bundle: optional(bundleSize),
});

const deployedRuntime: Shape<DeployedRuntime> = object<DeployedRuntime>({
  runtime: text,
  stackName: text,
  stackId: text,
  apiUrl: webAddress,
  restApiId: text,
  tableName: text,
  lambdaRuntime: text,
  sdk: optional(text),
  functions: object<DeployedRuntime['functions']>({
    cat: deployedFunction,
    sheep: deployedFunction,
    dog: deployedFunction,
    wolf: deployedFunction,
  }),
});

/** The shape of `.shedbench/deployments/<target>-<account>-<region>-<project>.json`. */
const deployment: Shape<Deployment> = object<Deployment>({
  schema: exactly(DEPLOYMENT_SCHEMA),
  state: oneOf(['creating', 'deployed', 'failed']),
  project: textLike(PROJECT_NAME_PATTERN, "a project's name"),
  target: object<Deployment['target']>({
    kind: targetKind,
    region: textLike(NAME_PART, 'a region'),
    accountId: textLike(NAME_PART, "an account's id"),
    endpoint: optional(webAddress),
    profile: optional(text),
  }),
  architecture,
  memorySizeMB: positive,
  templateSha256: text,
  toolVersion: text,
  createdAtEpochMs: epochMs,
  updatedAtEpochMs: epochMs,
  runtimes: list(deployedRuntime),
});

const DEPLOYMENT_DOCUMENT: DocumentKind<Deployment> = {
  name: 'record of a deployment',
  schema: DEPLOYMENT_SCHEMA,
  shape: deployment,
  hint: 'shedbench deploy writes it again',
};

type RecordKey = Pick<Deployment, 'project'> & {
  readonly target: Pick<Deployment['target'], 'kind' | 'accountId' | 'region'>;
};

/**
 * `<target>-<account>-<region>-<project>.json`
 * @throws ShedbenchError `bad-name` (exit 2) if one of the four can't be part of a file name
 */
export function recordFileName({ target, project }: RecordKey): string {
  const parts = [target.kind, target.accountId, target.region, project];
  const odd = parts.find((part) => !NAME_PART.test(part));
  if (odd !== undefined) {
    throw usageError(
      'bad-name',
      `'${odd}' can't be part of the name of a deployment's record: only letters, digits, - and _ can.`,
      'Check the project, the region and the account',
    );
  }
  return `${parts.join('-')}.json`;
}

/** Writes the record of a deployment. @throws as `writeWhole` */
export async function writeRecord(cwd: string, record: Deployment): Promise<void> {
  await writeWhole(recordPath(cwd, record), `${JSON.stringify(record, undefined, 2)}\n`);
}

/** Removes a record. Does nothing if there is none. */
export async function removeRecord(cwd: string, key: RecordKey): Promise<void> {
  await removeFile(recordPath(cwd, key));
}

/**
 * The records of a folder, by file name. Unreadable records are left out with a warning, because commands also work
 * without records.
 */
export async function readRecords(cwd: string, emit: Emit): Promise<readonly Deployment[]> {
  return await readNamedDocuments(recordsFolder(cwd), DEPLOYMENT_DOCUMENT, recordFileName, emit);
}

/** Removes the records of deployments in this folder's local cloud, which has ended. Resolves to their number. */
export async function forgetLocalDeployments(cwd: string, emit: Emit): Promise<number> {
  const records = (await readRecords(cwd, emit)).filter(({ target }) => target.kind === 'local');
  for (const record of records) await removeRecord(cwd, record);
  return records.length;
}

function recordsFolder(cwd: string): string {
  return join(cwd, PLACES.deployments);
}

function recordPath(cwd: string, key: RecordKey): string {
  return join(recordsFolder(cwd), recordFileName(key));
}
