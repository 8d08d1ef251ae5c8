import { createApiClient } from '../contract/api-client.ts';
import { shippedRuntimes } from '../deploy/artifacts/make-artifacts.ts';
import { type DeploymentStatus, deploymentStatus } from '../deploy/discovery/deployment-status.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import { DEFAULT_PROJECT } from '../model/project.ts';
import type { Selector } from '../model/selector.ts';
import { selectRecord } from '../session/select-deployment.ts';
import { deployDeps, isLocal, openRecorded } from '../session/session.ts';
import { noteCalls, waitUntilApart } from '../spacing/wait-apart.ts';
import { readRecords } from '../store/deployments.ts';

export interface StatusResult extends DeploymentStatus {
  readonly schema: 'shedbench/status@1';
  readonly project: string;
  /** One entry per deployed API: the status of `GET /cat?m=0&n=0`, or why there was no answer. */
  readonly answers: readonly { readonly runtime: string; readonly answer: string; readonly ok: boolean }[];
}

/**
 * Inspects the project's stacks and sends each API one cheap request. Exit 3 if nothing is deployed, a stack is not
 * complete or parts of it were deleted by hand; 1 if an API does not answer.
 */
export async function status(selector: Selector, deps: CommandDeps): Promise<CommandResult<StatusResult>> {
  const picked = { ...selector, local: isLocal(selector, deps) };
  const record = selectRecord(await readRecords(deps.cwd, deps.emit), picked);
  const session = await openRecorded(record, picked, deps);
  try {
    const project = record?.project ?? selector.project ?? DEFAULT_PROJECT;
    const known = [...(await shippedRuntimes()), ...(record?.runtimes ?? []).map(({ runtime }) => runtime)];
    const found = await deploymentStatus({ project, knownRuntimes: known }, deployDeps(session, deps));
    const asked = found.stacks.flatMap(({ deployed }) => (deployed === undefined ? [] : [deployed]));
    const functions = asked.map((runtime) => runtime.functions.cat.functionName);
    await waitUntilApart(functions, 'check', deps);
    const answers = await Promise.all(asked.map(({ runtime, apiUrl }) => ask(runtime, apiUrl, deps)));
    await noteCalls(functions, 'check', deps);
    const data: StatusResult = { schema: 'shedbench/status@1', project, ...found, answers };
    return { exitCode: exitCodeOf(data), data };
  } finally {
    session.close();
  }
}

/** 3 if nothing is deployed, a stack is not complete or lacks parts; 1 if an API does not answer; otherwise 0. */
export function exitCodeOf({ stacks, answers }: Pick<StatusResult, 'stacks' | 'answers'>): ExitCode {
  const stands =
    stacks.length > 0 &&
    stacks.every(({ condition, missing }) => condition === 'standing' && missing === undefined);
  if (!stands) return EXIT.aws;
  return answers.every(({ ok }) => ok) ? EXIT.ok : EXIT.fellShort;
}

/** The longest time that API Gateway waits for a function, and a little more for the network. */
const ANSWER_TIMEOUT_MS = 35_000;

async function ask(runtime: string, apiUrl: string, deps: CommandDeps) {
  const client = createApiClient(apiUrl);
  try {
    const signal = AbortSignal.any([deps.interrupt.first, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
    const answer = await client.call('GET', '/cat?m=0&n=0', signal);
    return { runtime, answer: `answers ${answer.status}`, ok: answer.status === 200 };
  } catch (error) {
    deps.interrupt.first.throwIfAborted();
    return { runtime, answer: error instanceof Error ? error.message : String(error), ok: false };
  } finally {
    await client.close();
  }
}
