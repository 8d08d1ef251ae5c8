import { FUNCTION_DEFAULTS } from '../../model/defaults.ts';
import { ARCHITECTURES, type Architecture } from '../../model/target.ts';
import { type Machine, SYSTEMS } from './manifest.ts';

/** The place where the functions of a deployment will run. */
export interface RunsOn extends Machine {
  /** Whether sandboxes of the local cloud run them on this machine, with the interpreters that it has. */
  readonly here: boolean;
}

/** Lambda in a region. */
export function runsOnLambda(architecture: Architecture = FUNCTION_DEFAULTS.architecture): RunsOn {
  return { architecture, os: 'linux', here: false };
}

/**
 * This machine, as the local cloud's sandboxes use it. Undefined for an operating system or processor that they don't
 * support. `platform` and `arch` as in Node's `process`.
 */
export function runsOnThisMachine(platform: string, arch: string): RunsOn | undefined {
  const os = SYSTEMS.find((known) => known === platform);
  const architecture = ARCHITECTURES.find((known) => known === (arch === 'x64' ? 'x86_64' : arch));
  return os === undefined || architecture === undefined ? undefined : { architecture, os, here: true };
}
