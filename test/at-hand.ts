import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether the PATH has a program of this name. The program is not started: some take a second to tell their version. */
export function hasProgram(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const pythonModules = new Map<string, boolean>();

/**
 * Whether python3 would find a module of this name. The module is not imported: boto3 takes half a second. Python is asked
 * once by each process, which runs many test files.
 */
export function hasPythonModule(name: string): boolean {
  const known = pythonModules.get(name);
  if (known !== undefined) return known;
  const script = 'import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)';
  const isFound = spawnSync('python3', ['-c', script, name], { stdio: 'ignore' }).status === 0;
  pythonModules.set(name, isFound);
  return isFound;
}
