import { findFunctions } from '../discovery/functions.ts';
import { deleteLogGroup, findLogGroups, logGroupTags } from '../discovery/log-groups.ts';
import { isOfProject } from '../discovery/ownership.ts';
import type { StackContext } from '../stacks/stack-context.ts';

/** Log groups that have the names of functions which do not exist. */
export async function findOrphanedLogGroups(
  context: StackContext,
  project: string,
  runtimes: readonly string[],
): Promise<readonly string[]> {
  const { second } = context.interrupt;
  const found = await Promise.all(
    runtimes.map(async (runtime) => {
      const groups = await findLogGroups(context, project, runtime, second);
      if (groups.length === 0) return [];
      const functions = await findFunctions(context, project, runtime, second);
      const inUse = new Set(functions.map(({ name }) => `/aws/lambda/${name}`));
      const judged = await Promise.all(
        groups.map(async (group) => {
          if (inUse.has(group.name)) return [];
          const tags = await logGroupTags(context, group, second);
          // Lambda creates groups without tags, so a group with other tags belongs to somebody else.
          return Object.keys(tags).length === 0 || isOfProject(tags, project) ? [group.name] : [];
        }),
      );
      return judged.flat();
    }),
  );
  return found.flat();
}

/** How often, and after which pause, log groups are searched again, because late lines create them. */
const MAX_SWEEPS = 4;
const SWEEP_AGAIN_AFTER_MS = 5_000;

/** Deletes log groups without a function until none comes back. Returns the names of the deleted ones. */
export async function sweepLogGroups(
  context: StackContext,
  project: string,
  runtimes: readonly string[],
): Promise<string[]> {
  const { second } = context.interrupt;
  const swept = new Set<string>();
  for (let round = 0; round < MAX_SWEEPS; round += 1) {
    const orphans = await findOrphanedLogGroups(context, project, runtimes);
    if (orphans.length === 0) break;
    for (const name of orphans) {
      await deleteLogGroup(context, name, second);
      swept.add(name);
      context.emit({
        type: 'note',
        message: `Deleted the log group ${name}, which no function has any more`,
      });
    }
    await context.sleep(SWEEP_AGAIN_AFTER_MS, second);
  }
  return [...swept];
}
