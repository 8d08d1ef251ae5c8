// Runs command lines of the installed program one after the other in this process: `node in-turn.mjs JSON` in the folder of
// the installation. After each command line, stdout and stderr get its exit code between two NUL characters.
import { writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const program = resolve('node_modules/.bin/shedbench');
const main = pathToFileURL(resolve('node_modules/shedbench/dist/main.js')).href;
for (const [index, args] of JSON.parse(process.argv[2]).entries()) {
  process.argv = [process.execPath, program, ...args];
  process.exitCode = undefined;
  // Node evaluates the module again for each query. What the module imports stays loaded.
  await import(`${main}?${index}`);
  for (const fd of [1, 2]) writeSync(fd, `\0${process.exitCode ?? 0}\0`);
}
process.exitCode = 0;
