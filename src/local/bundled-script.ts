import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Returns the path of a program that the build puts into `dist/`, such as `local-database.cjs`. In the package it lies
 * beside this file; a test that runs from the sources finds it in `dist/`.
 * @throws Error if the build has not been run
 */
export function bundledScript(name: string): string {
  const candidates = [`./${name}`, `../../dist/${name}`];
  for (const candidate of candidates) {
    const path = fileURLToPath(new URL(candidate, import.meta.url));
    if (existsSync(path)) return path;
  }
  throw new Error(`dist/${name} is missing: node build.mjs`);
}
