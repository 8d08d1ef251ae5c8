// Packs the built program and installs it without the network. `node install.mjs FOLDER` makes FOLDER/node_modules. That
// folder appears when everything is in it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = process.argv[2];
const draft = join(folder, 'draft');
mkdirSync(draft);
writeFileSync(join(draft, 'package.json'), '{"private":true}\n');
const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const tarball = execFileSync(process.execPath, [pathOf('../../pack.mjs'), folder], {
  encoding: 'utf8',
  env: { ...process.env, NODE_OPTIONS: `--require ${JSON.stringify(pathOf('quick-pack.cjs'))}` },
  stdio: ['ignore', 'pipe', 'inherit'],
}).trim();
// The package has no dependencies, so an empty cache will do. The user's would grow by the tarball with every run.
const cache = join(folder, 'cache');
execFileSync(
  'npm',
  ['install', '--offline', '--cache', cache, '--no-audit', '--no-fund', '--silent', tarball],
  {
    cwd: draft,
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);
renameSync(join(draft, 'node_modules'), join(folder, 'node_modules'));
