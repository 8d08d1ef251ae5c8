import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A line by which cargo says that it builds one more package. */
const CARGO_STEP = /^\s*Compiling (\S+)/;

/**
 * Turns the lines of a build tool into what a person follows: for cargo how many packages of its lock file are built,
 * for other tools the line itself.
 *
 * @param workingFolder where the tool runs
 */
export function createBuildProgress(workingFolder: string): (line: string) => string {
  const total = lockedPackages(workingFolder);
  let done = 0;
  return (line) => {
    const name = CARGO_STEP.exec(line)?.[1];
    if (name === undefined || total === undefined) return line;
    done += 1;
    // The lock file also names packages of other platforms, which are never built.
    return `package ${done} of at most ${Math.max(total, done)}: ${name}`;
  };
}

/** How many packages `Cargo.lock` names. Undefined if there is none. */
function lockedPackages(folder: string): number | undefined {
  const file = join(folder, 'Cargo.lock');
  if (!existsSync(file)) return undefined;
  return readFileSync(file, 'utf8').match(/^\[\[package\]\]/gm)?.length;
}
