import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { discoverRuntimes } from '../../../src/deploy/artifacts/discover-runtimes.ts';
import { parseLambdaRuntimes } from '../../../src/deploy/artifacts/lambda-runtimes.ts';
import { packageRoot } from '../../../src/deploy/artifacts/package-root.ts';

const builtinDir = join(packageRoot(), 'handlers');

function discovered(...texts: readonly string[]) {
  return discoverRuntimes({ builtinDir, extraDirs: [], lambdaRuntimes: parseLambdaRuntimes(texts) });
}

describe('versions of a Lambda runtime side by side', () => {
  test('each version gets a label with the version and the same sources, and the versions are builds held against each other', () => {
    const { runtimes, buildSets } = discovered('node=nodejs22.x,nodejs24.x');
    expect(runtimes.get('node22')).toMatchObject({ lambdaRuntime: 'nodejs22.x', label: 'node22' });
    expect(runtimes.get('node24')?.folder).toBe(runtimes.get('node')?.folder);
    expect(buildSets).toEqual([{ label: 'node', members: ['node22', 'node24'] }]);
  });

  test('versions of a Lambda runtime have no dots in their labels, and a preview is a version like others', () => {
    const { runtimes } = discovered('python=python3.13,python3.15', 'node=nodejs26.x');
    expect([...runtimes.keys()]).toEqual(expect.arrayContaining(['python313', 'python315', 'node26']));
  });

  test('versions of a Lambda runtime of an unknown runtime are refused with those that are known', () => {
    expect(() => discovered('deno=deno2.x')).toThrow(/There is no runtime "deno"; known are /);
  });

  test('versions of a Lambda runtime of another language than the runtime is written in are refused', () => {
    expect(() => discovered('node=python3.14')).toThrow(
      'python3.14 does not run the runtime "node", which is written for nodejs',
    );
  });

  test.each(['nodejs22.x', 'node=', '=nodejs22.x', 'node=22', 'node=nodejs22.x=x'])(
    "'%s' is refused, with the form that is meant",
    (text) => {
      expect(() => parseLambdaRuntimes([text])).toThrow(
        /^--lambda-runtime takes a runtime and Lambda's identifiers/,
      );
    },
  );
});
