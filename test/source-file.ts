import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

// A static import would load all of Vite in every process that runs tests, because they are one bundle.
const { parseAst } = await import('vitest/node');

/** One place where a file names another module. */
export interface Import {
  /** The module's name as it is written: `../errors.ts`, `node:path`, `valibot`. Undefined: it is computed. */
  readonly specifier: string | undefined;
  /** Whether it is an `import()`, which loads the module when the code runs. */
  readonly isDynamic: boolean;
  /** Whether the whole statement is `import type` or `export type`, or it is the `import()` of a type. */
  readonly isType: boolean;
}

/** A file of TypeScript, parsed. */
export interface SourceFile {
  /** From the root of the repository, with `/`: `src/model/run.ts`. */
  readonly path: string;
  readonly imports: readonly Import[];
  /** Every other text in the code, and every fixed part of a template. */
  readonly texts: readonly string[];
  /** The titles of `test.each(…)(title, …)`. */
  readonly titlesOfTables: readonly string[];
}

/** A node of the syntax tree. Its other fields depend on its type. */
interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

const ROOT = join(fileURLToPath(import.meta.url), '../..');

/**
 * Every file of TypeScript or JavaScript below a folder of the repository.
 * @param isWanted whether a file with this text is parsed; by default every file
 */
export function sourcesBelow(folder: string, isWanted: (text: string) => boolean = () => true): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      const text = readFileSync(path, 'utf8');
      return isWanted(text) ? [parseSource(relative(ROOT, path).split(sep).join('/'), text)] : [];
    });
}

/** Parses a file's text. Throws for a syntax error. */
export function parseSource(path: string, text: string): SourceFile {
  const imports: Import[] = [];
  const texts: string[] = [];
  const titlesOfTables: string[] = [];
  const specifiers = new Set<unknown>();
  for (const node of nodesOf(parseAst(text, { lang: path.endsWith('x') ? 'tsx' : 'ts' }))) {
    const named = namedModule(node);
    if (isNode(named)) {
      imports.push({
        specifier: textOf(named),
        isDynamic: node.type === 'ImportExpression',
        isType: node.importKind === 'type' || node.exportKind === 'type' || node.type === 'TSImportType',
      });
      for (const part of nodesOf(named)) specifiers.add(part);
    }
    const [title] = isTable(node) ? (node.arguments as readonly unknown[]) : [];
    if (isNode(title)) titlesOfTables.push(textOf(title) ?? '');
    if (specifiers.has(node)) continue;
    if (node.type === 'TemplateElement') texts.push((node.value as { readonly cooked: string }).cooked);
    else if (node.type === 'Literal' && typeof node.value === 'string') texts.push(node.value);
  }
  return { path, imports, texts, titlesOfTables };
}

/** The part of an import or export that names the module; of `require(…)` and `require.resolve(…)` the argument. */
function namedModule(node: Node): unknown {
  if (/^(Import|Export|TSImportType)/.test(node.type)) return node.source;
  if (node.type === 'TSExternalModuleReference') return node.expression;
  if (node.type !== 'CallExpression' || !isNode(node.callee)) return undefined;
  const callee = node.callee.type === 'MemberExpression' ? node.callee.object : node.callee;
  return isNode(callee) && callee.name === 'require' ? (node.arguments as readonly unknown[])[0] : undefined;
}

/** Whether a call is `test.each(…)(…)` or `it.each(…)(…)`. */
function isTable(node: Node): boolean {
  if (node.type !== 'CallExpression' || !isNode(node.callee) || node.callee.type !== 'CallExpression')
    return false;
  const each = node.callee.callee;
  if (!isNode(each) || !isNode(each.property) || each.property.name !== 'each') return false;
  return nodesOf(each.object).some(({ name }) => name === 'test' || name === 'it');
}

/** The value of a text, also in parentheses and of a template without expressions. */
function textOf(node: Node): string | undefined {
  if (node.type === 'ParenthesizedExpression' && isNode(node.expression)) return textOf(node.expression);
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  if (node.type !== 'TemplateLiteral') return undefined;
  const parts = (node.quasis as readonly Node[]).map(
    ({ value }) => (value as { readonly cooked: string }).cooked,
  );
  return parts.length === 1 ? parts[0] : undefined;
}

/** A node and all below it, each before its parts. */
function nodesOf(root: unknown): Node[] {
  const found: Node[] = [];
  const open = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (isNode(value)) found.push(value);
    for (const part of Object.values(value as object)) {
      if (typeof part === 'object' && part !== null) open.push(part);
    }
  }
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
