import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  BOTO3_VERSION,
  type PythonHost,
  preparePython,
  type RunResult,
  userCacheDir,
} from '../../../src/local/sandboxes/python-interpreter.ts';

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'shedbench-python-'));
});
afterEach(() => rm(cacheDir, { recursive: true, force: true }));

const FAILED: RunResult = { ok: false, stdout: '', lastLine: 'not found' };

function says(path: string, version: string, boto3: string | null): RunResult {
  return { ok: true, stdout: `${JSON.stringify({ path, version, boto3 })}\n`, lastLine: '' };
}

interface Script {
  /** What probing a command says; absent ones are not in PATH. */
  readonly probes?: Record<string, RunResult>;
  readonly steps?: (command: string, args: readonly string[]) => RunResult | Promise<RunResult>;
  readonly isAlive?: (pid: number) => boolean;
  readonly onSleep?: () => Promise<void>;
}

function host(script: Script): { host: PythonHost; ran: string[]; envs: NodeJS.ProcessEnv[] } {
  const ran: string[] = [];
  const envs: NodeJS.ProcessEnv[] = [];
  return {
    ran,
    envs,
    host: {
      env: { PATH: '/usr/bin', PYTHONPATH: '/home/me/lib', PIP_INDEX_URL: 'https://pip.example/simple' },
      cacheDir,
      pid: 4711,
      run: async (command, args, { env }) => {
        envs.push(env);
        if (args[1] === '-c') return script.probes?.[command] ?? FAILED;
        if (args[1] === 'venv') await mkdir(args[2] ?? '', { recursive: true });
        ran.push([command, ...args].join(' ').replaceAll(cacheDir, '<cache>'));
        return script.steps?.(command, args) ?? { ok: true, stdout: '', lastLine: '' };
      },
      sleep: () => script.onSleep?.() ?? Promise.resolve(),
      isAlive: script.isAlive ?? (() => false),
    },
  };
}

const progress: string[] = [];
beforeEach(() => {
  progress.length = 0;
});
const tell = (detail: string): void => {
  progress.push(detail.replaceAll(cacheDir, '<cache>'));
};

describe('the Python that runs functions', () => {
  test('the Python of functions is the one of just that version, if it has boto3', async () => {
    const { host: it, ran } = host({
      probes: {
        'python3.13': says('/opt/py313/bin/python3.13', '3.13.1', '1.40.1'),
        python3: says('/usr/bin/python3', '3.11.7', '1.40.1'),
      },
    });
    expect(await preparePython('python3.13', it, tell)).toEqual({
      lambdaRuntime: 'python3.13',
      version: '3.13.1',
      path: '/opt/py313/bin/python3.13',
      sdk: 'boto3 1.40.1',
    });
    expect(ran).toEqual([]);
    expect(progress).toEqual([]);
  });

  test('any python3 with boto3 is used if that version is missing', async () => {
    const { host: it } = host({
      probes: {
        'python3.13': says('/opt/py313/bin/python3.13', '3.13.1', null),
        python3: says('/usr/bin/python3', '3.11.7', '1.40.1'),
      },
    });
    expect(await preparePython('python3.13', it, tell)).toMatchObject({
      version: '3.11.7',
      path: '/usr/bin/python3',
    });
  });

  test("the Python of functions is looked for without the user's own Python settings", async () => {
    const { host: it, envs } = host({ probes: { python3: says('/usr/bin/python3', '3.11.7', '1.0') } });
    await preparePython('python3.13', it, tell);
    for (const env of envs) expect(env).not.toHaveProperty('PYTHONPATH');
  });

  test('a virtual environment with boto3 is made once, with progress, if no Python has it', async () => {
    const { host: it, ran, envs } = host({ probes: { python3: says('/usr/bin/python3', '3.11.7', null) } });
    const expected = {
      lambdaRuntime: 'python3.13',
      version: '3.11.7',
      path: join(cacheDir, `python-3.11.7-boto3-${BOTO3_VERSION}`, 'bin', 'python3'),
      sdk: `boto3 ${BOTO3_VERSION}`,
    };
    expect(await preparePython('python3.13', it, tell)).toEqual(expected);
    const folder = `<cache>/python-3.11.7-boto3-${BOTO3_VERSION}`;
    expect(ran).toEqual([
      `/usr/bin/python3 -m venv ${folder}`,
      `${folder}/bin/python3 -m pip install --disable-pip-version-check --no-input --require-hashes --only-binary=:all: --requirement ${folder}/requirements.txt`,
    ]);
    const requirements = await readFile(
      join(cacheDir, `python-3.11.7-boto3-${BOTO3_VERSION}`, 'requirements.txt'),
      'utf8',
    );
    // With --require-hashes, pip refuses every package that is not in this list with its hash.
    expect(requirements).toContain(`boto3==${BOTO3_VERSION} --hash=sha256:`);
    for (const line of requirements.trim().split('\n')) {
      expect(line).toMatch(/^[a-z0-9-]+==\S+( ; python_version (<|>=) "3\.10")? --hash=sha256:[0-9a-f]{64}$/);
    }
    expect(progress).toEqual([
      `making a Python 3.11.7 environment in ${folder}`,
      `installing boto3 ${BOTO3_VERSION} into it`,
    ]);
    // pip's own settings stay.
    expect(envs.at(-1)).toHaveProperty('PIP_INDEX_URL');
    await expect(stat(join(cacheDir, `python-3.11.7-boto3-${BOTO3_VERSION}.lock`))).rejects.toThrow();

    expect(await preparePython('python3.14', it, tell)).toMatchObject({ path: expected.path });
    expect(ran).toHaveLength(2);
  });

  test('the Python of functions is refused where there is none, with what to do', async () => {
    await expect(preparePython('python3.13', host({}).host, tell)).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message:
        "The local cloud can't run python3.13: no python3 from 3.9 on is in PATH; install Python, or deploy without this runtime",
    });
  });

  test.each(['2.7.18', '3.8.20'])('the Python of functions is refused where it is %s', async (version) => {
    const { host: it } = host({ probes: { python3: says('/usr/bin/python3', version, '1.0') } });
    await expect(preparePython('python3.13', it, tell)).rejects.toMatchObject({
      message: expect.stringContaining('no python3 from 3.9 on'),
    });
  });

  test('the Python of functions is refused where the installation fails, with what pip said last, and the lock is gone', async () => {
    const { host: it } = host({
      probes: { python3: says('/usr/bin/python3', '3.11.7', null) },
      steps: (_command, args) =>
        args.includes('pip')
          ? { ok: false, stdout: '', lastLine: 'ERROR: No matching distribution found' }
          : { ok: true, stdout: '', lastLine: '' },
    });
    await expect(preparePython('python3.13', it, tell)).rejects.toMatchObject({
      message:
        "The local cloud can't run python3.13: pip install boto3 failed: ERROR: No matching distribution found",
    });
    await expect(stat(join(cacheDir, `python-3.11.7-boto3-${BOTO3_VERSION}.lock`))).rejects.toThrow();
  });
});

describe('two that make the environment at once', () => {
  const LOCK = `python-3.11.7-boto3-${BOTO3_VERSION}.lock`;
  const FAILING: Script = {
    probes: { python3: says('/usr/bin/python3', '3.11.7', null) },
    steps: () => ({ ok: false, stdout: '', lastLine: 'stopped here' }),
  };

  test('two that make the environment at once take turns: the second waits while the first lives', async () => {
    await writeFile(join(cacheDir, LOCK), '99');
    let naps = 0;
    const { host: it } = host({
      ...FAILING,
      isAlive: (pid) => pid === 99,
      onSleep: async () => {
        naps += 1;
        if (naps === 3) await rm(join(cacheDir, LOCK));
      },
    });
    await expect(preparePython('python3.13', it, tell)).rejects.toThrow('stopped here');
    expect(naps).toBe(3);
    expect(progress[0]).toBe('waiting for another shedbench that is creating the Python environment');
    expect(progress.filter((line) => line.startsWith('waiting'))).toHaveLength(1);
  });

  test('a lock whose holder died is taken over', async () => {
    await writeFile(join(cacheDir, LOCK), '99');
    let held = '';
    const { host: it } = host({
      ...FAILING,
      steps: async () => {
        held = await readFile(join(cacheDir, LOCK), 'utf8');
        return { ok: false, stdout: '', lastLine: 'stopped here' };
      },
    });
    await expect(preparePython('python3.13', it, tell)).rejects.toThrow('stopped here');
    expect(held).toBe('4711');
  });
});

describe('the cache folder', () => {
  test.each([
    ['linux', {}, '/home/me/.cache/shedbench'],
    ['linux', { XDG_CACHE_HOME: '/var/cache/me' }, '/var/cache/me/shedbench'],
    ['linux', { XDG_CACHE_HOME: 'relative' }, '/home/me/.cache/shedbench'],
    ['darwin', {}, '/home/me/Library/Caches/shedbench'],
  ])('the cache folder on %s with %j is %s', (platform, env, expected) => {
    expect(userCacheDir(platform, env, '/home/me')).toBe(expected);
  });
});
