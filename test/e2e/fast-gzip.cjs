// Preloaded into `npm pack` by NODE_OPTIONS: compresses with the fastest level. npm takes the slowest one, which needs
// 5 s of CPU time for the built functions. The files in the tarball are the same.
const zlib = require('node:zlib');

const { Gzip } = zlib;
zlib.Gzip = function FastGzip(options) {
  return new Gzip({ ...options, level: 1 });
};
