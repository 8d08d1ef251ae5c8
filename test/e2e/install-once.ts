import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder whose node_modules will hold the packed program, or whose file `failed` says that it never will. */
    readonly installedIn: string;
  }
}

/** The tests that start the packed program. */
const END_TO_END = fileURLToPath(new URL('.', import.meta.url));

/**
 * Packs what was built and installs it, once for all test files, while the first tests run. A run without end-to-end tests
 * has no use for it. Returns what waits for the end of the installation and removes the folder.
 */
export default function setup(project: TestProject): (() => Promise<void>) | undefined {
  if (!project.vitest.state.getPaths().some((path) => path.startsWith(END_TO_END))) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'shedbench-installed-'));
  const script = fileURLToPath(new URL('install.mjs', import.meta.url));
  const installer = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(installer, 'exit').then(([code]) => {
    if (code !== 0) writeFileSync(join(folder, 'failed'), `install.mjs ended with ${code}\n`);
  });
  project.provide('installedIn', folder);
  return async () => {
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
}
