import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string; readonly description: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

interface Step {
  readonly id?: string;
  readonly name: string;
  readonly shell: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly run: string;
}

const action = load(
  readFileSync(fileURLToPath(new URL('../../action.yml', import.meta.url)), 'utf8'),
) as Action;

/** A stand-in for shedbench: notes its words, writes the report that `-o` names, and ends as the test says. */
const STAND_IN = `#!/bin/sh
echo "$*" >> "$CALLS"
[ "$1" = bench ] || { echo "# $*"; exit 0; }
while [ $# -gt 0 ]; do
  if [ "$1" = -o ] && [ -z "$NO_REPORT" ]; then echo '{}' > "$2"; fi
  shift
done
exit "\${BENCH_CODE:-0}"
`;

/** A stand-in for GitHub's command line: notes its words, and finds the comment that the test names. */
const GH = `#!/bin/sh
echo "gh $*" >> "$CALLS"
case "$*" in *--paginate*) echo "$FOUND_COMMENT" ;; esac
`;

let folder: string;
let workspace: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-action-'));
  workspace = join(folder, 'workspace');
  mkdirSync(join(workspace, 'mine'), { recursive: true });
  mkdirSync(join(folder, 'temp'));
  for (const [name, text] of [
    ['shedbench', STAND_IN],
    ['gh', GH],
  ] as const) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  for (const name of ['calls', 'output', 'summary']) writeFileSync(join(folder, name), '');
  git('init', '--quiet', '--initial-branch=main');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function git(...args: readonly string[]): string {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.org'];
  return execFileSync('git', [...identity, ...args], { cwd: workspace, encoding: 'utf8' }).trim();
}

/** Commits a handler's file, and returns the commit. */
function commit(text: string): string {
  writeFileSync(join(workspace, 'mine', 'shedbench.json'), text);
  git('add', '.');
  git('commit', '--quiet', '-m', text);
  return git('rev-parse', 'HEAD');
}

interface Ran {
  readonly exitCode: number;
  readonly calls: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

/**
 * Runs the steps one after the other as GitHub's runner does: until one fails, each with the environment that its
 * expressions give it.
 */
function run(inputs: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}): Ran {
  const outputs: Record<string, string> = {};
  const values = (expression: string): string => {
    const [scope = '', ...names] = expression.split('.');
    if (scope === 'inputs') {
      const name = names.join('.');
      return inputs[name] ?? fill(action.inputs[name]?.default ?? '');
    }
    if (scope === 'steps') return outputs[`${names[0]}.${names[2]}`] ?? '';
    return { 'github.token': 'secret', 'github.event.pull_request.number': '7' }[expression] ?? '';
  };
  const fill = (text: string): string =>
    text.replace(/\$\{\{\s*([\w.-]+)\s*\}\}/g, (_, expression: string) => values(expression));
  let exitCode = 0;
  for (const step of action.runs.steps) {
    writeFileSync(join(folder, 'output'), '');
    const filled = Object.entries(step.env ?? {}).map(([name, value]) => [name, fill(value)]);
    const { status, stderr } = spawnSync(
      'bash',
      ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run],
      {
        cwd: workspace,
        encoding: 'utf8',
        env: {
          PATH: `${folder}:${process.env.PATH}`,
          RUNNER_TEMP: join(folder, 'temp'),
          GITHUB_OUTPUT: join(folder, 'output'),
          GITHUB_STEP_SUMMARY: join(folder, 'summary'),
          GITHUB_REPOSITORY: 'me/mine',
          CALLS: join(folder, 'calls'),
          ...env,
          ...Object.fromEntries(filled),
        },
      },
    );
    exitCode = status ?? 1;
    for (const line of readFileSync(join(folder, 'output'), 'utf8').split('\n')) {
      const [name = '', ...value] = line.split('=');
      if (name !== '') outputs[`${step.id}.${name}`] = value.join('=');
    }
    if (exitCode !== 0) {
      expect(stderr).toBe('');
      break;
    }
  }
  const lines = readFileSync(join(folder, 'calls'), 'utf8').replaceAll(folder, '<tmp>').trim().split('\n');
  return {
    exitCode,
    calls: lines.map((line) => line.replaceAll(/shedbench-(base-)?\w{6}\b/g, 'shedbench-$1*')),
    outputs,
    summary: readFileSync(join(folder, 'summary'), 'utf8'),
  };
}

const REPORT = '<tmp>/temp/shedbench-*/report.json';

describe('the action', () => {
  test('the action runs bench with the arguments of its input, and writes the report into the summary of the job', () => {
    const { exitCode, calls, summary, outputs } = run({ command: 'shedbench', base: '' });
    expect(exitCode).toBe(0);
    expect(calls).toEqual([
      `bench --local --teardown -p 2 -c 600 -o ${REPORT}`,
      `report ${REPORT} --format github`,
      `report ${REPORT} --format github-benchmark`,
    ]);
    expect(summary).toMatch(/^<!-- shedbench -->\n\n# report .* --format github\n$/);
    expect(Object.keys(outputs)).toEqual([
      'bench.exit-code',
      'bench.report',
      'summary.benchmark',
      'summary.summary',
    ]);
  });

  test('the action holds the handlers against those of the base, which it prepares first', () => {
    const base = commit('before');
    commit('after');
    const { calls, summary, outputs } = run({
      command: 'shedbench',
      handlers: 'mine',
      base,
      prepare: 'cat mine/shedbench.json > prepared',
      'fail-if': 'p50>+10%\nerrors>0\n',
    });
    const against = '<tmp>/temp/shedbench-base-*/mine';
    expect(calls.slice(0, 2)).toEqual([
      `bench --local --teardown -p 2 -c 600 -o ${REPORT} --handlers mine --against ${against} --fail-if p50>+10% --fail-if errors>0`,
      `compare ${REPORT} --format markdown`,
    ]);
    expect(summary).toContain('# compare');
    const checkout = join(outputs['base.against'] ?? '', '..');
    expect(readFileSync(join(checkout, 'prepared'), 'utf8')).toBe('before');
    expect(git('status', '--porcelain')).toBe('');
  });

  test('the action compares nothing where the base has no such handlers yet', () => {
    git('commit', '--quiet', '--allow-empty', '-m', 'empty');
    const base = git('rev-parse', 'HEAD');
    commit('new');
    const { exitCode, calls } = run({ command: 'shedbench', handlers: 'mine', base });
    expect(exitCode).toBe(0);
    expect(calls[0]).toBe(`bench --local --teardown -p 2 -c 600 -o ${REPORT} --handlers mine`);
  });

  test("the action ends with the bench's exit code once the summary is written", () => {
    const { exitCode, summary } = run({ command: 'shedbench', base: '' }, { BENCH_CODE: '1' });
    expect(exitCode).toBe(1);
    expect(summary).toContain('# report');
  });

  test('the action says in the summary that there is no report where the bench wrote none', () => {
    const { exitCode, summary, calls } = run(
      { command: 'shedbench', base: '' },
      { BENCH_CODE: '4', NO_REPORT: '1' },
    );
    expect(exitCode).toBe(4);
    expect(calls).toHaveLength(1);
    expect(summary).toContain('shedbench ended with exit code 4 before it wrote a report');
  });

  test('the action comments on the pull request once, and updates that comment', () => {
    const first = run({ command: 'shedbench', base: '', comment: 'true' }).calls.slice(3);
    expect(first).toEqual([
      expect.stringContaining('gh api --paginate repos/me/mine/issues/7/comments --jq'),
      'gh api --silent --method POST repos/me/mine/issues/7/comments -F body=@<tmp>/temp/shedbench-*/summary.md',
    ]);
    writeFileSync(join(folder, 'calls'), '');
    const again = run({ command: 'shedbench', base: '', comment: 'true' }, { FOUND_COMMENT: '42' });
    expect(again.calls.at(-1)).toBe(
      'gh api --silent --method PATCH repos/me/mine/issues/comments/42 -F body=@<tmp>/temp/shedbench-*/summary.md',
    );
  });

  test('the action reads its inputs from the environment alone, so that no text of others is run as a command', () => {
    for (const step of action.runs.steps) expect(step.run, step.name).not.toContain('${{');
  });
});
