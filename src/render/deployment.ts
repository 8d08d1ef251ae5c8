import type { PlanHeading, ReceiptLine } from '../model/deploy-plan.ts';
import type { DeployedRuntime, Deployment } from '../model/deployment.ts';
import { counted, formatCount } from '../model/number-text.ts';
import { receiptLines } from '../model/receipt-lines.ts';
import { paint } from './ansi.ts';

interface Style {
  readonly color: boolean;
}

/** The data for the text of a deploy. */
export interface DeployView {
  readonly outcome: 'deployed' | 'unchanged' | 'planned' | 'declined';
  readonly deployment: Deployment | undefined;
  readonly losses: readonly { readonly name: string; readonly reason: string }[];
  readonly failedBuilds: readonly { readonly runtime: string; readonly message: string }[];
}

/** Renders the result of a deploy: the APIs, and the next command. */
export function renderDeploy(view: DeployView, style: Style): string {
  const { bold, yellow } = paint(style.color);
  const lines: string[] = [];
  for (const { runtime } of view.failedBuilds)
    lines.push(yellow(`${runtime} was left out: its build failed.`));
  for (const { name, reason } of view.losses) lines.push(yellow(`Would delete ${name}: ${reason}`));
  switch (view.outcome) {
    case 'planned':
      lines.push('Nothing was changed: this was only the plan.');
      break;
    case 'declined':
      lines.push('Nothing was changed: the update would have deleted data.');
      break;
    default: {
      const { deployment } = view;
      if (deployment === undefined) break;
      lines.push(
        view.outcome === 'unchanged' ? 'Everything was up to date.' : bold('Deployed.'),
        ...apiLines(deployment.runtimes),
        '',
        `Next:  shedbench load --route sheep -p 100 -c 1000${deployment.target.kind === 'local' ? '' : '   (its cost: see the README)'}`,
        '       shedbench report',
        '       shedbench teardown',
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

function apiLines(runtimes: readonly DeployedRuntime[]): string[] {
  const width = Math.max(0, ...runtimes.map(({ runtime }) => runtime.length));
  return runtimes.map(
    ({ runtime, lambdaRuntime, apiUrl }) =>
      `  ${runtime.padEnd(width)}  ${lambdaRuntime.padEnd(15)}  ${apiUrl}`,
  );
}

/** The data for the text of a status. */
export interface StatusView {
  readonly heading: PlanHeading;
  readonly searchedBy: 'tags' | 'names';
  readonly names: readonly string[];
  readonly stacks: readonly {
    readonly stackName: string;
    readonly runtime?: string;
    readonly status: string;
    readonly statusReason?: string;
    readonly resources: number;
    readonly updatedAtEpochMs: number;
    readonly deployed?: DeployedRuntime;
    readonly missing?: readonly string[];
    readonly hint?: string;
  }[];
  readonly answers: readonly { readonly runtime: string; readonly answer: string; readonly ok: boolean }[];
}

/** Renders the stacks of a project, one line each, and whether their APIs answer. */
export function renderStatus(view: StatusView, style: Style): string {
  const { green, red, yellow } = paint(style.color);
  const { heading } = view;
  const where =
    heading.kind === 'local'
      ? `the local cloud (${heading.endpoint})`
      : `${heading.endpoint === undefined ? '' : `${heading.endpoint}, `}account ${heading.accountId}, ${heading.region}`;
  if (view.stacks.length === 0) {
    const how = view.searchedBy === 'tags' ? ' (searched by tags)' : `\n${onlyByName(view.names)}`;
    return `Nothing of project ${heading.project} in ${where}${how}.\n`;
  }
  const lines = [`Project ${heading.project} in ${where}`];
  const width = Math.max(...view.stacks.map(({ stackName }) => stackName.length));
  for (const stack of view.stacks) {
    const answer = view.answers.find(({ runtime }) => runtime === stack.runtime);
    const answered = answer === undefined ? '' : `  ${answer.ok ? green(answer.answer) : red(answer.answer)}`;
    lines.push(
      `  ${stack.stackName.padEnd(width)}  ${stack.status}, ${counted(stack.resources, 'resource')}${answered}`,
    );
    if (stack.deployed !== undefined) lines.push(`    ${stack.deployed.apiUrl}`);
    if (stack.statusReason !== undefined) lines.push(`    ${yellow(stack.statusReason)}`);
    if (stack.missing !== undefined) lines.push(red(`    deleted by hand: ${stack.missing.join(', ')}`));
    if (stack.hint !== undefined) lines.push(`    ${stack.hint}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Says what a search by name can miss. */
function onlyByName(names: readonly string[]): string {
  return `Looked up by name: ${names.join(', ')}. Listing all stacks is not allowed (cloudformation:DescribeStacks), so a stack of another name would not have been found`;
}

/** Renders how many sheep were removed from each shed. */
export function renderReset(
  view: {
    readonly tables: readonly {
      readonly runtime: string;
      readonly tableName: string;
      readonly sheep: number;
    }[];
  },
  _style: Style,
): string {
  return view.tables
    .map(
      ({ runtime, tableName, sheep }) =>
        `${runtime}: ${formatCount(sheep)} sheep left the shed (${tableName})\n`,
    )
    .join('');
}

/** The data for the text of a teardown. */
export type TeardownView =
  | {
      readonly outcome: 'nothing' | 'removed' | 'incomplete' | 'declined';
      readonly heading: PlanHeading;
      readonly searchedBy: 'tags' | 'names';
      readonly names: readonly string[];
      readonly receipt: readonly ReceiptLine[];
      readonly problems: readonly {
        readonly stackName: string;
        readonly message: string;
        readonly hint?: string;
      }[];
      readonly localCloudStopped: boolean;
    }
  | { readonly outcome: 'cloud-gone'; readonly recordsRemoved: number };

/** Renders the receipt of a teardown: for every type of resource how many there were and how many are left. */
export function renderTeardown(view: TeardownView, style: Style): string {
  if (view.outcome === 'cloud-gone') {
    return 'Nothing to delete: the local cloud of this folder does not run, and its contents ended with it.\n';
  }
  const { bold, red, yellow } = paint(style.color);
  const { heading } = view;
  const place = `project ${heading.project}, account ${heading.accountId}, ${heading.region}`;
  if (view.outcome === 'declined') return 'Nothing was deleted.\n';
  const lines: string[] = [];
  if (view.outcome === 'nothing') {
    lines.push(
      view.searchedBy === 'tags'
        ? `Nothing to delete: ${place}, searched all stacks by tags, and log groups, functions and tables by name.`
        : `Nothing found to delete: ${place}.`,
    );
  } else {
    const gone =
      view.searchedBy === 'tags'
        ? `Everything is gone: ${place}.`
        : `Everything that was found is gone: ${place}.`;
    lines.push(bold(view.outcome === 'removed' ? gone : `Something is left: ${place}.`));
    for (const { text, state } of receiptLines(view.receipt)) {
      lines.push(state === 'left' ? red(text) : state === 'retained' ? yellow(text) : text);
    }
  }
  if (view.searchedBy === 'names') lines.push(yellow(`${onlyByName(view.names)}.`));
  for (const { stackName, message, hint } of view.problems) {
    lines.push(red(`${stackName}: ${message}`));
    if (hint !== undefined) lines.push(`  ${hint}`);
  }
  if (view.localCloudStopped) lines.push('The local cloud is stopped.');
  return `${lines.join('\n')}\n`;
}
