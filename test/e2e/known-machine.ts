import { calibrationOf } from '../../src/targets/calibrate-core.ts';

/**
 * Lets the program find the speed of this machine in a folder, as if an earlier command had measured it. Measuring takes
 * more than a second of processor time. Only for benches of Node functions whose forecast is not checked.
 */
export async function knowMachine(folder: string): Promise<void> {
  const never = new AbortController().signal;
  const deps = { cwd: folder, emit: () => {}, interrupt: { first: never, second: never } };
  await calibrationOf([], deps, async () => [
    { language: 'node', hashNs: 1_000, version: process.versions.node },
  ]);
}
