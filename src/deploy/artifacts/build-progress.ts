import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A line of cargo's output that reports the start of a package's compilation. */
const CARGO_STEP = /^\s*Compiling (\S+)/;

/**
 * Returns a function that turns each line of a build tool into the progress to show. For cargo this is the number of
 * packages so far and the number in `Cargo.lock`. For any other tool it is the line itself.
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

/** The number of packages in `Cargo.lock`. Undefined if there is no such file. */
function lockedPackages(folder: string): number | undefined {
  const file = join(folder, 'Cargo.lock');
  if (!existsSync(file)) return undefined;
  return readFileSync(file, 'utf8').match(/^\[\[package\]\]/gm)?.length;
}
