import { existsSync, readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Import, parseSource, type SourceFile, sourcesBelow } from './source-file.ts';

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
    'spacing',
    'store',
    'aws',
    'model',
    'errors.ts',
  ],
  session: ['deploy', 'load', 'report', 'targets', 'store', 'aws', 'model', 'errors.ts'],
  deploy: ['aws', 'store', 'model', 'errors.ts'],
  load: ['spacing', 'aws', 'store', 'model', 'errors.ts'],
  report: ['aws', 'store', 'model', 'errors.ts'],
  contract: ['spacing', 'aws', 'store', 'model', 'errors.ts'],
  spacing: ['store', 'model', 'errors.ts'],
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

/** The npm packages of each room, `@scope` for all of a scope. The other rooms import none. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  cli: ['commander'],
  ui: ['ora'],
  render: ['cli-table3', 'uplot'],
  store: ['valibot'],
  aws: ['@aws-sdk', '@smithy', 'agent-base', 'http-proxy-agent', 'https-proxy-agent', 'proxy-from-env'],
  deploy: ['@aws-sdk', 'p-limit', 'yazl'],
  load: ['@aws-sdk', 'js-yaml', 'valibot'],
  report: ['@aws-sdk', 'p-limit'],
  contract: ['@aws-sdk'],
  local: ['dynalite', 'js-yaml', 'yauzl', 'yazl'],
};

/** The only files that load modules whose paths they compute: chunks of the build, and a user's function. */
const LOADS_BY_PATH: ReadonlySet<string> = new Set([
  'src/compiled-chunks.ts',
  'src/local/sandboxes/node-bootstrap/load-handler.ts',
]);

const root = join(fileURLToPath(import.meta.url), '../..');

/** The room of a file below src/: `model` for `src/model/run.ts`, `main.ts` for `src/main.ts`. */
function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

/** The path from the root of the repository to which a relative specifier leads, without a query like `?raw`. */
function targetOf(path: string, specifier: string): string {
  return join(dirname(path), specifier.replace(/\?.*/, ''));
}

function isAllowed(room: string, target: string): boolean {
  const other = roomOf(target);
  return other === room || MAY_IMPORT[room]?.includes(other) === true;
}

/** Why a file may not import a module. Undefined: it may. */
function refusal(path: string, { specifier }: Import): string | undefined {
  const room = roomOf(path);
  if (specifier === undefined) {
    return LOADS_BY_PATH.has(path) ? undefined : `${path}: the path of an import is computed`;
  }
  if (/^\.\.?(\/|$)/.test(specifier)) {
    const target = targetOf(path, specifier);
    if (!target.startsWith('src/')) return `${path}: ${specifier} leaves src/`;
    return isAllowed(room, target) ? undefined : `${path}: ${room} may not import ${specifier}`;
  }
  const [scope = '', name = ''] = specifier.split('/');
  const packages = PACKAGES[room] ?? [];
  const mayImport = isBuiltin(specifier)
    ? !WITHOUT_NODE.has(room) && (!/^(node:)?module$/.test(specifier) || LOADS_BY_PATH.has(path))
    : packages.includes(scope) || packages.includes(`${scope}/${name}`);
  return mayImport ? undefined : `${path}: ${room} may not import ${specifier}`;
}

/** One line for each import that the table does not allow, and for each text that is the path of such a module. */
function forbiddenImports(sources: readonly SourceFile[]): string[] {
  return sources.flatMap(({ path, imports, texts }) => {
    const room = roomOf(path);
    if (MAY_IMPORT[room] === undefined) return [`${path}: the room ${room} is not in the table`];
    // A path may be given to `new URL`, `require.resolve` or a function that loads a module.
    const named = texts
      .filter((text) => /^\.\.?\//.test(text))
      .filter((text) => !isAllowed(room, targetOf(path, text)) && isSource(targetOf(path, text)));
    return [
      ...imports.flatMap((each) => refusal(path, each) ?? []),
      ...named.map((text) => `${path}: ${room} may not name ${text}`),
    ];
  });
}

/** Whether a path leads to a file of src/, also if it names the file without its end, or as JavaScript. */
function isSource(target: string): boolean {
  const plain = target.replace(/\.[cm]?[jt]sx?$/, '');
  return target.startsWith('src/') && [target, `${plain}.ts`].some((path) => existsSync(join(root, path)));
}

const SOURCES = sourcesBelow('src');

describe('the rooms of src/', () => {
  test('no file imports from a room or a package that the tables do not open to it', () => {
    expect(forbiddenImports(SOURCES)).toEqual([]);
  });

  test('the files of src/ and their imports are read', () => {
    const relative = SOURCES.flatMap(({ imports }) => imports).filter(({ specifier }) =>
      specifier?.startsWith('.'),
    );
    expect(SOURCES.length).toBeGreaterThan(700);
    expect(relative.length).toBeGreaterThan(2000);
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
    ["import { 'a-b' as x } from '../terminal.ts';", '../terminal.ts'],
    ["/* c */import { x } from '../terminal.ts';", '../terminal.ts'],
    ["const terminal = import(('../terminal.ts'));", '../terminal.ts'],
    ["const path = require.resolve('../terminal.ts');", '../terminal.ts'],
    ["import { join } from 'node:path';", 'node:path'],
    ["import { join } from 'path';", 'path'],
    ["import { object } from 'valibot';", 'valibot'],
    ["import { x } from '/srv/terminal.ts';", '/srv/terminal.ts'],
    ["import { x } from 'file:///srv/terminal.ts';", 'file:///srv/terminal.ts'],
  ])('a forbidden import planted in model is found: %s', (text, specifier) => {
    expect(forbiddenImports([parseSource('src/model/planted.ts', text)])).toEqual([
      `src/model/planted.ts: model may not import ${specifier}`,
    ]);
  });

  test.each([
    "const load = loaderOf(thisFile); load('../terminal.ts');",
    "const url = new URL('../terminal.ts', thisFile);",
    'const path = join(here, `../terminal.js`);',
  ])('the path of a forbidden module planted in model is found: %s', (text) => {
    expect(forbiddenImports([parseSource('src/model/planted.ts', text)])).toEqual([
      expect.stringMatching(/^src\/model\/planted\.ts: model may not name \.\.\/terminal\.[jt]s$/),
    ]);
  });

  test.each([
    ['const x = await import(name);', 'src/ui/planted.ts: the path of an import is computed'],
    ["const x = await import('../' + room);", 'src/ui/planted.ts: the path of an import is computed'],
    ["import { createRequire as r } from 'node:module';", 'src/ui/planted.ts: ui may not import node:module'],
    ["import { x } from '../../test/at-hand.ts';", 'src/ui/planted.ts: ../../test/at-hand.ts leaves src/'],
  ])('a way around the table planted in ui is found: %s', (text, line) => {
    expect(forbiddenImports([parseSource('src/ui/planted.ts', text)])).toEqual([line]);
  });

  test('a folder that the table does not name is refused', () => {
    expect(forbiddenImports([parseSource('src/attic/trunk.ts', '')])).toEqual([
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

  /** Whether a text is `.shedbench` or a path with it. A message that names the folder inside a sentence is not. */
  const namesFolder = ({ texts }: SourceFile): boolean =>
    texts.some((text) => /(^|[/\\])\.shedbench([/\\]|$)/.test(text));

  test('no room but store builds a path into .shedbench/', () => {
    // errors.ts only looks whether the path of an error of the system is in that folder.
    const rooms = new Set(SOURCES.filter(namesFolder).map(({ path }) => roomOf(path)));
    expect([...rooms].sort()).toEqual(['errors.ts', 'store']);
  });

  test('no room but store names a file or a folder in .shedbench/, not even in a message', () => {
    const naming = SOURCES.filter(({ texts }) => texts.some((text) => /\.shedbench[/\\]\w/.test(text)));
    expect(naming.map(({ path }) => path).filter((path) => roomOf(path) !== 'store')).toEqual([]);
  });

  test.each([
    "join(cwd, '.shedbench')",
    "join(dirname(path), '.shedbench', 'runs')",
    "resolve(cwd, '.shedbench/runs')",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the planted code
    '`${cwd}/.shedbench/runs`',
  ])('a path into .shedbench/ is found: %s', (text) => {
    expect(namesFolder(parseSource('src/ui/planted.ts', text))).toBe(true);
  });

  test('no package of the AWS SDK is loaded by import(), which would put all of its code into the program', () => {
    // `src/aws/sdk/` has a module for each service, from which the build removes what nothing uses.
    const loading = SOURCES.filter(({ imports }) =>
      imports.some(({ specifier, isDynamic }) => isDynamic && specifier?.startsWith('@')),
    );
    expect(loading.map(({ path }) => path)).toEqual([]);
  });

  test('nothing imports the local cloud but targets', () => {
    const open = Object.entries(MAY_IMPORT).filter(([, rooms]) => rooms.includes('local'));
    expect(open.map(([room]) => room)).toEqual(['targets']);
  });

  /** What targets imports of the local cloud, apart from the types of the start protocol. */
  const beyondProtocol = ({ path, imports }: SourceFile): readonly (string | undefined)[] =>
    imports
      .filter(({ specifier }) => specifier !== undefined && targetOf(path, specifier).startsWith('src/local'))
      .filter(({ specifier, isType }) => !isType || !specifier?.endsWith('../local/start-protocol.ts'))
      .map(({ specifier }) => specifier);

  test('targets imports the types of the start protocol, and nothing else of the local cloud', () => {
    const targets = SOURCES.filter(({ path }) => roomOf(path) === 'targets');
    const imported = targets.flatMap(({ imports }) => imports.map(({ specifier }) => specifier));
    expect(imported).toContain('../local/start-protocol.ts');
    expect(targets.flatMap(beyondProtocol)).toEqual([]);
  });

  test.each([
    "import { PROTOCOL } from '../local/start-protocol.ts';",
    'const local = await import(`../local/start-protocol.ts`);',
    "import type { Cloud } from '../local/cloud.ts';",
  ])('an import of the local cloud planted in targets is found: %s', (text) => {
    expect(beyondProtocol(parseSource('src/targets/planted.ts', text))).toHaveLength(1);
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

describe('the titles of tests', () => {
  test('the title of a table of tests states a rule, not only the name of the case', () => {
    // Half of the files have no table, and parsing is most of this test's time.
    const withTables = sourcesBelow('test', (text) => text.includes('.each'));
    const tables = withTables.flatMap(({ path, titlesOfTables }) =>
      titlesOfTables.map((title) => `${path}: ${title}`),
    );
    expect(tables.length).toBeGreaterThan(200);
    // Titles of data-loss.test.ts are whole sentences in its table.
    const bare = tables.filter((line) => /^\S+: [%$][\w.]+$/.test(line));
    expect(bare).toEqual(['test/deploy/stacks/data-loss.test.ts: %s']);
  });
});
