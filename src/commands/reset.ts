import { createShedTables } from '../contract/shed-tables.ts';
import { EXIT } from '../errors.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import type { DeployedRuntime } from '../model/deployment.ts';
import type { Selector } from '../model/selector.ts';
import { withStep } from '../model/with-step.ts';
import { openDeployment, pickRuntimes, type Session } from '../session/session.ts';

export interface ResetOptions extends Selector {
  readonly runtimes?: readonly string[];
}

/** How many sheep were deleted from a runtime's shed. */
export interface EmptiedTable {
  readonly runtime: string;
  readonly tableName: string;
  readonly sheep: number;
}

export interface ResetResult {
  readonly schema: 'shedbench/reset@1';
  readonly tables: readonly EmptiedTable[];
}

/** Empties the tables of the runtimes, all of them by default. @throws ShedbenchError exit 2 or 3 */
export async function reset(options: ResetOptions, deps: CommandDeps): Promise<CommandResult<ResetResult>> {
  const session = await openDeployment(options, deps);
  try {
    const runtimes = pickRuntimes(session.deployment, options.runtimes);
    const tables = await emptyTables(runtimes, session, deps);
    return { exitCode: EXIT.ok, data: { schema: 'shedbench/reset@1', tables } };
  } finally {
    session.close();
  }
}

/** Empties the tables on an open session. */
export async function emptyTables(
  runtimes: readonly DeployedRuntime[],
  session: Session,
  deps: CommandDeps,
): Promise<EmptiedTable[]> {
  const tables = createShedTables(session.clients, deps);
  return await withStep(
    { id: 'reset', title: 'Emptying the sheds' },
    deps.emit,
    () =>
      Promise.all(
        runtimes.map(async ({ runtime, tableName }) => ({
          runtime,
          tableName,
          sheep: await tables.clear(tableName),
        })),
      ),
    (emptied) => ({
      outcome: 'done',
      detail: `${emptied.reduce((sum, { sheep }) => sum + sheep, 0)} sheep`,
    }),
  );
}
