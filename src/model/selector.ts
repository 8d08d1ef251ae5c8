import { DEFAULT_PROJECT } from './project.ts';

/** The deployment and target of a command. Records and defaults determine undefined members. */
export interface Selector {
  readonly project?: string;
  readonly region?: string;
  readonly profile?: string;
  /** The local cloud instead of AWS. */
  readonly local: boolean;
}

/** The flags that select the same deployment, each with a space before it. They complete the commands in hints. */
export function targetFlags({ project, region, profile, local }: Selector): string {
  return [
    local ? ' --local' : '',
    project === undefined || project === DEFAULT_PROJECT ? '' : ` --project ${project}`,
    region === undefined || local ? '' : ` --region ${region}`,
    profile === undefined ? '' : ` --profile ${profile}`,
  ].join('');
}
