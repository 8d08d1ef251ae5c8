import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Installed, installPacked, processesOf } from './installed.ts';
import { knowMachine } from './known-machine.ts';

/** A cold machine deploys, loads and tears down within this. */
const WHOLE_BENCH_MS = 120_000;

interface ReportedOrder {
  readonly runtime: string;
  readonly rounds: readonly { readonly turn: number }[];
}

interface ReportedRatio {
  readonly runtime: string;
  readonly baseline: string;
}

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

function memoryOf({ runs }: { readonly runs: readonly { readonly memorySizeMB: number }[] }): number[] {
  return runs.map(({ memorySizeMB }) => memorySizeMB);
}

/** The processes that this folder's program started and that still run. */
function leftOver() {
  return processesOf(installed.folder);
}

describe('the whole bench from the installed package in an empty folder', () => {
  afterEach(stopCloud);

  test(
    'one command deploys, loads, reports and tears down, with every call and every row accounted for',
    async () => {
      const done = await installed.run([
        ...['bench', '--local', '--runtime', 'node', '-m', '1', '-n', '1'],
        ...['-c', '20', '-p', '2', '--teardown', '--json'],
      ]);
      expect(done.stderr).not.toContain('warning');
      expect(done.exitCode).toBe(0);
      const events = done.stderr.split('\n').map((line) => line.slice(0, 40));
      const at = (type: string): number => events.findIndex((line) => line.includes(`"type":"${type}"`));
      // The estimate comes first, then the loads, then the receipt of the teardown. --teardown asks no question, so
      // there is no plan of the teardown.
      expect(at('work-estimate')).toBeGreaterThan(-1);
      expect(at('load-start')).toBeGreaterThan(at('work-estimate'));
      expect(at('teardown-plan')).toBe(-1);
      expect(at('receipt')).toBeGreaterThan(at('load-start'));
      const report = JSON.parse(done.stdout);
      expect(report.schema).toBe('shedbench/report@3');
      // A machine that other tests keep busy is told of, and is no fault of the bench.
      const codes = report.problems.map(({ code }: { code: string }) => code);
      expect(codes.filter((code: string) => code !== 'machine-moved')).toEqual([]);
      expect(report.runs.map((run: { label: string }) => run.label)).toEqual([
        'node-get-cat-ackermann',
        'node-post-sheep-random',
        'node-get-dog-count',
        'node-delete-wolf-ocd',
      ]);
      for (const { client, server, rounds, memorySizeMB } of report.runs) {
        expect(memorySizeMB).toBe(128);
        expect(rounds.map(({ index }: { index: number }) => index)).toEqual(
          Array.from({ length: 13 }, (_, index) => index),
        );
        expect(client).toMatchObject({ calls: 20, successes: 20, unexpected: 0, errors: 0 });
        // A warm-up of 3 % of the calls is part of the window.
        expect(server.completeness).toMatchObject({ found: 21, verdict: 'complete' });
        expect(server.crossCheck).toEqual({ state: 'agrees' });
        // If only calls of the warm-up were cold starts, there is no group of them.
        expect(server.warm.count + (server.cold?.count ?? 0) + server.warmupRows).toBe(21);
      }
      expect(leftOver()).toEqual([]);
      expect(existsSync(stateFile())).toBe(false);
      expect(readdirSync(join(installed.folder, '.shedbench', 'runs'))).toHaveLength(4);
    },
    WHOLE_BENCH_MS,
  );

  test(
    'the four commands work as the README spells them, and each finds the results of the one before',
    async () => {
      const deployed = await installed.run(['deploy', '--local', '--runtime', 'node']);
      expect(deployed.exitCode).toBe(0);
      expect(deployed.stdout).toContain('_aws/execute-api/');

      const sheep = await installed.run(['load', '--route', 'sheep', '-p', '4', '-c', '40']);
      expect(sheep.exitCode).toBe(0);
      expect(sheep.stderr).toContain('local cloud');
      expect(sheep.stdout).toContain('40 as expected, 0 unexpected, 0 without an answer');
      expect(sheep.stdout).toContain('0 before, 40 after');

      const fleet = ['--from', 'lambda=2', '-s', '1001', '-p', '4', '-c', '24'];
      const fromRegion = await installed.run(['load', '--route', 'sheep', ...fleet]);
      expect(fromRegion.exitCode).toBe(0);
      expect(fromRegion.stdout).toContain('24 as expected, 0 unexpected, 0 without an answer');
      expect(fromRegion.stdout).toContain('40 before, 64 after');
      expect(fromRegion.stdout).toMatch(/loaders {4}2 in us-east-1/);
      // Latencies of a second and more make the line longer than its column, and it is wrapped.
      expect(fromRegion.stdout).toMatch(/from here {2}min [^(]*\(\S+-sheep-node\)/);

      // The same tattoos again: every one is a duplicate, so every call fell short.
      const again = await installed.run(['load', '--route', 'sheep', '-p', '4', '-c', '40']);
      expect(again.exitCode).toBe(1);
      expect(again.stdout).toContain('0 as expected, 40 unexpected, 0 without an answer');
      expect(again.stdout).toContain('Sheep already in the shed');

      const wolf = await installed.run(['load', '--route', 'wolf', '-p', '8', '-c', '40']);
      expect(wolf.exitCode).toBe(0);

      // What shedbench itself calls between a load and its report is none of the load's.
      const status = await installed.run(['status']);
      expect(status.exitCode).toBe(0);
      expect(status.stdout).toContain('sheepshed-node-api');
      expect(status.stdout).toContain('answers 200');

      const reset = await installed.run(['reset']);
      expect(reset.exitCode).toBe(0);

      const verified = await installed.run(['verify']);
      expect(verified.stdout).toMatch(/rules hold, 0 broken/);
      expect(verified.exitCode).toBe(0);

      // The later of the two loads of the sheep got nothing but duplicates: the report says so by its exit code.
      const report = await installed.run(['report']);
      expect(report.exitCode).toBe(1);
      expect(report.stdout).toContain('unexpected');
      expect(report.stdout).toContain('node');
      expect(report.stdout).toMatch(/80 of 80 REPORT rows/);
      expect(report.stdout).toMatch(/local/i);
      expect(report.stdout).not.toContain('foreign');

      const torn = await installed.run(['teardown']);
      expect(torn.exitCode).toBe(0);
      // Of the three runs of the sheep the report was of the latest.
      expect(torn.stderr).toMatch(/2 runs were never reported/);
      expect(torn.stdout).toContain('Everything is gone');
      expect(torn.stdout).toContain('The local cloud is stopped.');
      expect(leftOver()).toEqual([]);

      const after = await installed.run(['load', '--route', 'cat', '--local']);
      expect(after.exitCode).toBe(3);

      // The log groups went with the cloud; what the report read of them did not.
      const kept = await installed.run(['report']);
      expect(kept.exitCode).toBe(1);
      expect(kept.stderr).toContain('earlier reports kept their rows');
      expect(kept.stdout).toContain('LOCAL CLOUD, NOT AWS');
      expect(kept.stdout).toContain('80 of 80 REPORT rows');
    },
    WHOLE_BENCH_MS,
  );
});

describe('benches on a local cloud that is up', () => {
  beforeAll(async () => {
    const deployed = await installed.run(['deploy', '--local', '--runtime', 'node', '--no-probe']);
    expect(deployed.exitCode).toBe(0);
  }, WHOLE_BENCH_MS);
  afterAll(stopCloud);

  test(
    'two builds of one runtime are deployed side by side and compared round by round; bench updates an existing deployment to the settings of its options, and leaves the others',
    async () => {
      const bench = ['bench', '--local', '--route', 'cat', '-m', '1', '-n', '1', '-p', '1', '--json'];
      const done = await installed.run([
        ...[...bench, '--memory', '256', '-c', '24'],
        ...['--rounds', '4', '--runtime', 'node', '--against', 'node_modules/shedbench/handlers/node'],
        ...['--fail-if', 'p50>0.001ms', '--fail-if', 'p50>+900%'],
      ]);
      // No call takes a microsecond only. Four rounds are too few to tell a change.
      expect(done.exitCode).toBe(1);
      expect(done.stderr).toMatch(/p50>0.001ms: failed by node cat \(warm\)/);
      expect(done.stderr).toContain("p50>+900%: can't be told by node cat (warm)");
      const report = JSON.parse(done.stdout);
      // The deployment that existed had 128 MB.
      expect(memoryOf(report)).toEqual([256, 256]);
      const orders = report.runs.map(({ runtime, rounds }: ReportedOrder) => [
        runtime,
        rounds.map(({ turn }) => turn),
      ]);
      // The warm-up first, then four rounds. The order changes in every second one.
      expect(orders).toEqual([
        ['node-against', [1, 1, 2, 2, 1]],
        ['node', [2, 2, 1, 1, 2]],
      ]);
      expect(report.ratios.map(({ runtime, baseline }: ReportedRatio) => [runtime, baseline])).toContainEqual(
        ['node', 'node-against'],
      );

      const change = ['compare', 'latest', '--fail-if', 'p50>+900%'];
      const changeStrictly = [...change, '--fail-if-unsure', '--json'];
      const compared = await installed.runInTurn([change, changeStrictly]);
      const unsure = compared.get(change);
      expect(unsure?.exitCode).toBe(0);
      expect(unsure?.stdout).toContain(
        "? p50>+900%: can't tell; more rounds (--rounds) and calls (-c) tell more",
      );
      const strict = compared.get(changeStrictly);
      expect(strict?.exitCode).toBe(1);
      expect(JSON.parse(strict?.stdout ?? '').rules).toMatchObject([{ rule: 'p50>+900%', state: 'unsure' }]);

      const other = await installed.run([
        ...[...bench, '--runtime', 'node', '--allow-origin', 'https://example.com'],
        ...['-c', '10', '--rounds', '2'],
      ]);
      expect(other.exitCode).toBe(0);
      // What is not asked for stays.
      expect(memoryOf(JSON.parse(other.stdout))).toEqual([256]);
    },
    WHOLE_BENCH_MS,
  );

  test(
    'versions of a runtime share the rounds, forced cold starts are cold, and functions keep their settings after a kill',
    async () => {
      const bench = [
        ...['bench', '--local', '--routes', 'cat', '-m', '1', '-n', '1', '-c', '12', '-p', '1'],
        ...['--rounds', '2', '--json'],
      ];
      const versions = ['--lambda-runtime', 'node=nodejs22.x,nodejs24.x'];
      const done = await installed.run([...bench, ...versions, '--cold', '2']);
      expect(done.exitCode).toBe(0);
      const { runs } = JSON.parse(done.stdout);
      expect(runs.map(({ runtime }: { runtime: string }) => runtime)).toEqual(['node22', 'node24']);
      for (const { coldStarts, server, rounds } of runs) {
        expect(coldStarts).toMatchObject({ asked: 2, found: 2 });
        expect(server.cold.count).toBe(2);
        expect(server.completeness.verdict).toBe('complete');
        expect(rounds.some(({ index }: { index: number }) => index < 0)).toBe(true);
      }

      const cut = installed.start([...bench, '--runtime', 'node22,node24', '--cold', '200']);
      for (const runtime of ['node22', 'node24']) {
        await cut.stderrHas(
          new RegExp(`"load-progress","runtime":"${runtime} cold".*"progress":\\{"successes":[1-9]`),
        );
      }
      cut.signal('SIGKILL');
      await cut.finished;
      const folder = join(installed.folder, '.shedbench', 'changed-functions');
      expect(readdirSync(folder)).toHaveLength(2);
      const status = await installed.run(['status', '--local']);
      expect(status.stderr).toContain('Restored what an interrupted command had changed');
      expect(readdirSync(folder)).toEqual([]);
    },
    WHOLE_BENCH_MS,
  );
});
