// NODE_OPTIONS loads this file into `npm pack`, so that npm does not compress the tarball. npm's own level takes 5 s of CPU
// time for the built functions. The files in the tarball are the same.
const zlib = require('node:zlib');

const { Gzip } = zlib;
zlib.Gzip = function GzipThatStores(options) {
  return new Gzip({ ...options, level: 0 });
};
