import { usageError } from '../errors.ts';
import type { Deployment } from '../model/deployment.ts';

/** The facts by which a record is selected. Undefined members match any record. */
export interface RecordFilter {
  readonly project?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** True: only deployments in the local cloud. False and undefined: any. */
  readonly local?: boolean | undefined;
}

/**
 * The record that matches. Undefined if none does.
 * @throws ShedbenchError `several-deployments` (exit 2), which lists them with the flags that select each
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
    `Several deployments match:\n${list.map((line) => `  ${line}`).join('\n')}`,
    `Select one, for example: ${flagsFor(fitting[0] as Deployment, fitting)}`,
  );
}

function describeRecord({ project, target }: Deployment): string {
  const where = target.kind === 'local' ? 'the local cloud' : `account ${target.accountId}, ${target.region}`;
  return `${project} in ${where}`;
}

/** The fewest flags that distinguish a record from the others. */
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
