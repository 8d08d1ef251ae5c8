import { DEFAULT_PROJECT } from './project.ts';

/** Which deployment, on which target, a command is about; what is undefined is left to records and defaults. */
export interface Selector {
  readonly project?: string;
  readonly region?: string;
  readonly profile?: string;
  /** The local cloud rather than AWS. */
  readonly local: boolean;
}

/** The flags that pick the same again, each with a space before it: for the commands that hints name. */
export function targetFlags({ project, region, profile, local }: Selector): string {
  return [
    local ? ' --local' : '',
    project === undefined || project === DEFAULT_PROJECT ? '' : ` --project ${project}`,
    region === undefined || local ? '' : ` --region ${region}`,
    profile === undefined ? '' : ` --profile ${profile}`,
  ].join('');
}
