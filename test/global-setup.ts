import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isBuilt } from '../build-stamp.mjs';

/** Set once the program was looked at. Vitest runs this setup for several projects, each in a module graph of its own. */
const BUILT = Symbol.for('shedbench tests: the program is built');

/**
 * Bundles the program before any test runs, unless it was built from the present sources: the local cloud starts its
 * helper processes (the database, the sandboxes) from `dist/`, in tests as in the published package.
 */
export default async function setup(): Promise<void> {
  // Node reads these certificates at every start: 0.07 s of CPU where the file has all authorities of a system. Tests
  // start hundreds of processes, and none of them leaves this machine.
  delete process.env.NODE_EXTRA_CA_CERTS;
  if (Reflect.has(globalThis, BUILT)) return;
  Reflect.set(globalThis, BUILT, true);
  if (await isBuilt()) return;
  execFileSync(process.execPath, ['build.mjs'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
