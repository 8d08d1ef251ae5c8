import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The path of a program that the build puts into `dist/`, such as `local-database.js`: beside this one in the
 * package, in `dist/` for a test that runs from the sources.
 * @throws Error when the build has not been run
 */
export function bundledScript(name: string): string {
  const candidates = [`./${name}`, `../../dist/${name}`];
  for (const candidate of candidates) {
    const path = fileURLToPath(new URL(candidate, import.meta.url));
    if (existsSync(path)) return path;
  }
  throw new Error(`dist/${name} is missing: node build.mjs`);
}
