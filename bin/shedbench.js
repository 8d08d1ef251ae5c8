#!/usr/bin/env node
try {
  require('../dist/main.cjs').main().catch(fail);
} catch (error) {
  fail(error);
}

/** Reports that the modules of the program can't be opened: its own messages can't be read then. */
function fail(error) {
  if (error.code !== 'EMFILE' && error.code !== 'ENFILE') throw error;
  const message = `${error.path} could not be opened: this machine allows no more open files (${error.code}).`;
  process.stderr.write(`shedbench: ${message}\n  ulimit -n 65536\n`);
  process.exitCode = 2;
}
