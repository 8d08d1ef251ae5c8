import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../../errors.ts';
import { resolveInside } from './contained-path.ts';

/** One regular file of a tree. */
export interface TreeFile {
  /** Relative to the tree's root, with forward slashes. For a tree that is a single file, the name of that file. */
  readonly name: string;
  /** Absolute, symbolic links resolved. */
  readonly path: string;
  /** True if the tree is this single file. */
  readonly isTreeRoot: boolean;
}

/** Files that interpreters and tools leave beside sources; they are never part of a function. */
const LEFTOVERS = new Set([
  '__pycache__',
  '.pytest_cache',
  '.ruff_cache',
  '.mypy_cache',
  '.DS_Store',
  '.git',
]);

/**
 * Lists the regular files at `path` (a file or a folder) below `folder`. They are sorted by name in code-unit order, so
 * that the list is the same on every machine and file system. Undefined if nothing exists there. Symbolic links are
 * followed if they stay inside `folder`.
 *
 * @throws ShedbenchError `path-outside` (exit 2) for a link that leads out of `folder`
 */
export function listTree(folder: string, path: string): readonly TreeFile[] | undefined {
  const root = inside(folder, path);
  const stat = statSync(root, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (stat.isFile()) return [{ name: path.split('/').at(-1) ?? path, path: root, isTreeRoot: true }];
  const files: TreeFile[] = [];
  const walk = (relative: string, above: readonly string[]): void => {
    const real = realpathSync(join(root, relative));
    if (above.includes(real)) throw outside(join(path, relative), 'it is a link to a folder above itself');
    for (const entry of readdirSync(real)) {
      if (LEFTOVERS.has(entry)) continue;
      const name = relative === '' ? entry : `${relative}/${entry}`;
      const target = inside(folder, join(path, name));
      const found = statSync(target);
      if (found.isDirectory()) walk(name, [...above, real]);
      else if (found.isFile()) files.push({ name, path: target, isTreeRoot: false });
      else throw outside(join(path, name), 'it is neither a file nor a folder');
    }
  };
  walk('', []);
  return files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function inside(folder: string, path: string): string {
  const resolved = resolveInside(folder, path);
  if (resolved.problem !== undefined) throw outside(path, resolved.problem);
  return resolved.path;
}

function outside(path: string, problem: string): Error {
  return usageError('path-outside', `${path} can't be part of a function: ${problem}.`);
}
