import { describe, expect, test } from 'vitest';
import type { Host } from '../../src/cli/host.ts';
import { runCommandLine } from '../../src/cli/program.ts';
import { failureLines, failureOf } from '../../src/failure.ts';
import { LOAD_DEFAULTS } from '../../src/model/defaults.ts';

/** A host that lets no verb work: these command lines are refused before. */
function silentHost(columns = 80): Host & { readonly written: string[] } {
  const written: string[] = [];
  return {
    written,
    version: '0.0.0',
    columns,
    outIsTerminal: true,
    outGone: new AbortController().signal,
    writeOut: (text) => written.push(text),
    run: async () => {
      throw new Error('the verb was run');
    },
  };
}

const refusal = async (...argv: string[]): Promise<unknown> =>
  await runCommandLine(argv, silentHost()).catch((error: unknown) => error);

describe('a command line that is nearly right', () => {
  test.each([
    [['load', 'wolf'], 'Did you mean shedbench load --route wolf? See shedbench load --help'],
    [['bench', 'shep'], 'Did you mean shedbench bench --route sheep? See shedbench bench --help'],
    [['deploy', 'rust'], 'Did you mean shedbench deploy --runtime rust? See shedbench deploy --help'],
    [['destroy'], 'Did you mean shedbench teardown? See shedbench --help'],
    [['teardwn'], 'Did you mean teardown? See shedbench --help'],
    [['deploy', '--arch', 'amd64'], '--arch x86_64'],
    [['deploy', '--arch', 'aarch64'], '--arch arm64'],
    [['deploy', '--memory', '1GB'], '--memory 1024'],
    [['deploy', '--memory', '512MB'], '--memory 512'],
    [['report', '--format', 'md'], '--format markdown'],
  ])('%j names what was meant', async (argv, hint) => {
    expect(await refusal(...argv)).toMatchObject({ hint, exitCode: 2 });
  });
});

describe('a command line that can not be acted on', () => {
  test.each([
    [
      ['load', '--route', 'cow'],
      "shedbench: There is no route 'cow'.\n  --route takes cat, sheep, dog, wolf.\n",
    ],
    [
      ['load', '--route', 'cat', '-p', '0'],
      "shedbench: -p takes a whole number from 1 to 10,000, not '0'.\n",
    ],
    [
      ['load', '--route', 'cat', '-c', 'x'],
      "shedbench: -c takes a whole number from 1 to 10,000,000,000, not 'x'.\n",
    ],
    [['load', '--route', 'cat', '-m', '-1'], "shedbench: -m takes a whole number from 0 to 4, not '-1'.\n"],
    [
      ['deploy', '--local', '--project', 'My_Shed'],
      "shedbench: 'My_Shed' can't be a project's name.\n  It starts with a letter and has letters, digits and hyphens: my-shed.\n",
    ],
    [['frobnicate'], "shedbench: Unknown command 'frobnicate'.\n  shedbench --help\n"],
    [['report', '--frobnicate'], "shedbench: Unknown option '--frobnicate'.\n  shedbench report --help\n"],
  ])('the command line %j gets one clear line, a hint and exit 2', async (argv, stderr) => {
    const failure = failureOf(await refusal(...argv), false);
    expect(failure.exitCode).toBe(2);
    expect(`${failureLines(failure).join('\n')}\n`).toBe(stderr);
  });
});

describe('an option without effect is refused', () => {
  test.each([
    [['load', '--route', 'sheep', '-m', '3'], '-m is for the cat alone; it has no effect on sheep.'],
    [['bench', '--route', 'dog,wolf', '-n', '9'], '-n is for the cat alone; it has no effect on dog, wolf.'],
    [['load', '--route', 'cat', '-s', '7'], '-s is for the sheep alone; it has no effect on cat.'],
    [
      ['compare', 'a.json', 'b.json', '--fail-if-unsure'],
      '--fail-if-unsure has no effect without --fail-if.',
    ],
    [['bench', '--fail-if-unsure'], '--fail-if-unsure has no effect without --fail-if.'],
    [['bench', '--function', 'f', '-m', '3'], '-m is for the cat alone; it has no effect here.'],
    [
      ['report', '--history', '--price-region', 'eu-west-3'],
      '--price-region has no effect on --history, which shows the medians of kept reports.',
    ],
    [
      ['report', '--history', '--profile', 'farm'],
      '--profile has no effect on --history, which shows the medians of kept reports.',
    ],
    [
      ['report', '--history', '--wide'],
      '--wide has no effect on --history, which shows the medians of kept reports.',
    ],
  ])('the option without effect in %j is refused', async (argv, message) => {
    expect(await refusal(...argv)).toMatchObject({ code: 'no-effect', message });
  });
});

test('the hint for an option of one route names no route where none can be given', async () => {
  expect(await refusal('bench', '--function', 'f', '-m', '3')).toMatchObject({ hint: 'Leave it out' });
  expect(await refusal('load', '--route', 'sheep', '-m', '3')).toMatchObject({
    hint: 'Leave it out, or: --route cat',
  });
});

describe('options that select what is called', () => {
  test.each([
    [['bench', '--payload', '{}'], 'needs-function'],
    [['bench', '--qualifier', 'prod'], 'needs-function'],
    [['bench', '--function', 'f', '--route', 'cat'], 'two-subjects'],
    [['report', '--function', 'f', '--route', 'cat'], 'two-subjects'],
    [['report', '--log-group', '/g', '--runtime', 'node'], 'two-subjects'],
  ])('%j is refused', async (argv, code) => {
    expect(await refusal(...argv)).toMatchObject({ code, exitCode: 2 });
  });
});

describe('help', () => {
  test.each([60, 80, 120])('help fits %d columns, examples to copy aside', async (columns) => {
    for (const verb of ['', 'bench', 'load', 'report', 'doctor']) {
      const host = silentHost(columns);
      await runCommandLine(verb === '' ? ['--help'] : [verb, '--help'], host);
      const lines = host.written.join('').split('\n');
      const tooLong = lines.filter((line) => line.length > columns && !line.startsWith('  $ '));
      expect(tooLong).toEqual([]);
    }
  });

  test.each([
    ...['deploy', 'status', 'reset', 'verify', 'teardown', 'load', 'bench', 'report', 'compare', 'runs'],
    ...['local start', 'local stop', 'local status', 'local logs'],
  ])('help of %s shows an example', async (verb) => {
    const host = silentHost();
    await runCommandLine([...verb.split(' '), '--help'], host);
    expect(host.written.join('')).toContain(`$ shedbench ${verb}`);
  });

  test('help of bench names the defaults of a load', async () => {
    const host = silentHost(400);
    await runCommandLine(['bench', '--help'], host);
    const help = host.written.join('');
    const { parallel, rounds, timeoutMs, m, n, benchWarmupShare } = LOAD_DEFAULTS;
    for (const text of [
      `calls in flight at once (default: ${parallel})`,
      `take turns (default: ${rounds};`,
      `for bench ${benchWarmupShare * 100} % of the calls)`,
      `at most 15m (default: ${timeoutMs / 1000}s)`,
      `first argument, 0 to 4 (default: ${m})`,
      `second argument, 0 to 50000 (default: ${n})`,
    ]) {
      expect(help).toContain(text);
    }
  });

  test('help of bench says that its calls are counted per route and runtime', async () => {
    const host = silentHost(200);
    await runCommandLine(['bench', '--help'], host);
    expect(host.written.join('')).toContain('calls per route and runtime (default: 1000)');
  });
});

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish'])('completion of %s knows every verb and its options', async (shell) => {
    const host = silentHost();
    await runCommandLine(['completion', shell], host);
    const script = host.written.join('');
    for (const word of ['bench', 'teardown', 'start', 'calls-out', 'fail-if-unsure', 'markdown']) {
      expect(script).toContain(word);
    }
    expect(script).not.toContain('no-color');
  });

  test.each(['bash', 'zsh', 'fish'])(
    'completion of %s knows the words that arguments take',
    async (shell) => {
      const host = silentHost();
      await runCommandLine(['completion', shell], host);
      const script = host.written.join('').replaceAll("'", '');
      expect(script).toContain('latest previous');
      expect(script).toContain('bash zsh fish');
    },
  );
});

describe('--resume', () => {
  test.each([
    [['--memory', '128,512'], '--memory'],
    [['-c', '5'], '--call-count'],
    [['--local'], '--local'],
  ])('--resume refuses %j: a bench keeps the options that it was started with', async (argv, flag) => {
    expect(await refusal('bench', '--resume', ...argv)).toMatchObject({
      code: 'fixed-by-resume',
      message: `--resume goes on with the options that the bench was started with; ${flag} can't be changed in the middle.`,
      exitCode: 2,
    });
  });

  test('--resume takes the options of the output and --yes from now', async () => {
    expect(await refusal('bench', '--resume', '--yes', '--json', '-o', 'a.html')).toMatchObject({
      message: 'the verb was run',
    });
  });
});
