// Runs command lines of the installed program one after the other in this process: `node in-turn.mjs JSON` in the folder of
// the installation. After each command line, stdout and stderr get its exit code between two NUL characters.
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const program = resolve('node_modules/.bin/shedbench');
const { main } = createRequire(program)('../shedbench/dist/main.cjs');
for (const args of JSON.parse(process.argv[2])) {
  process.argv = [process.execPath, program, ...args];
  process.exitCode = undefined;
  await main();
  for (const fd of [1, 2]) writeSync(fd, `\0${process.exitCode ?? 0}\0`);
}
process.exitCode = 0;
