import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BuiltRuntime, buildRuntime } from '../../../src/deploy/artifacts/build-runtime.ts';
import { loadManifest, MANIFEST_FILE, type RuntimeManifest } from '../../../src/deploy/artifacts/manifest.ts';
import { planRuntimes, type RuntimePlan } from '../../../src/deploy/artifacts/plan-runtimes.ts';
import type { RunTool, ToolOutcome } from '../../../src/deploy/artifacts/run-tool.ts';
import { runsOnLambda, runsOnThisMachine } from '../../../src/deploy/artifacts/runs-on.ts';
import { compareVersions, findVersion } from '../../../src/deploy/artifacts/toolchain.ts';
import {
  needsSameInterpreter,
  runtimeFamily,
  supportedRuntimes,
} from '../../../src/local/sandboxes/runtimes.ts';
import type { ProgressEvent } from '../../../src/model/events.ts';
import { fakeTools } from './fake-tools.ts';

let folder: string;
let events: ProgressEvent[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-build-'));
  events = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** A compiled runtime: `cc` turns src/ into dist/{os}-{arch}/main. */
function compiled(label = 'c', changes: object = {}): RuntimeManifest {
  const recipe = { handler: 'bootstrap', files: { bootstrap: 'dist/{os}-{arch}/main' } };
  const manifest = {
    label,
    lambdaRuntime: 'provided.al2023',
    architectures: ['arm64', 'x86_64'],
    build: {
      command: ['cc', '{os}', '{arch}'],
      sources: ['src'],
      output: 'dist/{os}-{arch}',
      tools: [{ name: 'cc', command: ['cc', '--version'], atLeast: '1.9', install: 'a C compiler' }],
    },
    functions: { cat: recipe, sheep: recipe, dog: recipe, wolf: recipe },
    ...changes,
  };
  write(`${label}/src/main.c`, 'int main;');
  write(`${label}/${MANIFEST_FILE}`, JSON.stringify(manifest));
  return loadManifest(join(folder, label, MANIFEST_FILE));
}

function interpreted(label: string, lambdaRuntime: string): RuntimeManifest {
  const recipe = { handler: 'index.handler', files: { index: 'index' } };
  const functions = { cat: recipe, sheep: recipe, dog: recipe, wolf: recipe };
  const architectures = ['arm64', 'x86_64'];
  write(`${label}/index`, 'x');
  write(`${label}/${MANIFEST_FILE}`, JSON.stringify({ label, lambdaRuntime, architectures, functions }));
  return loadManifest(join(folder, label, MANIFEST_FILE));
}

const CC = { 'cc --version': { lastLines: ['cc (Distribution) 1.10.0'] } };
const here = runsOnThisMachine('linux', 'x64');
if (here === undefined) throw new Error('Linux on x86_64 is a machine that sandboxes run on');

describe('a plan', () => {
  const plan = (
    manifests: readonly RuntimeManifest[],
    runTool: RunTool,
    asked?: readonly string[],
    runsOn = runsOnLambda('arm64'),
  ): Promise<RuntimePlan> =>
    planRuntimes({ runtimes: new Map(manifests.map((m) => [m.label, m])), asked, runsOn, runTool });

  test('a plan takes what can be built, and asks no tool for what needs none', async () => {
    const { runTool, runs } = fakeTools(CC);
    const { usable, absent } = await plan([compiled(), interpreted('py', 'python3.14')], runTool);
    expect(usable.map(({ manifest, source }) => [manifest.label, source])).toEqual([
      ['c', 'build'],
      ['py', 'none'],
    ]);
    expect(absent).toEqual([]);
    expect(runs.map((run) => run.command.join(' '))).toEqual(['cc --version']);
  });

  test('a plan leaves out what lacks its tool, with one line that says what to install', async () => {
    const { runTool } = fakeTools({});
    const { usable, absent } = await plan([compiled(), interpreted('py', 'python3.14')], runTool);
    expect(usable.map(({ manifest }) => manifest.label)).toEqual(['py']);
    expect(absent.map((one) => one.message)).toEqual([
      'c is left out: cc was not found; install a C compiler',
    ]);
  });

  test.each<[Partial<ToolOutcome>, string]>([
    [{ lastLines: ['cc 1.8.9'] }, 'cc is 1.8.9, 1.9 is needed; install a C compiler'],
    [{ lastLines: ['hello'] }, 'cc is of an unknown version, 1.9 is needed; install a C compiler'],
    [{ exitCode: 1 }, 'cc does not work here; install a C compiler'],
  ])('a plan leaves out what has a tool that does not do (%#)', async (outcome, why) => {
    const { runTool } = fakeTools({ 'cc --version': outcome });
    const { absent } = await plan([compiled(), interpreted('py', 'python3.14')], runTool);
    expect(absent[0]?.message).toBe(`c is left out: ${why}`);
  });

  test('a plan refuses, exit 4, what was asked for by name and lacks its tool', async () => {
    const manifests = [compiled(), interpreted('py', 'python3.14')];
    await expect(plan(manifests, fakeTools({}).runTool, ['py', 'c'])).rejects.toMatchObject({
      code: 'runtime-unavailable',
      exitCode: 4,
      message: "c can't be deployed from here: cc was not found; install a C compiler",
    });
  });

  test('a plan refuses, exit 4, when nothing is left', async () => {
    await expect(plan([compiled()], fakeTools({}).runTool)).rejects.toMatchObject({ exitCode: 4 });
  });

  test('a plan refuses, exit 2, a runtime that is not known, and names those that are', async () => {
    await expect(plan([compiled()], fakeTools(CC).runTool, ['cobol'])).rejects.toMatchObject({
      code: 'unknown-runtime',
      exitCode: 2,
      message: 'There is no runtime "cobol"; known are c.',
    });
  });

  test('a plan keeps the order asked for, each once', async () => {
    const manifests = [compiled(), interpreted('py', 'python3.14')];
    const { usable } = await plan(manifests, fakeTools(CC).runTool, ['py', 'c', 'py']);
    expect(usable.map(({ manifest }) => manifest.label)).toEqual(['py', 'c']);
  });

  test('a plan leaves out a runtime without an artifact for the architecture, and names the flag', async () => {
    const manifests = [compiled('c', { architectures: ['x86_64'] }), interpreted('py', 'python3.14')];
    const { absent } = await plan(manifests, fakeTools(CC).runTool);
    expect(absent).toEqual([
      expect.objectContaining({
        message: 'c is left out: it has no artifact for arm64.',
        hint: 'It can be had with --arch x86_64.',
      }),
    ]);
  });

  test('a plan names the other architecture where a former build, or another tool, gives it', async () => {
    const cross = { name: 'cross-cc', command: ['cross-cc', '{arch}'], install: 'it' };
    const { build } = compiled();
    const manifest = compiled('c', { build: { ...build, workingFolder: '.', tools: [cross] } });
    const { runTool } = fakeTools({ 'cross-cc x86_64': {} });
    await expect(plan([manifest], runTool, ['c'])).rejects.toMatchObject({
      message: "c can't be deployed from here: cross-cc was not found; install it",
      hint: 'It can be had with --arch x86_64.',
    });
    await expect(plan([manifest], fakeTools({}).runTool, ['c'])).rejects.toMatchObject({
      hint: 'Leave c out: --runtime with the others.',
    });
  });

  test('a plan asks for Python only where functions run on this machine', async () => {
    const py = interpreted('py', 'python3.14');
    const node = interpreted('js', 'nodejs24.x');
    expect((await plan([py], fakeTools({}).runTool)).absent).toEqual([]);
    const local = async (versions: Readonly<Record<string, string>>): Promise<string | undefined> => {
      const answers = Object.entries(versions).map(([name, version]) => [
        name,
        { lastLines: [`Python ${version}`] },
      ]);
      const tools = fakeTools(Object.fromEntries(answers));
      return (await plan([py, node], tools.runTool, undefined, here)).absent[0]?.message;
    };
    expect(await local({})).toBe('py is left out: python3 was not found; install Python 3.9 or newer');
    const old = { 'python3 --version': '3.8.18' };
    expect(await local(old)).toBe('py is left out: python3 is 3.8.18; install Python 3.9 or newer');
    expect(await local({ 'python3 --version': '3.9.6' })).toBeUndefined();
    expect(await local({ ...old, 'python3.14 --version': '3.14.0' })).toBeUndefined();
  });

  test('a plan leaves out what the local cloud can’t run', async () => {
    const manifests = [interpreted('ruby', 'ruby3.4'), interpreted('js', 'nodejs24.x')];
    const { absent } = await plan(manifests, fakeTools({}).runTool, undefined, here);
    expect(absent[0]?.message).toContain('not ruby3.4');
  });

  test.each([
    ...supportedRuntimes(),
    ...['nodejs16.x', 'nodejs19.x', 'nodejs28.x', 'python3.8', 'python3.16', 'provided', 'java11', 'ruby3.3'],
  ])('%s is refused in the plan exactly where the local cloud refuses it', async (lambdaRuntime) => {
    const answers = {
      'python3 --version': { lastLines: ['Python 3.12.0'] },
      'java --version': { lastLines: ['openjdk 25 2025-09-16'] },
    };
    const { absent } = await plan(
      [interpreted('one', lambdaRuntime), interpreted('js', 'nodejs24.x')],
      fakeTools(answers).runTool,
      undefined,
      here,
    );
    // Without an interpreter of that very version the local cloud refuses what is in preview.
    const isRefused = runtimeFamily(lambdaRuntime) === undefined || needsSameInterpreter(lambdaRuntime);
    expect(absent.map(({ label }) => label)).toEqual(isRefused ? ['one'] : []);
  });

  test('a Java that is older than the runtime is named, with what to install', async () => {
    const manifests = [interpreted('java', 'java25'), interpreted('js', 'nodejs24.x')];
    const left = async (answers: Parameters<typeof fakeTools>[0]) =>
      (await plan(manifests, fakeTools(answers).runTool, undefined, here)).absent[0]?.message;
    expect(await left({ 'java --version': { lastLines: ['openjdk 17.0.15 2025-04-15'] } })).toBe(
      'java is left out: java is 17.0.15; install Java 25, or set JAVA_HOME to it',
    );
    expect(await left({})).toBe(
      'java is left out: java was not found; install Java 25, or set JAVA_HOME to it',
    );
  });
});

describe('a build', () => {
  const runsOn = runsOnLambda('arm64');
  const compile = (): Partial<ToolOutcome> => {
    write('c/dist/linux-arm64/main', 'program');
    return { lastLines: ['compiling', 'linking'] };
  };
  const build = (manifest: RuntimeManifest, runTool: RunTool, signal?: AbortSignal): Promise<BuiltRuntime> =>
    buildRuntime({ manifest, runsOn, runTool, signal, emit: (event) => events.push(event) });

  test('a build runs the recipe for the machine and tells its lines as progress', async () => {
    const { runTool, runs } = fakeTools({ 'cc linux arm64': compile });
    const manifest = compiled();
    expect(await build(manifest, runTool)).toMatchObject({ how: 'built' });
    expect(runs).toHaveLength(1);
    expect(runs[0]?.cwd).toBe(manifest.folder);
    expect(events).toEqual([
      {
        type: 'note',
        message:
          'c is built from its sources, which may take some minutes the first time; --runtime with the others leaves it out.',
      },
      { type: 'step-start', id: 'build:c', title: 'Building c for arm64' },
      { type: 'step-progress', id: 'build:c', detail: 'compiling' },
      { type: 'step-progress', id: 'build:c', detail: 'linking' },
      { type: 'step-end', id: 'build:c', outcome: 'done' },
    ]);
  });

  test('a build is not run again while its sources are the same, whatever their time stamps say', async () => {
    const { runTool, runs } = fakeTools({ 'cc linux arm64': compile });
    const manifest = compiled();
    await build(manifest, runTool);
    utimesSync(join(folder, 'c/src/main.c'), Date.now() / 1000 + 3600, Date.now() / 1000 + 3600);
    expect(await build(manifest, runTool)).toMatchObject({ how: 'prebuilt' });
    expect(runs).toHaveLength(1);
  });

  test.each<[string, () => void]>([
    ['a source changed', () => write('c/src/main.c', 'int other;')],
    ['a source came', () => write('c/src/new.c', '')],
    [
      'a source was renamed',
      () => {
        rmSync(join(folder, 'c/src/main.c'));
        write('c/src/renamed.c', 'int main;');
      },
    ],
    ['an output is gone', () => rmSync(join(folder, 'c/dist/linux-arm64/main'))],
    ['the stamp is gone', () => rmSync(join(folder, 'c/dist/linux-arm64/.shedbench-build.json'))],
    ['the stamp is broken', () => write('c/dist/linux-arm64/.shedbench-build.json', '{')],
  ])('a build is run again when %s', async (_, change) => {
    const { runTool, runs } = fakeTools({ 'cc linux arm64': compile });
    const manifest = compiled();
    await build(manifest, runTool);
    change();
    expect(await build(manifest, runTool)).toMatchObject({ how: 'built' });
    expect(runs).toHaveLength(2);
  });

  test('a build for one machine is not used for another', async () => {
    const { runTool } = fakeTools({ 'cc linux arm64': compile });
    const manifest = compiled();
    await build(manifest, runTool);
    const other = buildRuntime({ manifest, runsOn: runsOnLambda('x86_64'), runTool, emit: () => {} });
    await expect(other).rejects.toMatchObject({ code: 'build-failed' });
  });

  test('a build that fits its sources needs no toolchain', async () => {
    const { runTool } = fakeTools({ 'cc linux arm64': compile });
    const manifest = compiled();
    await build(manifest, runTool);
    const none = fakeTools({});
    const plan = await planRuntimes({
      runtimes: new Map([['c', manifest]]),
      asked: ['c'],
      runsOn,
      runTool: none.runTool,
    });
    expect(plan.usable[0]?.source).toBe('prebuilt');
    expect(none.runs).toEqual([]);
  });

  test('a build that fails shows the tool’s own last lines and which runtime it was, exit 4', async () => {
    const lastLines = Array.from({ length: 20 }, (_, n) => `line ${n + 1}`);
    const { runTool } = fakeTools({ 'cc linux arm64': { exitCode: 101, lastLines } });
    await expect(build(compiled(), runTool)).rejects.toMatchObject({
      code: 'build-failed',
      exitCode: 4,
      message: [
        'The build of c failed: `cc linux arm64` ended with exit code 101.',
        ...lastLines.slice(5).map((line) => `  c │ ${line}`),
      ].join('\n'),
    });
    expect(events.at(-1)).toEqual({ type: 'step-end', id: 'build:c', outcome: 'failed' });
  });

  test('a build whose tool is gone says so', async () => {
    await expect(build(compiled(), fakeTools({}).runTool)).rejects.toMatchObject({
      message: 'The build of c failed: `cc linux arm64` was not found.',
    });
  });

  test('a build that leaves an output out is a failure, and is not taken for a build later', async () => {
    const { runTool } = fakeTools({ 'cc linux arm64': {} });
    const manifest = compiled();
    const refusal = {
      code: 'build-incomplete',
      message: 'c: dist/linux-arm64/main is not there after its build.',
    };
    await expect(build(manifest, runTool)).rejects.toMatchObject(refusal);
    await expect(build(manifest, runTool)).rejects.toMatchObject(refusal);
  });

  test('a build that is interrupted exits 130 and leaves no stamp', async () => {
    const { runTool } = fakeTools({ 'cc linux arm64': { kind: 'interrupted' } });
    const manifest = compiled();
    await expect(build(manifest, runTool)).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
    write('c/dist/linux-arm64/main', 'half');
    const again = fakeTools({ 'cc linux arm64': compile });
    expect(await build(manifest, again.runTool)).toMatchObject({ how: 'built' });
  });

  test('a runtime without a recipe needs no build', async () => {
    expect(await build(interpreted('py', 'python3.14'), fakeTools({}).runTool)).toMatchObject({
      how: 'none',
    });
    expect(events).toEqual([]);
  });

  test('a build without its sources is refused', async () => {
    const manifest = compiled();
    rmSync(join(folder, 'c/src'), { recursive: true });
    await expect(build(manifest, fakeTools({}).runTool)).rejects.toMatchObject({
      code: 'build-source-missing',
    });
  });
});

test('versions are found in what tools say, and compared by number', () => {
  expect(findVersion('cargo 1.95.0 (f2d3ce0bd 2026-03-21)')).toBe('1.95.0');
  expect(findVersion('go version go1.26.8 linux/amd64')).toBe('1.26.8');
  expect(findVersion('Python 3.14')).toBe('3.14');
  expect(findVersion('none')).toBeUndefined();
  expect(Math.sign(compareVersions('1.10', '1.9.5'))).toBe(1);
  expect(Math.sign(compareVersions('1.9', '1.9.0'))).toBe(0);
  expect(Math.sign(compareVersions('2.2.5', '2.34'))).toBe(-1);
});
