// NODE_OPTIONS loads this file into pack.mjs and into the `npm pack` that it starts. Both then take seconds less of CPU time:
// npm does not compress the tarball, and the built functions in Go, 31 MB that no end-to-end test runs, are left out of it.
const fs = require('node:fs/promises');
const { syncBuiltinESMExports } = require('node:module');
const { join } = require('node:path');
const zlib = require('node:zlib');

const { Gzip } = zlib;
zlib.Gzip = function GzipThatStores(options) {
  return new Gzip({ ...options, level: 0 });
};

const LEFT_OUT = join('handlers', 'go', 'prebuilt');
const { cp } = fs;
fs.cp = (from, to, options) =>
  cp(from, to, {
    ...options,
    filter: (path) => !path.endsWith(LEFT_OUT) && (options?.filter?.(path) ?? true),
  });
syncBuiltinESMExports();
