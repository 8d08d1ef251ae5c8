import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Installed, installPacked, type Outcome } from './installed.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/as-published', import.meta.url));
let installed: Installed;
/** The command lines that run in one process before the tests, in an empty folder that they leave empty. */
const commandLines: (readonly string[])[] = [];
let outcomes: ReadonlyMap<readonly string[], Outcome>;
beforeAll(async () => {
  installed = await installPacked();
  outcomes = await installed.runInTurn(commandLines);
});
afterAll(() => installed.remove());

/** Adds to the command lines, and returns a function that gives the outcome of each. */
function outcomesOf(added: readonly (readonly string[])[]): (args: readonly string[]) => Outcome {
  commandLines.push(...added);
  return (args) => outcomeIn(outcomes, args);
}

function outcomeIn(all: ReadonlyMap<readonly string[], Outcome>, args: readonly string[]): Outcome {
  const outcome = all.get(args);
  if (outcome === undefined) throw new Error(`${args.join(' ')} was not run`);
  return outcome;
}

describe('bad input gets one clear line, a hint and exit 2, and nothing is started', () => {
  const refused: readonly (readonly [args: readonly string[], stderr: string])[] = [
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
  ];
  const oneBuild = [
    ...['bench', '--local', '--handlers', `${EXAMPLES}/python`, '--handlers', `${EXAMPLES}/rust`],
    ...['--fail-if', 'p50>+10%'],
  ];
  const unknownRuntime = ['deploy', 'bench'].map((verb) => [verb, '--local', '--runtime', 'cobol']);
  const outcome = outcomesOf([...refused.map(([args]) => args), oneBuild, ...unknownRuntime]);

  test.each(refused)('the command line %j gets one clear line and exit 2', (args, stderr) => {
    expect(outcome(args)).toEqual({ exitCode: 2, stdout: '', stderr });
  });

  test('a rule about a change is refused before a cloud starts where two folders hold no two builds of one runtime', () => {
    expect(outcome(oneBuild)).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outcome(oneBuild).stderr).toContain('this bench has one build of each runtime');
  });

  test.each(unknownRuntime.map((args) => [args]))(
    '%j refuses an unknown runtime by name before it starts a cloud',
    (args) => {
      expect(outcome(args)).toMatchObject({ exitCode: 2, stdout: '' });
      expect(outcome(args).stderr).toMatch(/^shedbench: There is no runtime "cobol"/);
    },
  );

  test('no command with bad input leaves a record', () => {
    expect(existsSync(join(installed.folder, '.shedbench'))).toBe(false);
  });

  test('a command with bad input ends its process with exit 2', async () => {
    const [[args, stderr]] = refused as readonly [(typeof refused)[number]];
    expect(await installed.run(args)).toMatchObject({ exitCode: 2, stdout: '', stderr });
  });
});

describe('under --json', () => {
  const typo = ['load', '--route', 'cow', '--json'];
  const noRuns = ['report', '--json'];
  const endless = ['local', 'logs', '--json', '--follow'];
  const outcome = outcomesOf([typo, noRuns, endless]);

  test('an error is one JSON line on stderr, whichever part of the program found it', () => {
    expect(outcome(typo)).toMatchObject({ exitCode: 2, stdout: '' });
    expect(JSON.parse(outcome(typo).stderr)).toEqual({
      type: 'error',
      code: 'unknown-route',
      message: "There is no route 'cow'.",
      hint: '--route takes cat, sheep, dog, wolf.',
      exitCode: 2,
    });
    expect(outcome(noRuns)).toMatchObject({ exitCode: 2, stdout: '' });
    expect(JSON.parse(outcome(noRuns).stderr)).toMatchObject({ type: 'error', code: 'no-runs', exitCode: 2 });
  });

  test('local logs --json --follow is refused, because its output would not be one document', () => {
    expect(outcome(endless)).toMatchObject({ exitCode: 2, stdout: '' });
    expect(JSON.parse(outcome(endless).stderr)).toMatchObject({ code: 'endless-json' });
  });
});

describe('where .shedbench is a file', () => {
  const file = (): string => join(installed.folder, '.shedbench');
  let refusals: ReadonlyMap<readonly string[], Outcome>;
  beforeAll(async () => {
    writeFileSync(file(), 'not a folder');
    refusals = await installed.runInTurn(commands);
  });
  afterAll(() => rmSync(file()));

  const commands = [
    ['status', '--local'],
    ['report'],
    ['runs'],
    ['local', 'logs'],
    ['teardown', '--local'],
    ['deploy', '--local', '--runtime', 'node'],
    ['load', '--route', 'cat', '--url', 'http://127.0.0.1:9', '-c', '1'],
  ];

  test.each(commands.map((args) => [args]))('%j says which path and why, before anything is done', (args) => {
    const outcome = outcomeIn(refusals, args);
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outcome.stderr).toMatch(/^shedbench: \S+\.shedbench\S* can't be used: .+\.\n {2}Records are kept/);
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

  const load = ['load', '--route', 'cat', '--local'];
  const report = ['report'];
  const teardown = ['teardown', '--local'];
  const outcome = outcomesOf([load, report, teardown]);

  test('load on the local cloud names the command that deploys', () => {
    expect(outcome(load)).toMatchObject({ exitCode: 3, stdout: '' });
    expect(outcome(load).stderr).toContain('shedbench deploy --local');
  });

  test('report says that there are no runs', () => {
    expect(outcome(report)).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outcome(report).stderr).toBe(
      'shedbench: There are no runs in this folder yet.\n  shedbench load --route cat\n',
    );
  });

  test('teardown --local without a local cloud deletes nothing and exits 0', () => {
    expect(outcome(teardown).exitCode).toBe(0);
    expect(outcome(teardown).stdout).toMatch(/^Nothing to delete/);
  });
});

// Each runs in a process of its own, whose standard output is a pipe: the exit must not come before all is written.
describe('a question about the program itself', () => {
  test('--help prints the whole help to stdout and exits 0', async () => {
    const done = await installed.run(['local', 'start', '--help']);
    expect(done).toMatchObject({ exitCode: 0, stderr: '' });
    expect(done.stdout).toContain('$ shedbench local start\n');
    expect(done.stdout.trimEnd()).toMatch(/\n {2}\$ shedbench local start --as-lambda$/);
  });

  test('--version prints the version of the package and exits 0', async () => {
    const done = await installed.run(['--version']);
    expect(done).toMatchObject({ exitCode: 0, stderr: '' });
    expect(done.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
