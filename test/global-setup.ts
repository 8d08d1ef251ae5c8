import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Set once the program is built. Vitest runs this setup for several projects, each in a module graph of its own. */
const BUILT = Symbol.for('shedbench tests: the program is built');

/**
 * Bundles the program before any test runs: the local cloud starts its helper processes (the database, the
 * sandboxes) from `dist/`, in tests as in the published package.
 */
export default function setup(): void {
  if (Reflect.has(globalThis, BUILT)) return;
  execFileSync(process.execPath, ['build.mjs'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  Reflect.set(globalThis, BUILT, true);
}
