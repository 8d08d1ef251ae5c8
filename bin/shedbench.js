#!/usr/bin/env node
try {
  await import('../dist/main.js');
} catch (error) {
  if (error.code !== 'EMFILE' && error.code !== 'ENFILE') throw error;
  // The modules of the program can't be opened, so neither can its messages.
  const message = `${error.path} could not be opened: this machine allows no more open files (${error.code}).`;
  process.stderr.write(`shedbench: ${message}\n  ulimit -n 65536\n`);
  process.exitCode = 2;
}
