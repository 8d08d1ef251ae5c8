import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of the package that this code runs from, bundled in `dist/` or as source. It contains `templates/` and
 * `handlers/`.
 * @throws Error if no folder above has shedbench's package.json, which means that the installation is broken
 */
export function packageRoot(from: string = import.meta.url): string {
  let folder = dirname(fileURLToPath(from));
  for (;;) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && isOurs(file)) return folder;
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no package.json of shedbench above ${fileURLToPath(from)}`);
    folder = parent;
  }
}

function isOurs(file: string): boolean {
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return typeof content === 'object' && content !== null && 'name' in content && content.name === 'shedbench';
}
