import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>;
}

function lock(path: string): Lock['packages'] {
  return (JSON.parse(readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8')) as Lock).packages;
}

test('handlers/node is built from the same versions by its own lockfile and by the root’s', () => {
  const root = lock('../../../package-lock.json');
  const own = lock('../../../handlers/node/package-lock.json');
  const names = Object.keys(own).filter((name) => name !== '');
  expect(names).toContain('node_modules/@aws-sdk/client-dynamodb');
  const versions = (packages: Lock['packages']): Record<string, string | undefined> =>
    Object.fromEntries(names.map((name) => [name, packages[name]?.version]));
  expect(versions(own)).toEqual(versions(root));
});
