import { createShedTables } from '../contract/shed-tables.ts';
import { verifyContract } from '../contract/verify.ts';
import { EXIT, usageError } from '../errors.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import type { ContractResult } from '../model/contract.ts';
import { functionNames } from '../model/deployment.ts';
import type { Selector } from '../model/selector.ts';
import { openDeployment, pickRuntimes } from '../session/session.ts';
import { noteCalls, waitUntilApart } from '../spacing/wait-apart.ts';
import { localCloudUnderLoad } from '../targets/local-cloud-queries.ts';

export interface VerifyOptions extends Selector {
  readonly runtimes?: readonly string[];
  /** Whether to empty sheds that have sheep without asking. */
  readonly assumeYes: boolean;
}

export interface VerifyCommandResult {
  readonly schema: 'shedbench/verify@1';
  readonly runtimes: readonly ContractResult[];
}

async function interpreterOf(lambdaRuntime: string, deps: CommandDeps): Promise<string | undefined> {
  return await (await localCloudUnderLoad(deps))?.interpreterOf(lambdaRuntime);
}

/**
 * `boto3 of the Lambda runtime (here: 3.11.7 with boto3 1.40.4)`; empty for a runtime that names no SDK. The
 * interpreter is named only if it contains the SDK.
 */
function sdkText(sdk: string | undefined, interpreter: string | undefined): Pick<ContractResult, 'sdk'> {
  if (sdk === undefined) return {};
  return { sdk: interpreter?.includes(' with ') === true ? `${sdk} (here: ${interpreter})` : sdk };
}

/**
 * Checks the contract of every runtime's API, one after the other, because some rules send simultaneous calls. Exit 1
 * if a rule is broken.
 *
 * @throws ShedbenchError exit 2 if a shed has sheep and nobody agreed to delete them, exit 3 as its parts
 */
export async function verify(
  options: VerifyOptions,
  deps: CommandDeps,
): Promise<CommandResult<VerifyCommandResult>> {
  const session = await openDeployment(options, deps);
  try {
    const tables = createShedTables(session.clients, deps);
    const runtimes = pickRuntimes(session.deployment, options.runtimes);
    const local = session.target.kind === 'local';
    const counts = await Promise.all(
      runtimes.map(async ({ runtime, tableName }) => ({ runtime, sheep: await tables.count(tableName) })),
    );
    const full = counts.filter(({ sheep }) => sheep > 0);
    if (full.length > 0 && !local && !options.assumeYes) {
      const list = full.map(({ runtime, sheep }) => `${sheep} sheep of ${runtime}`).join(', ');
      if (!(await deps.confirm(`The contract's rules empty the sheds: ${list} would be lost. Go on?`))) {
        throw usageError(
          'shed-not-empty',
          `Verify empties the sheds, and there are ${list}.`,
          'shedbench verify --yes',
        );
      }
    }
    const results: ContractResult[] = [];
    const called = functionNames(runtimes);
    await waitUntilApart(called, 'check', deps);
    try {
      for (const { runtime, apiUrl, tableName, lambdaRuntime, sdk } of runtimes) {
        const result = await verifyContract(
          { runtime, apiUrl },
          { clearShed: true },
          {
            table: await tables.open(tableName),
            emit: deps.emit,
            monotonicMs: deps.monotonicMs,
            sleep: deps.sleep,
            signal: deps.interrupt.first,
          },
        );
        // The interpreter is read after the rules, because a local cloud knows it only after a function has run on it.
        const interpreter = local ? await interpreterOf(lambdaRuntime, deps) : undefined;
        results.push({ ...result, ...sdkText(sdk, interpreter) });
      }
    } finally {
      await noteCalls(called, 'check', deps);
    }
    const broken = results.some(({ rules }) => rules.some(({ status }) => status === 'broken'));
    return {
      exitCode: broken ? EXIT.fellShort : EXIT.ok,
      data: { schema: 'shedbench/verify@1', runtimes: results },
    };
  } finally {
    session.close();
  }
}
