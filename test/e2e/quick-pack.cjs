// NODE_OPTIONS loads this file into pack.mjs and into the `npm pack` that it starts. Both then take seconds less of CPU time:
// npm does not compress the tarball, and the files of the built functions in Go, 31 MB that no end-to-end test runs, are empty
// in it. The tarball has the same list of files as the published one.
const fs = require('node:fs/promises');
const { syncBuiltinESMExports } = require('node:module');
const { dirname, join } = require('node:path');
const zlib = require('node:zlib');

const { Gzip } = zlib;
zlib.Gzip = function GzipThatStores(options) {
  return new Gzip({ ...options, level: 0 });
};

const EMPTY = join('handlers', 'go', 'prebuilt', '/');
const { cp, mkdir, stat, writeFile } = fs;
fs.cp = (from, to, options) =>
  cp(from, to, {
    ...options,
    filter: async (path, copy) => {
      if (options?.filter?.(path) === false) return false;
      if (!path.includes(EMPTY) || (await stat(path)).isDirectory()) return true;
      await mkdir(dirname(copy), { recursive: true });
      await writeFile(copy, '');
      return false;
    },
  });
syncBuiltinESMExports();
