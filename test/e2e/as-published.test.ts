import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findGroupParents, isRefusal } from '../../src/local/sandboxes/control-group-search.ts';
import { type Installed, installPacked } from './installed.ts';

const LIMIT_MS = 180_000;
const EXAMPLES = fileURLToPath(new URL('../../examples/as-published', import.meta.url));
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'x86_64';
const BUILT = join(EXAMPLES, 'rust/dist', `linux-${ARCHITECTURE}`);
const isBuilt = process.platform === 'linux' && existsSync(BUILT);
const canLimit = !isRefusal(findGroupParents());

/** The speeds that this machine can run functions at. */
const SPEEDS: readonly (readonly [name: string, flags: readonly string[]])[] = [
  ['at full speed', []],
  ...(canLimit ? ([['as on Lambda', ['--as-lambda']]] as const) : []),
];

const NAME = isBuilt
  ? 'the functions as published'
  : `the functions as published, skipped: not built (cd examples/as-published/rust && sh build.sh linux ${ARCHITECTURE})`;

describe.runIf(isBuilt)(NAME, () => {
  let installed: Installed;
  beforeAll(async () => {
    installed = await installPacked();
    for (const language of ['rust', 'python']) copyWithoutBuild(language, join(installed.folder, language));
  });
  afterEach(async () => {
    await installed.run(['local', 'stop']);
  });
  afterAll(() => installed.remove());

  /** A runtime whose functions are there: nothing has to be built, and nothing is built. */
  function copyWithoutBuild(language: string, folder: string): void {
    mkdirSync(folder);
    const from = join(EXAMPLES, language);
    cpSync(
      join(from, language === 'rust' ? 'dist' : 'src'),
      join(folder, language === 'rust' ? 'dist' : 'src'),
      {
        recursive: true,
      },
    );
    const { build: _, ...manifest } = JSON.parse(readFileSync(join(from, 'shedbench.json'), 'utf8'));
    writeFileSync(join(folder, 'shedbench.json'), JSON.stringify(manifest));
  }

  test.each(SPEEDS)(
    'the functions as published answer every route of the contract %s',
    async (_, flags) => {
      const handlers = [
        '--handlers',
        'rust',
        '--handlers',
        'python',
        '--runtime',
        'rust-published,python-published',
      ];
      const load = ['-m', '2', '-n', '3', '-c', '4', '-p', '1', '--rounds', '1', '--warmup', '1'];
      const done = await installed.run([
        'bench',
        '--local',
        ...flags,
        ...handlers,
        '--memory',
        '1024',
        ...load,
        '--teardown',
        '--json',
      ]);
      expect(done.stderr).not.toContain('shedbench:');
      expect(done.exitCode).toBe(0);
      const report = JSON.parse(done.stdout);
      expect(report.runs).toHaveLength(8);
      for (const { client, enforcedCpu } of report.runs) {
        expect(client).toMatchObject({ calls: 4, successes: 4, unexpected: 0, errors: 0 });
        expect(enforcedCpu === undefined).toBe(flags.length === 0);
      }
    },
    LIMIT_MS,
  );
});
