import type { LoadOptions } from '../../load/load-options.ts';
import { keepYoungGenerationSmall } from '../../load/young-generation.ts';
import type { CommandDeps, CommandResult } from '../../model/command.ts';
import type { LoadCommandResult } from '../load.ts';

/**
 * The command `load` with as little memory as possible: its own modules are read after the size of V8's young generation
 * was fixed, because reading them would make it grow. Node's modules are read before, because V8 accepts their compiled code
 * only with its default flags.
 *
 * @throws ShedbenchError as `load` does
 */
export async function startLoad(
  options: LoadOptions,
  deps: CommandDeps,
): Promise<CommandResult<LoadCommandResult>> {
  await readModulesOfNode();
  keepYoungGenerationSmall();
  const { load } = await import('../load.ts');
  return load(options, deps);
}

/**
 * Reads the modules of Node that every load uses. Node contains their compiled code, which V8 accepts only before
 * `keepYoungGenerationSmall` changes its flags.
 */
async function readModulesOfNode(): Promise<void> {
  await Promise.all([
    import('node:crypto'),
    import('node:fs/promises'),
    import('node:net'),
    import('node:os'),
    import('node:perf_hooks'),
  ]);
}
