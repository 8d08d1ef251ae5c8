import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type LicensedCrate, licenceSections } from '../../handlers/rust/licences.mjs';
import { hasCurrentBuild } from '../../src/deploy/artifacts/build-stamp.ts';
import { loadManifest } from '../../src/deploy/artifacts/manifest.ts';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const file = (name: string): string => readFileSync(path(name), 'utf8');

/** One text of a THIRD-PARTY-LICENSES.txt, with the lines above it that say what it is the licence of. */
interface Section {
  readonly names: readonly string[];
  readonly text: string;
}

function sectionsOf(name: string): Section[] {
  return file(name)
    .split(/\n+-{80}\n+/)
    .map((section) => {
      const [head = '', ...paragraphs] = section.split('\n\n');
      return { names: head.split('\n'), text: paragraphs.join('\n\n').trim() };
    });
}

/** The names above no text that is long enough for a licence: the shortest, ISC, has 700 characters. */
function namesWithoutText(sections: readonly Section[]): string[] {
  const named = new Set(sections.filter(({ text }) => text.length >= 500).flatMap(({ names }) => names));
  return sections.flatMap(({ names }) => names).filter((name) => !named.has(name));
}

const NPM_NAME = /^(\S+) (\d+\.\d+\.\S+) \([\w.-]+( (OR|AND) [\w.-]+)*\)$/;

describe.each([
  { published: 'dist/THIRD-PARTY-LICENSES.txt', lock: 'package-lock.json', fewest: 50 },
  {
    published: 'handlers/node/dist/THIRD-PARTY-LICENSES.txt',
    lock: 'handlers/node/package-lock.json',
    fewest: 5,
  },
])('$published', ({ published, lock, fewest }) => {
  // The first section of the program's own file is its introduction.
  const sections = sectionsOf(published).filter(({ names }) => !names[0]?.startsWith("shedbench's bundled"));
  const names = sections.flatMap((section) => section.names);

  test('every package in the file has its version, the name of its licence and the text of it', () => {
    expect(names.length).toBeGreaterThan(fewest);
    expect(names.filter((name) => !NPM_NAME.test(name))).toEqual([]);
    expect(namesWithoutText(sections)).toEqual([]);
  });

  test('every package in the file is in the lock file with this version', () => {
    const { packages } = JSON.parse(file(lock)) as {
      readonly packages: Record<string, { readonly version?: string }>;
    };
    const locked = new Set(
      Object.entries(packages).map(
        ([folder, { version }]) => `${folder.split('node_modules/').at(-1)} ${version}`,
      ),
    );
    expect(names.map((name) => name.replace(/ \(.*/, '')).filter((name) => !locked.has(name))).toEqual([]);
  });
});

/** Crates that Cargo.lock names for other systems, or for parts that the functions leave out. */
const NOT_LINKED =
  /^(bitflags|bumpalo|core-foundation|js-sys|schannel|security-framework|wasi|wasm-bindgen|windows)(-|_|$)/;

/** What the lock files of the compiled runtimes name: each line as it begins in THIRD-PARTY-LICENSES.txt. */
const LOCKED: Readonly<Record<string, () => string[]>> = {
  rust: () =>
    [...file('handlers/rust/Cargo.lock').matchAll(/^name = "(.+)"\nversion = "(.+)"\nsource/gm)]
      .filter(([, name = '']) => !NOT_LINKED.test(name))
      .map(([, name, version]) => `${name} ${version}`),
  go: () =>
    [...file('handlers/go/go.mod').matchAll(/^\t(\S+) (v\S+)/gm)].map(
      ([, name, version]) => `${name} ${version}`,
    ),
};

/** The names of the machines, e.g. `linux-arm64`, for which a runtime is built from the present sources. */
async function builtFor(label: string): Promise<string[]> {
  const folder = path(`handlers/${label}/prebuilt`);
  const manifest = loadManifest(path(`handlers/${label}/shedbench.json`));
  const machines = existsSync(folder) ? readdirSync(folder) : [];
  const isCurrent = await Promise.all(
    machines.map((machine) => {
      const [os, architecture] = machine.split(/-(.*)/) as ['linux' | 'darwin', 'arm64' | 'x86_64'];
      return hasCurrentBuild(manifest, { os, architecture });
    }),
  );
  return machines.filter((_, index) => isCurrent[index]);
}

describe.each(Object.entries(LOCKED))('the binaries of %s', async (label, locked) => {
  const machines = await builtFor(label);

  test.runIf(machines.length === 0)(
    `the licences of ${label} are left out: npm run build:${label}`,
    (context) => context.skip(),
  );

  test.each(machines)(
    `every package in the lock file of ${label} has the text of its licence in the file for %s`,
    (machine) => {
      const sections = sectionsOf(`handlers/${label}/prebuilt/${machine}/THIRD-PARTY-LICENSES.txt`);
      const listed = new Set(sections.flatMap(({ names }) => names.map((name) => name.replace(/ \(.*/, ''))));
      expect(locked().length).toBeGreaterThan(8);
      expect(locked().filter((name) => !listed.has(name))).toEqual([]);
      expect(namesWithoutText(sections)).toEqual([]);
    },
  );
});

describe('the licence of a crate', () => {
  const APACHE = 'Apache License\nVersion 2.0, January 2004\n…';
  const crate = (facts: Partial<LicensedCrate>): LicensedCrate => ({
    name: 'sheep',
    version: '1.0.0',
    license: 'MIT',
    authors: ['Dolly'],
    texts: [],
    ...facts,
  });

  test('crates with the same text share one section', () => {
    expect(
      licenceSections([crate({ texts: ['text'] }), crate({ name: 'lamb', texts: ['text', 'notice'] })]),
    ).toEqual(['sheep 1.0.0 (MIT)\nlamb 1.0.0 (MIT)\n\ntext\n', 'lamb 1.0.0 (MIT)\n\nnotice\n']);
  });

  test('a crate without a licence file has the text of MIT with its authors, where it may be used by MIT', () => {
    for (const license of ['MIT', 'Apache-2.0 OR MIT', 'MIT/Apache-2.0']) {
      expect(licenceSections([crate({ license })])[0]).toMatch(
        /^sheep 1\.0\.0 \(.*\)\n\nCopyright \(c\) Dolly\n\nPermission is hereby granted/,
      );
    }
    expect(licenceSections([crate({ authors: [], repository: 'farm' })])[0]).toContain(
      'Copyright (c) the authors of farm\n',
    );
  });

  test('a crate without a licence file has the text of Apache-2.0 that another crate brings', () => {
    const sections = licenceSections([
      crate({ license: 'Apache-2.0' }),
      crate({ name: 'lamb', texts: [APACHE] }),
    ]);
    expect(sections).toEqual([`sheep 1.0.0 (Apache-2.0)\nlamb 1.0.0 (MIT)\n\n${APACHE}\n`]);
  });

  test('a crate without a licence file fails the build where the text of its licence is not known', () => {
    const problem = /^sheep is linked, and no text of its licence \(/;
    expect(() => licenceSections([crate({ license: 'ISC' })])).toThrow(problem);
    expect(() => licenceSections([crate({ license: 'Apache-2.0' })])).toThrow(problem);
    expect(() => licenceSections([crate({ license: null })])).toThrow(problem);
  });
});
