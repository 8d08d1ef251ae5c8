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

/**
 * Begins to pack what was built and to install it, once for all test files, while the first tests run. Returns what waits
 * for its end and removes the folder.
 */
export default function setup(project: TestProject): () => Promise<void> {
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
