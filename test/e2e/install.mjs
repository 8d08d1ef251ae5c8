// Packs what was built and installs it without the network: `node install.mjs FOLDER` leaves it in FOLDER/node_modules,
// which appears once everything is in it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = process.argv[2];
const draft = join(folder, 'draft');
mkdirSync(draft);
writeFileSync(join(draft, 'package.json'), '{"private":true}\n');
const pack = fileURLToPath(new URL('../../pack.mjs', import.meta.url));
const tarball = execFileSync(process.execPath, [pack, folder], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
}).trim();
execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', '--silent', tarball], {
  cwd: draft,
  stdio: ['ignore', 'ignore', 'inherit'],
});
renameSync(join(draft, 'node_modules'), join(folder, 'node_modules'));
