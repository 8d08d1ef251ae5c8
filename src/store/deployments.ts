import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { usageError } from '../errors.ts';
import { DEPLOYMENT_SCHEMA, type Deployment } from '../model/deployment.ts';
import type { Emit } from '../model/events.ts';

/** The folder of the records, below the folder that a command runs in. */
function recordsFolder(cwd: string): string {
  return join(cwd, '.shedbench', 'deployments');
}

type RecordKey = Pick<Deployment, 'project'> & {
  readonly target: Pick<Deployment['target'], 'kind' | 'accountId' | 'region'>;
};

/** `<target>-<account>-<region>-<project>.json` */
export function recordFileName({ target, project }: RecordKey): string {
  return `${target.kind}-${target.accountId}-${target.region}-${project}.json`;
}

/** Writes a record whole or not at all: a reader, or the next run after a crash, never sees half of one. */
export async function writeRecord(cwd: string, deployment: Deployment): Promise<void> {
  const folder = recordsFolder(cwd);
  await mkdir(folder, { recursive: true });
  const path = join(folder, recordFileName(deployment));
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  await writeFile(temporary, `${JSON.stringify(deployment, undefined, 2)}\n`);
  await rename(temporary, path);
}

/** Removes a record; none there is as good. */
export async function removeRecord(cwd: string, key: RecordKey): Promise<void> {
  await rm(join(recordsFolder(cwd), recordFileName(key)), { force: true });
}

/**
 * The records of a folder, by file name. One that can't be read is left out with a warning: a record is a help, never a
 * need.
 */
export async function readRecords(cwd: string, emit: Emit): Promise<readonly Deployment[]> {
  const folder = recordsFolder(cwd);
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  const records: Deployment[] = [];
  for (const name of names.filter((each) => each.endsWith('.json')).sort()) {
    const record = parseRecord(await readFile(join(folder, name), 'utf8'));
    if (record !== undefined) {
      records.push(record);
      continue;
    }
    emit({
      type: 'warning',
      code: 'bad-record',
      message: `.shedbench/deployments/${name} is not a record of this version; it is left aside`,
      hint: 'shedbench deploy writes it anew',
    });
  }
  return records;
}

/** A record from its text; undefined for anything else. */
export function parseRecord(text: string): Deployment | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isDeployment(content) ? content : undefined;
}

function isDeployment(content: unknown): content is Deployment {
  if (typeof content !== 'object' || content === null) return false;
  const { schema, project, target, runtimes } = content as Partial<Record<keyof Deployment, unknown>>;
  return (
    schema === DEPLOYMENT_SCHEMA &&
    typeof project === 'string' &&
    typeof target === 'object' &&
    target !== null &&
    Array.isArray(runtimes)
  );
}

/** What picks a record; what is undefined picks any. */
export interface RecordFilter {
  readonly project?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** True: only of the local cloud. False and undefined: any. */
  readonly local?: boolean | undefined;
}

/**
 * The record that fits, or undefined where none does.
 * @throws ShedbenchError `several-deployments` (exit 2) that lists them with the flags that pick each
 */
export function selectRecord(records: readonly Deployment[], filter: RecordFilter): Deployment | undefined {
  const fitting = records.filter(
    ({ project, target }) =>
      (filter.project === undefined || project === filter.project) &&
      (filter.region === undefined || target.region === filter.region) &&
      (filter.profile === undefined || target.profile === filter.profile) &&
      (filter.local !== true || target.kind === 'local'),
  );
  if (fitting.length <= 1) return fitting[0];
  const list = fitting.map((record) => `${describeRecord(record)}: ${flagsFor(record, fitting)}`);
  throw usageError(
    'several-deployments',
    `Several deployments fit:\n${list.map((line) => `  ${line}`).join('\n')}`,
    `Name one, as in: ${flagsFor(fitting[0] as Deployment, fitting)}`,
  );
}

function describeRecord({ project, target }: Deployment): string {
  const where = target.kind === 'local' ? 'the local cloud' : `account ${target.accountId}, ${target.region}`;
  return `${project} in ${where}`;
}

/** The fewest flags that tell a record from the others. */
function flagsFor(record: Deployment, among: readonly Deployment[]): string {
  const others = among.filter((other) => other !== record);
  const all: readonly { readonly flag: string; readonly same: (other: Deployment) => boolean }[] = [
    ...(record.target.kind === 'local'
      ? [{ flag: '--local', same: (other: Deployment) => other.target.kind === 'local' }]
      : []),
    { flag: `--project ${record.project}`, same: (other) => other.project === record.project },
    {
      flag: `--region ${record.target.region}`,
      same: (other) => other.target.region === record.target.region,
    },
    ...(record.target.profile === undefined
      ? []
      : [
          {
            flag: `--profile ${record.target.profile}`,
            same: (other: Deployment) => other.target.profile === record.target.profile,
          },
        ]),
  ];
  let left = others;
  const flags: string[] = [];
  for (const { flag, same } of all) {
    const still = left.filter(same);
    if (still.length === left.length) continue;
    flags.push(flag);
    left = still;
    if (left.length === 0) break;
  }
  return flags.length === 0 ? all.map(({ flag }) => flag).join(' ') : flags.join(' ');
}

/** Removes the records of what was deployed in this folder's local cloud, which is gone; resolves to how many. */
export async function forgetLocalDeployments(cwd: string, emit: Emit): Promise<number> {
  const records = (await readRecords(cwd, emit)).filter(({ target }) => target.kind === 'local');
  for (const record of records) await removeRecord(cwd, record);
  return records.length;
}
