import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findGroupParents, isRefusal } from '../../src/local/sandboxes/control-group-search.ts';
import { type Finished, type Installed, installPacked, outliving } from './installed.ts';
import { knowMachine } from './known-machine.ts';

const SLOW_MS = 120_000;
/** How long the processes of a killed cloud, or of one without its records, may take to notice and to end. */
const GONE_WITHIN_MS = 10_000;
const DEPLOY = ['deploy', '--local', '--runtime', 'node'];
/** For tests that are not about the measurement: few rounds, and a cat that counts for a moment only. */
const QUICKLY = ['--rounds', '2', '-m', '1', '-n', '1'];

let installed: Installed;
beforeAll(async () => {
  installed = await installPacked();
  await knowMachine(installed.folder);
});
afterAll(() => installed.remove());

async function stopCloud(): Promise<void> {
  // A test that ended its cloud needs no further process.
  if (existsSync(stateFile())) await installed.run(['local', 'stop']);
}

const stateFile = (): string => join(installed.folder, '.shedbench', 'local.json');
const state = (): { pid: number; port: number } => JSON.parse(readFileSync(stateFile(), 'utf8'));

/** Makes a runtime whose answers always break the contract. Returns its folder. */
function rogueRuntime(before: string): string {
  const folder = join(installed.folder, 'rogue');
  mkdirSync(folder, { recursive: true });
  const part = { handler: 'index.handler', files: { 'index.mjs': 'index.mjs' } };
  writeFileSync(
    join(folder, 'shedbench.json'),
    JSON.stringify({
      label: 'rogue',
      lambdaRuntime: 'nodejs24.x',
      architectures: ['arm64', 'x86_64'],
      functions: { cat: part, sheep: part, dog: part, wolf: part },
    }),
  );
  writeFileSync(
    join(folder, 'index.mjs'),
    `${before}export const handler = async () => ({ statusCode: 418, body: 'the dog is ill' });\n`,
  );
  return folder;
}

/** Processes with exactly this command line, its words ended by NUL. Linux only. */
function pidsOf(commandLine: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8') === commandLine;
    } catch {
      // The process ended in the meantime.
      return false;
    }
  });
}

async function expectNothingRuns(): Promise<void> {
  expect(await outliving(installed.folder, GONE_WITHIN_MS)).toEqual([]);
}

describe('Ctrl-C at any moment of bench --local', () => {
  afterEach(stopCloud);

  /** A bench that is interrupted at a moment, given by what it writes. */
  async function interrupted(routes: string, moment: string): Promise<Finished> {
    const load = ['--route', routes, '-c', '150', '-p', '2', ...QUICKLY];
    const bench = installed.start(['bench', '--local', '--runtime', 'node', ...load, '--verbose']);
    await bench.stderrHas(moment);
    bench.signal('SIGINT');
    const done = await bench.finished;
    expect(done.stderr).not.toMatch(/^\s+at /m);
    expect(done.exitCode).toBe(130);
    expect(done.stderr).toContain('nothing is left deployed');
    await expectNothingRuns();
    expect(existsSync(stateFile())).toBe(false);
    return done;
  }

  test.each([
    ['while it deploys', 'sheepshed-node-api'],
    ['while it loads', 'node cat: '],
  ])(
    'Ctrl-C %s ends bench --local with 130, stops its local cloud and leaves no process',
    async (_, moment) => {
      await interrupted('cat', moment);
    },
    SLOW_MS,
  );

  test(
    'after Ctrl-C during the load of the wolf, the rows measured so far are read before the cloud stops, and report shows them without the cloud',
    async () => {
      const { stderr } = await interrupted('cat,wolf', 'node wolf: ');
      const id = /shedbench report --run (\S+)/.exec(stderr)?.[1] ?? '';
      const report = await installed.run(['report', '--run', id, '--json']);
      const [cat] = JSON.parse(report.stdout).runs;
      expect(cat).toMatchObject({ route: 'cat', server: { state: 'measured' } });
      expect(cat.server.completeness.found).toBeGreaterThan(0);
    },
    SLOW_MS,
  );
});

describe('a local cloud of two deploys at the same time', () => {
  let deploys: Finished[];
  beforeAll(async () => {
    deploys = await Promise.all([
      installed.run([...DEPLOY, '--no-probe']),
      installed.run([...DEPLOY, '--no-probe']),
    ]);
  }, SLOW_MS);
  afterAll(stopCloud);

  test('two deploys with --local at the same time both succeed, in one cloud', async () => {
    expect(deploys.map(({ exitCode, stderr }) => (exitCode === 0 ? 0 : stderr))).toEqual([0, 0]);
    expect((await installed.run(['status'])).exitCode).toBe(0);
  });

  test(
    'a load that Ctrl-C ends keeps its measurements, says that it was cut short, and leaves the cloud of deploy up',
    async () => {
      const load = installed.start([
        ...['load', '--route', 'cat', '-m', '1', '-n', '1', '-p', '1', '--duration', '60s', '--json'],
      ]);
      await load.stderrHas('load-progress');
      load.signal('SIGINT');
      const done = await load.finished;
      expect(done.exitCode).toBe(130);
      const [run] = JSON.parse(done.stdout).runs;
      expect(run.state).toBe('interrupted');
      const { calls, successes, unexpected, errors } = run.accounting;
      expect(successes + unexpected + errors).toBe(calls);
      expect((await installed.run(['local', 'status'])).stdout).toContain('is up');
    },
    SLOW_MS,
  );

  test(
    'when the local cloud is killed, its processes end, load says so, and the next deploy starts another cloud',
    async () => {
      const few = ['load', '--route', 'cat', '-m', '1', '-n', '1', '-c', '20', '-p', '1'];
      expect((await installed.run(few)).exitCode).toBe(0);
      process.kill(state().pid, 'SIGKILL');
      await expectNothingRuns();
      const load = await installed.run(['load', '--route', 'cat']);
      expect(load).toMatchObject({ exitCode: 3, stdout: '' });
      expect(load.stderr).toContain('shedbench deploy --local');
      expect((await installed.run([...DEPLOY, '--no-probe'])).exitCode).toBe(0);
      expect((await installed.run(few)).exitCode).toBe(0);
    },
    SLOW_MS,
  );
});

describe('deploy --local whose probe fails', () => {
  const marker = `9${process.pid}.25`;
  const strayed = `import { spawn } from 'node:child_process';\nspawn('setsid', ['sleep', '${marker}'], { stdio: 'ignore' });\n`;
  const sleepers = () => pidsOf(`sleep\0${marker}\0`);
  afterAll(stopCloud);

  test(
    'deploy --local whose probe fails leaves the cloud running, so that the command in its hint works',
    async () => {
      const handlers = rogueRuntime(strayed);
      const deploy = await installed.run(['deploy', '--local', '--handlers', handlers, '--runtime', 'rogue']);
      expect(deploy).toMatchObject({ exitCode: 3, stdout: '' });
      expect(deploy.stderr).toContain('The local cloud continues to run with what is deployed in it');
      expect(deploy.stderr).toContain('The API of rogue does not work');
      const logs = await installed.run(['local', 'logs', '--json']);
      expect(logs).toMatchObject({ exitCode: 0, stderr: '' });
      expect(JSON.parse(logs.stdout)).toMatchObject({ schema: 'shedbench/local-logs@1' });
      expect(JSON.parse(logs.stdout).lines[0]).toContain('is up at http://127.0.0.1:');
      expect((await installed.run(['status'])).stdout).toContain('sheepshed-rogue-api  CREATE_COMPLETE');
    },
    SLOW_MS,
  );

  test(
    'teardown stops the local cloud and with it a process that a function started in a session of its own',
    async () => {
      expect(sleepers().length).toBeGreaterThan(0);
      expect((await installed.run(['teardown'])).stdout).toContain('The local cloud is stopped.');
      const left = sleepers();
      for (const pid of left) process.kill(Number(pid), 'SIGKILL');
      expect(left).toEqual([]);
      await expectNothingRuns();
    },
    SLOW_MS,
  );
});

describe('deploy --local', () => {
  afterEach(stopCloud);

  test(
    'deploy --local --plan needs no running cloud, prints the plan once, and leaves no cloud behind',
    async () => {
      const plan = await installed.run(['deploy', '--local', '--plan', '--runtime', 'node']);
      expect(plan.exitCode).toBe(0);
      expect(plan.stderr.match(/Local cloud of this machine/g)).toHaveLength(1);
      expect(plan.stderr).toContain('sheepshed-node-api  create, 4 functions');
      expect(existsSync(stateFile())).toBe(false);
      await expectNothingRuns();
    },
    SLOW_MS,
  );

  test(
    'an interrupted deploy --local stops the cloud that it started and says so',
    async () => {
      const deploy = installed.start([...DEPLOY, '--verbose']);
      await deploy.stderrHas('Asking every route');
      deploy.signal('SIGINT');
      const done = await deploy.finished;
      expect(done).toMatchObject({ exitCode: 130, stdout: '' });
      expect(done.stderr).toContain('The local cloud that this deploy started is stopped: nothing is left');
      await expectNothingRuns();
      expect(readdirSync(join(installed.folder, '.shedbench', 'deployments'))).toEqual([]);
    },
    SLOW_MS,
  );
});

describe('local start', () => {
  let starts: Finished[];
  beforeAll(async () => {
    starts = await Promise.all([
      installed.run(['local', 'start']),
      installed.run(['local', 'start']),
      installed.run(['local', 'start']),
    ]);
  });
  afterAll(stopCloud);

  test('there is one local cloud, however many commands start it at once', () => {
    expect(starts.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(starts.filter(({ stdout }) => stdout.includes('The local cloud started'))).toHaveLength(1);
    expect(starts.filter(({ stdout }) => stdout.includes('was up already'))).toHaveLength(2);
  });

  test('the local cloud shows its secret only to its owner and listens only on 127.0.0.1', async () => {
    expect(statSync(stateFile()).mode & 0o777).toBe(0o600);
    const unsigned = await fetch(`http://127.0.0.1:${state().port}/`, { method: 'POST' });
    expect(unsigned.status).toBe(403);
  });

  test.skipIf(isRefusal(findGroupParents()))(
    'bench --local --as-lambda refuses a local cloud that already runs functions at full speed',
    async () => {
      const refused = await installed.run(['bench', '--local', '--as-lambda', '--runtime', 'node']);
      expect(refused.exitCode).toBe(2);
      expect(refused.stderr).toContain('runs functions at full speed');
      expect(refused.stderr).toContain('shedbench local stop');
    },
  );

  test('local start removes a stale state file', async () => {
    const text = readFileSync(stateFile(), 'utf8');
    expect((await installed.run(['local', 'stop'])).exitCode).toBe(0);
    writeFileSync(stateFile(), text, { mode: 0o600 });
    expect((await installed.run(['local', 'status'])).stdout).toContain('left its state file');
    const again = await installed.run(['local', 'start']);
    expect(again.exitCode).toBe(0);
    expect(again.stdout).toContain('The local cloud started');
  });

  test(
    'a local cloud whose folder of records was deleted ends by itself, because nobody can reach it any more',
    async () => {
      // Long enough for the cloud to have seen its state file.
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      rmSync(join(installed.folder, '.shedbench'), { recursive: true });
      await expectNothingRuns();
    },
    SLOW_MS,
  );

  test('local start on a port in use prints one clear line and exits 2', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const done = await installed.run(['local', 'start', '--port', String(port)]);
    await new Promise((resolve) => server.close(resolve));
    expect(done).toMatchObject({ exitCode: 2, stdout: '' });
    expect(done.stderr).toContain(String(port));
  });
});
