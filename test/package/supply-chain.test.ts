import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const file = (name: string): string => readFileSync(path(name), 'utf8');

interface LockEntry {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

describe.each(['package-lock.json', 'handlers/node/package-lock.json'])('%s', (name) => {
  const { packages } = JSON.parse(file(name)) as { readonly packages: Record<string, LockEntry> };
  const entries = Object.entries(packages).filter(([name, { link }]) => name !== '' && link !== true);

  test('the lock file has the integrity of every package, also of those for other platforms', () => {
    expect(entries.length).toBeGreaterThan(20);
    expect(
      entries.filter(([, { integrity }]) => !/^sha512-.{86}==$/.test(integrity ?? '')).map(([name]) => name),
    ).toEqual([]);
  });

  test('the lock file contains no download address, which would bind it to one registry', () => {
    expect(entries.filter(([, { resolved }]) => resolved !== undefined).map(([name]) => name)).toEqual([]);
  });
});

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: unknown;
  readonly needs?: unknown;
  readonly steps: readonly { readonly run?: string; readonly uses?: string }[];
}

const WORKFLOWS = [
  ...readdirSync(path('.github/workflows')).map((name) => `.github/workflows/${name}`),
  'action.yml',
  'examples/github-action/bench.yml',
];

describe('the workflows', () => {
  test.each(WORKFLOWS)('the workflow %s names the actions of others by their commit', (name) => {
    const used = [...file(name).matchAll(/^\s*(?:- )?uses: *(\S+)/gm)].map(([, action = '']) => action);
    // A release of shedbench itself is named by its version, which exists before the commit of the example.
    const isPinned = (action: string) => /@[0-9a-f]{40}$|^OWNER\/shedbench@v|^\.\//.test(action);
    expect(used.filter((action) => !isPinned(action))).toEqual([]);
  });

  test.each(WORKFLOWS.filter((name) => name.startsWith('.github')))(
    'the workflow %s may only read, unless a job has permissions of its own',
    (name) => {
      const workflow = load(file(name)) as {
        readonly permissions?: unknown;
        readonly jobs: Record<string, Job>;
      };
      expect(workflow.permissions).toEqual({ contents: 'read' });
      const own = Object.values(workflow.jobs)
        .map(({ permissions }) => permissions)
        .filter((permissions) => permissions !== undefined);
      expect(own).toEqual(name.endsWith('/release.yml') ? [{ 'id-token': 'write' }] : []);
    },
  );
});

describe('the release workflow', () => {
  const { jobs } = load(file('.github/workflows/release.yml')) as { readonly jobs: Record<string, Job> };
  const publishing = Object.values(jobs).filter(({ permissions }) => permissions?.['id-token'] === 'write');

  test('one job of the release workflow may prove its identity, in an environment of its own', () => {
    expect(publishing).toHaveLength(1);
    expect(publishing[0]).toMatchObject({ environment: expect.anything(), needs: expect.anything() });
  });

  test('the tarball that is published is packed by pack.mjs, which leaves the scripts out of its manifest', () => {
    const needed = publishing.flatMap(({ needs }) =>
      jobs[String(needs)]?.steps.flatMap(({ run }) => run ?? []),
    );
    expect(needed).toContain('node pack.mjs');
    expect(needed.filter((run) => run?.includes('npm pack'))).toEqual([]);
  });

  test('the job that may prove its identity installs, checks out and builds nothing, and publishes the tarball it is given', () => {
    const steps = publishing.flatMap((job) => job.steps);
    expect(steps.flatMap(({ uses }) => uses?.split('@')[0] ?? [])).toEqual([
      'actions/setup-node',
      'actions/download-artifact',
    ]);
    expect(steps.flatMap(({ run }) => run ?? [])).toEqual([
      'npm publish --ignore-scripts --provenance --access public ./shedbench-*.tgz',
    ]);
  });
});
