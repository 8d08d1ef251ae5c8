import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findGroupParents, isRefusal } from '../../src/local/sandboxes/control-group-search.ts';
import { type Installed, installPacked, processesOf } from './installed.ts';
import { knowMachine } from './known-machine.ts';

const LIMIT_MS = 120_000;
const PROGRAM = fileURLToPath(new URL('../../bin/shedbench.js', import.meta.url));
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'x86_64';
const RUST = fileURLToPath(new URL(`../../handlers/rust/prebuilt/linux-${ARCHITECTURE}`, import.meta.url));
const parents = findGroupParents();
const isPossible = !isRefusal(parents);

describe.runIf(isPossible)('bench --local --as-lambda', () => {
  let installed: Installed;
  beforeAll(async () => {
    installed = await installPacked();
  });
  afterEach(async () => {
    const isUp = existsSync(join(installed.folder, '.shedbench', 'local.json'));
    if (isUp) await installed.run(['local', 'stop']);
  });
  afterAll(() => installed.remove());

  test(
    'bench --local --as-lambda reaches DynamoDB over TLS from every function and language, reports the enforced limits first, and leaves no control group',
    async () => {
      const runtimes = existsSync(RUST) ? 'node,python,rust' : 'node,python';
      // At the default of 128 MB the cold starts of the functions alone would take most of the test's time.
      const at = ['--local', '--as-lambda', '--dynamodb-latency', '5', '--memory', '512'];
      const load = ['--routes', 'sheep,dog,wolf', '-c', '4', '-p', '1', '--rounds', '2'];
      const done = await installed.run(['bench', ...at, '--runtime', runtimes, ...load, '--teardown']);
      expect(done.stderr).not.toContain('shedbench:');
      expect(done.exitCode).toBe(0);
      expect(done.stdout).toContain('━━ LOCAL CLOUD AS LAMBDA, NOT AWS ━━');
      expect(done.stdout).toMatch(/As Lambda, enforced by control groups \(version [12]\), period 20 ms/);
      const text = done.stdout.replaceAll('\n', ' ');
      expect(text).toContain('512 MB 5.789 ms (28.9 % of a core), verified');
      expect(text).toContain('DynamoDB was reached over TLS, latency 5 ms.');
      expect(processesOf(installed.folder)).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'bench --resume continues a bench over two memory sizes that was interrupted in the second one, and reports both',
    async () => {
      // The database's latency makes a load long enough to interrupt, and a wait takes no CPU time.
      const grid = [
        ...['bench', '--local', '--as-lambda', '--dynamodb-latency', '20'],
        ...['--runtime', 'node', '--memory', '1769,886'],
      ];
      const load = ['--routes', 'dog', '-c', '40', '-p', '1', '--rounds', '2', '--json'];
      await knowMachine(installed.folder);
      const cut = installed.start([...grid, ...load]);
      await cut.stderrHas('Setting 1 of 2: ');
      await cut.stderrHas(/Setting 2 of 2: [\s\S]*"load-progress"[\s\S]*"phase":"measure"/);
      cut.signal('SIGINT');
      const { exitCode, stderr } = await cut.finished;
      expect(exitCode).toBe(130);
      expect(stderr).toContain('shedbench bench --resume');

      // The cloud that the first one started is gone, with its logs: the rows of the first size were kept.
      const done = await installed.run(['bench', '--resume', '--json']);
      expect(done.exitCode).toBe(0);
      expect(done.stderr).toContain('Setting 2 of 2: ');
      expect(done.stderr).not.toContain('Setting 1 of 2: ');
      const { runs, sweep } = JSON.parse(done.stdout);
      expect(runs.map((run: { memorySizeMB: number }) => run.memorySizeMB)).toEqual([886, 1769]);
      expect(new Set(runs.map((run: { benchId: string }) => run.benchId)).size).toBe(1);
      for (const { client, server } of runs) {
        expect(client).toMatchObject({ calls: 40, unexpected: 0, errors: 0 });
        expect(server).toMatchObject({ state: 'measured', completeness: { verdict: 'complete' } });
      }
      expect(sweep.curves[0].points.map((point: { memorySizeMB: number }) => point.memorySizeMB)).toEqual([
        886, 1769,
      ]);

      const again = await installed.run(['bench', '--resume']);
      expect(again.exitCode).toBe(2);
      expect(again.stderr).toContain('shedbench bench --memory 128,512,1024');
    },
    LIMIT_MS,
  );
});

const isRoot = process.getuid?.() === 0;

describe.runIf(isPossible && isRoot)('a system that can not limit CPU time', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'shedbench-refusal-test-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('a system whose control groups are read-only is refused with exit 2, the reason and the command to type', () => {
    const mounts = isPossible ? parents.map(({ folder: group }) => group) : [];
    const script = `mount -o remount,bind,ro ${mounts[0]} && exec "$@"`;
    const program = [process.execPath, PROGRAM, 'local', 'start', '--as-lambda'];
    const done = spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', ...program], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(done.stderr).toContain(
      "Functions can't run at Lambda's speed on this machine: the control groups are mounted read-only",
    );
    expect(done.stderr).toMatch(/sudo mount -o remount,rw|docker run --privileged/);
    expect(done.status).toBe(2);
    expect(existsSync(join(folder, '.shedbench/local.json'))).toBe(false);
  });
});
