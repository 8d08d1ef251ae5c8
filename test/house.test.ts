import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/**
 * The rooms of src/ and what each may import, type-only imports included. A room is a folder of src/ or a file directly
 * below it. `errors.ts` and `model` are open to every room that names them. Where a new room or a new passage is
 * needed, change this table and docs/architecture.md together.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  // Starts each program of the package, so it is bundled by itself.
  'compiled-chunks.ts': [],
  'main.ts': ['cli', 'terminal.ts', 'interrupts.ts', 'failure.ts', 'errors.ts'],
  'terminal.ts': ['cli', 'ui', 'model'],
  'interrupts.ts': ['model', 'errors.ts'],
  'failure.ts': ['model', 'errors.ts'],
  'errors.ts': [],
  cli: ['commands', 'render', 'store', 'model', 'errors.ts'],
  commands: [
    'session',
    'deploy',
    'load',
    'report',
    'forecast',
    'contract',
    'targets',
    'store',
    'aws',
    'model',
    'errors.ts',
  ],
  session: ['deploy', 'load', 'report', 'targets', 'store', 'aws', 'model', 'errors.ts'],
  deploy: ['aws', 'store', 'model', 'errors.ts'],
  load: ['aws', 'store', 'model', 'errors.ts'],
  report: ['aws', 'store', 'model', 'errors.ts'],
  contract: ['aws', 'store', 'model', 'errors.ts'],
  targets: ['local', 'aws', 'store', 'model', 'errors.ts'],
  forecast: ['model', 'errors.ts'],
  render: ['model', 'errors.ts'],
  ui: ['model', 'errors.ts'],
  aws: ['model', 'errors.ts'],
  store: ['model', 'errors.ts'],
  model: ['errors.ts'],
  local: [],
};

/** Rooms that compute and do no input or output: they import nothing of Node. */
const WITHOUT_NODE: ReadonlySet<string> = new Set(['model', 'forecast']);

/** A file's path from the root of the repository, with `/`, and its text. */
interface Source {
  readonly path: string;
  readonly text: string;
}

const COMMENT = String.raw`/\*(?:[^*]|\*(?!/))*\*/|//[^\n]*(?=\n)`;
const GAP = `(?:\\s|${COMMENT})*`;
/** What may stand between `import` and `from`: names and comments, but no text. */
const NAMES = String.raw`(?:[^'"\`;/]|/(?![/*])|${COMMENT})*?`;

/** The specifier of every static import and export, every `import()`, `import()` type and `require()`. */
const IMPORT = new RegExp(
  `(?:^|[\\s;}])(?:import|export)\\b${NAMES}\\bfrom${GAP}['"]([^'"]+)['"]|` +
    `\\b(?:import|require)${GAP}\\(?${GAP}['"\`]([^'"\`]+)['"\`]`,
  'g',
);

/** The room of a file below src/: `model` for `src/model/run.ts`, `main.ts` for `src/main.ts`. */
function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function specifiersOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '');
}

/** One line for each import that the table does not allow. */
function forbiddenImports(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) => {
    const room = roomOf(path);
    const allowed = MAY_IMPORT[room];
    if (allowed === undefined) return [`${path}: the room ${room} is not in the table`];
    return specifiersOf(text).flatMap((specifier) => {
      if (specifier.startsWith('node:')) {
        return WITHOUT_NODE.has(room) ? [`${path}: ${room} may not import ${specifier}`] : [];
      }
      if (!specifier.startsWith('.')) return [];
      const target = normalize(join(dirname(path), specifier))
        .split(sep)
        .join('/');
      if (!target.startsWith('src/')) return [`${path}: ${specifier} leaves src/`];
      const other = roomOf(target);
      return other === room || allowed.includes(other)
        ? []
        : [`${path}: ${room} may not import ${specifier}`];
    });
  });
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function sourcesBelow(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[jt]s$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({
      path: relative(root, path).split(sep).join('/'),
      text: readFileSync(path, 'utf8'),
    }));
}

describe('the rooms of src/', () => {
  test('no file imports from a room that the table does not open to it', () => {
    expect(forbiddenImports(sourcesBelow('src'))).toEqual([]);
  });

  test('every import is seen: as many relative imports are checked as the files hold', () => {
    const sources = sourcesBelow('src');
    const seen = sources.flatMap(({ text }) => specifiersOf(text)).filter((each) => each.startsWith('.'));
    const written = sources.flatMap(({ text }) => [...text.matchAll(/(?:from |import\()['"]\.{1,2}\//g)]);
    expect(seen.length).toBeGreaterThanOrEqual(written.length);
    expect(written.length).toBeGreaterThan(1000);
  });

  test.each([
    ["import { openTerminal } from '../terminal.ts';", '../terminal.ts'],
    ["import type { Terminal } from '../terminal.ts';", '../terminal.ts'],
    ["import {\n  type Terminal,\n} from '../terminal.ts';", '../terminal.ts'],
    ["export { openTerminal } from '../terminal.ts';", '../terminal.ts'],
    ["export * from '../terminal.ts';", '../terminal.ts'],
    ["import '../terminal.ts';", '../terminal.ts'],
    ["const terminal = await import('../terminal.ts');", '../terminal.ts'],
    ["let terminal: import('../terminal.ts').Terminal;", '../terminal.ts'],
    ['const terminal = await import(`../terminal.ts`);', '../terminal.ts'],
    ["const terminal = await import(/* of the user's */ '../terminal.ts');", '../terminal.ts'],
    [
      "import {\n  // the user's\n  openTerminal,\n} from /* it's here */ '../terminal.ts';",
      '../terminal.ts',
    ],
    ["import terminal = require('../terminal.ts');", '../terminal.ts'],
    ["import { join } from 'node:path';", 'node:path'],
  ])('a forbidden import planted in model is found: %s', (text, specifier) => {
    expect(forbiddenImports([{ path: 'src/model/planted.ts', text }])).toEqual([
      `src/model/planted.ts: model may not import ${specifier}`,
    ]);
  });

  test('a folder that the table does not name is refused', () => {
    expect(forbiddenImports([{ path: 'src/attic/trunk.ts', text: '' }])).toEqual([
      'src/attic/trunk.ts: the room attic is not in the table',
    ]);
  });

  test('src/commands has one file for each verb, and the other parts of a verb are in a folder of its name', () => {
    const verbs = readdirSync(join(root, 'src/cli/verbs'));
    const entries = readdirSync(join(root, 'src/commands'), { withFileTypes: true });
    const unknown = entries.filter(
      (entry) => !verbs.includes(entry.isDirectory() ? `${entry.name}.ts` : entry.name),
    );
    expect(unknown.map(({ name }) => name)).toEqual([]);
  });

  test('no room but store builds a path into .shedbench/', () => {
    const building = sourcesBelow('src').filter(({ text }) => /\bjoin\([^)]*['"]\.shedbench['"]/.test(text));
    expect(new Set(building.map(({ path }) => roomOf(path)))).toEqual(new Set(['store']));
  });

  test('no package of the AWS SDK is loaded by import(), which would put all of its code into the program', () => {
    // `src/aws/sdk/` has a module for each service, from which the build removes what nothing uses.
    const loading = sourcesBelow('src').filter(({ text }) => /\bimport\(\s*['"`]@/.test(text));
    expect(loading.map(({ path }) => path)).toEqual([]);
  });

  test('nothing imports the local cloud but targets', () => {
    const open = Object.entries(MAY_IMPORT).filter(([, rooms]) => rooms.includes('local'));
    expect(open.map(([room]) => room)).toEqual(['targets']);
  });

  test('targets imports the types of the start protocol, and nothing else of the local cloud', () => {
    const imported = sourcesBelow('src/targets').flatMap(({ text }) =>
      text.split('\n').filter((line) => /['"]\.\.\/local\//.test(line)),
    );
    expect(imported.length).toBeGreaterThan(0);
    expect(
      imported.filter((line) => !/^import type .* from '\.\.\/local\/start-protocol\.ts';$/.test(line)),
    ).toEqual([]);
  });

  test('the table has no way back: what a room may import never leads to the room again', () => {
    const reachable = (room: string): ReadonlySet<string> => {
      const seen = new Set<string>();
      const open = [...(MAY_IMPORT[room] ?? [])];
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        if (seen.has(next)) continue;
        seen.add(next);
        open.push(...(MAY_IMPORT[next] ?? []));
      }
      return seen;
    };
    expect(Object.keys(MAY_IMPORT).filter((room) => reachable(room).has(room))).toEqual([]);
  });
});
