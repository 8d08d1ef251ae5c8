import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

/** The target of a path in a manifest, or the reason why it is refused. */
export interface ContainedPath {
  readonly path: string;
  readonly problem?: string;
}

/**
 * Resolves `path` below `folder`, whose links are already resolved. Symbolic links of existing parts are followed: a
 * link that leads out of the folder is refused, as `..` is. A path that does not exist yet, such as a build's output,
 * is checked by its nearest existing ancestor.
 */
export function resolveInside(folder: string, path: string): ContainedPath {
  const absolute = resolve(folder, path);
  if (isAbsolute(path)) return { path: absolute, problem: 'it is absolute' };
  if (!isBelow(folder, absolute)) return { path: absolute, problem: 'it leads out of it' };
  let existing = absolute;
  let rest = '';
  for (;;) {
    let real: string;
    try {
      real = realpathSync(existing);
    } catch {
      const parent = dirname(existing);
      if (parent === existing) return { path: absolute };
      rest = join(relative(parent, existing), rest);
      existing = parent;
      continue;
    }
    if (!isBelow(folder, real)) return { path: absolute, problem: `a symbolic link leads to ${real}` };
    return { path: join(real, rest) };
  }
}

/** Whether `path` is `folder` or below it; both absolute and normalized. */
function isBelow(folder: string, path: string): boolean {
  if (path === folder) return true;
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
