import { toolchainError, usageError } from '../../errors.ts';
import { didYouMean } from '../../model/closest.ts';
import type { RuntimeManifest } from './manifest.ts';
import type { RunTool } from './run-tool.ts';
import type { RunsOn } from './runs-on.ts';
import type { AbsentRuntime, PlannedRuntime } from './runtime-plan.ts';
import { findAbsence } from './toolchain.ts';

/** The runtimes of a deployment, and those that it leaves out. */
export interface RuntimePlan {
  /** In the order in which the runtimes were asked for, otherwise in the order of `runtimes`. */
  readonly usable: readonly PlannedRuntime[];
  readonly absent: readonly AbsentRuntime[];
}

export interface PlanRuntimesInput {
  readonly runtimes: ReadonlyMap<string, RuntimeManifest>;
  /** Labels that were asked for. Undefined: all that are available. */
  readonly asked: readonly string[] | undefined;
  readonly runsOn: RunsOn;
  readonly runTool: RunTool;
}

/**
 * Decides which runtimes take part. A runtime that is not available on this machine is left out of a default plan, with
 * a message of one line. If it was asked for, it is an error.
 *
 * @throws ShedbenchError `unknown-runtime` (exit 2); `runtime-unavailable` (exit 4) for a runtime that was asked for,
 * or if none is left.
 */
export async function planRuntimes(input: PlanRuntimesInput): Promise<RuntimePlan> {
  const known = [...input.runtimes.keys()];
  const labels = [...new Set(input.asked ?? known)];
  const manifests = labels.map((label) => {
    const manifest = input.runtimes.get(label);
    if (manifest !== undefined) return manifest;
    throw usageError(
      'unknown-runtime',
      `There is no runtime "${label}"; known are ${known.join(', ')}.${didYouMean(label, known)}`,
      'A folder with a manifest adds one: shedbench deploy --handlers DIR',
    );
  });
  const found = await Promise.all(
    manifests.map(async (manifest) => ({
      manifest,
      ...(await findAbsence(manifest, input.runsOn, input.runTool)),
    })),
  );
  const usable: PlannedRuntime[] = [];
  const absent: AbsentRuntime[] = [];
  for (const { manifest, source, absence } of found) {
    if (absence === undefined) usable.push({ manifest, source });
    else absent.push({ label: manifest.label, ...absence });
  }
  const first = absent[0];
  if (first !== undefined && (input.asked !== undefined || usable.length === 0)) {
    throw toolchainError('runtime-unavailable', first.refusal, first.hint);
  }
  return { usable, absent };
}
