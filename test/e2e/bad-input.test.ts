import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Installed, installPacked } from './installed.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/as-published', import.meta.url));
let installed: Installed;
beforeAll(async () => {
  installed = await installPacked();
});
afterAll(() => installed.remove());

describe('bad input gets one clear line, a hint and exit 2, and nothing is started', () => {
  test.each([
    [
      ['load', '--route', 'cow'],
      "shedbench: There is no route 'cow'.\n  --route takes cat, sheep, dog, wolf.\n",
    ],
    [
      ['load'],
      'shedbench: load needs something to call.\n  --route wolf (one of cat, sheep, dog, wolf), --url ADDRESS, or --function NAME\n',
    ],
    [
      ['bench', '--local', '--fail-if', 'p99>+10%'],
      "shedbench: --fail-if 'p99>+10%' is about a change, and this bench has one build of each runtime.\n  shedbench bench --against DIR measures two, or: shedbench compare before.json after.json\n",
    ],
    [
      ['load', '--route', 'cat', '-c', '5', '--rounds', '6', '--url', 'http://127.0.0.1:9'],
      'shedbench: 6 rounds need at least 6 calls; there are 5.\n  --rounds 5 or fewer\n',
    ],
    [
      ['bench', '--local', '-c', '60', '--rounds', '100'],
      'shedbench: 100 rounds need at least 100 calls; there are 60.\n  --rounds 60 or fewer\n',
    ],
    [
      ['bench', '--local', '--runtime', 'node,rust', '--baseline', 'ruby'],
      "shedbench: The runs contain no runtime 'ruby' to be the baseline.\n  --baseline takes one of node, rust\n",
    ],
    [
      ['forecast', '--format', 'power-tuning'],
      "shedbench: --format takes table, json, csv, markdown, html, not 'power-tuning'.\n",
    ],
    [['frobnicate'], "shedbench: Unknown command 'frobnicate'.\n  shedbench --help\n"],
  ])('the command line %j gets one clear line and exit 2', async (args, stderr) => {
    const done = await installed.run(args);
    expect(done).toMatchObject({ exitCode: 2, stdout: '', stderr });
    expect(existsSync(join(installed.folder, '.shedbench'))).toBe(false);
  });

  test('a rule about a change is refused before a cloud starts where two folders hold no two builds of one runtime', async () => {
    const folders = ['--handlers', `${EXAMPLES}/python`, '--handlers', `${EXAMPLES}/rust`];
    const done = await installed.run(['bench', '--local', ...folders, '--fail-if', 'p50>+10%']);
    expect(done).toMatchObject({ exitCode: 2, stdout: '' });
    expect(done.stderr).toContain('this bench has one build of each runtime');
    expect(existsSync(join(installed.folder, '.shedbench'))).toBe(false);
  });

  test.each(['deploy', 'bench'])(
    '%s refuses an unknown runtime by name before it starts a cloud',
    async (verb) => {
      const done = await installed.run([verb, '--local', '--runtime', 'cobol']);
      expect(done).toMatchObject({ exitCode: 2, stdout: '' });
      expect(done.stderr).toMatch(/^shedbench: There is no runtime "cobol"/);
      expect(existsSync(join(installed.folder, '.shedbench'))).toBe(false);
    },
  );
});

describe('under --json', () => {
  test('an error is one JSON line on stderr, whichever part of the program found it', async () => {
    const typo = await installed.run(['load', '--route', 'cow', '--json']);
    expect(typo).toMatchObject({ exitCode: 2, stdout: '' });
    expect(JSON.parse(typo.stderr)).toEqual({
      type: 'error',
      code: 'unknown-route',
      message: "There is no route 'cow'.",
      hint: '--route takes cat, sheep, dog, wolf.',
      exitCode: 2,
    });
    const absent = await installed.run(['report', '--json']);
    expect(absent).toMatchObject({ exitCode: 2, stdout: '' });
    expect(JSON.parse(absent.stderr)).toMatchObject({ type: 'error', code: 'no-runs', exitCode: 2 });
  });

  test('local logs --json --follow is refused, because its output would not be one document', async () => {
    const done = await installed.run(['local', 'logs', '--json', '--follow']);
    expect(done).toMatchObject({ exitCode: 2, stdout: '' });
    expect(JSON.parse(done.stderr)).toMatchObject({ code: 'endless-json' });
  });
});

describe('where .shedbench is a file', () => {
  const file = (): string => join(installed.folder, '.shedbench');
  beforeAll(() => writeFileSync(file(), 'not a folder'));
  afterAll(() => rmSync(file()));

  test.each([
    [['status', '--local']],
    [['report']],
    [['runs']],
    [['local', 'logs']],
    [['teardown', '--local']],
    [['deploy', '--local', '--runtime', 'node']],
    [['load', '--route', 'cat', '--url', 'http://127.0.0.1:9', '-c', '1']],
  ])('%j says which path and why, before anything is done', async (args) => {
    const done = await installed.run(args);
    expect(done).toMatchObject({ exitCode: 2, stdout: '' });
    expect(done.stderr).toMatch(/^shedbench: \S+\.shedbench\S* can't be used: .+\.\n {2}Records are kept/);
  });
});

describe('with nothing deployed', () => {
  test('load on AWS without credentials names --local', async () => {
    const done = await installed.run(['load', '--route', 'cat', '--region', 'eu-west-3'], {
      AWS_EC2_METADATA_DISABLED: 'true',
      HOME: installed.folder,
    });
    expect(done.exitCode).toBe(3);
    expect(done.stderr).toContain('--local');
    expect(done.stderr).not.toMatch(/^\s+at /m);
  });

  test('load on the local cloud names the command that deploys', async () => {
    const done = await installed.run(['load', '--route', 'cat', '--local']);
    expect(done).toMatchObject({ exitCode: 3, stdout: '' });
    expect(done.stderr).toContain('shedbench deploy --local');
  });

  test('report says that there are no runs', async () => {
    const done = await installed.run(['report']);
    expect(done).toMatchObject({ exitCode: 2, stdout: '' });
    expect(done.stderr).toBe(
      'shedbench: There are no runs in this folder yet.\n  shedbench load --route cat\n',
    );
  });

  test('teardown --local without a local cloud deletes nothing and exits 0', async () => {
    const done = await installed.run(['teardown', '--local']);
    expect(done.exitCode).toBe(0);
    expect(done.stdout).toMatch(/^Nothing to delete/);
  });
});

test('--help prints to stdout and exits 0', async () => {
  const done = await installed.run(['local', 'start', '--help']);
  expect(done).toMatchObject({ exitCode: 0, stderr: '' });
  expect(done.stdout).toContain('$ shedbench local start');
});

test('--version prints the version of the package', async () => {
  const done = await installed.run(['--version']);
  expect(done).toMatchObject({ exitCode: 0, stderr: '' });
  expect(done.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
