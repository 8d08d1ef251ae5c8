import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runtimeError } from './errors.ts';

/**
 * Called with the event and the context, and before Node 24 also with a callback. A streaming handler gets a stream as
 * its second argument.
 */
export type Handler = (event: unknown, ...rest: unknown[]) => unknown;

/** `folder/module.nested.name`: the module's name has no dot, the handler's name may have one. */
const HANDLER = /^([^.]*)\.(.*)$/;

/**
 * Loads `handler` below `taskRoot` as Lambda's Node runtime does: `module.name`, which may have folders in front and
 * nested names at the end. It tries `.js` (as the nearest package.json says), `.mjs`, `.cjs`, then Node's own
 * resolution.
 * @throws an error named `Runtime.…`, or what the module threw
 */
export async function loadHandler(taskRoot: string, handler: string): Promise<Handler> {
  if (handler.includes('..')) {
    throw runtimeError(
      'Runtime.MalformedHandlerName',
      `'${handler}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const last = basename(handler);
  const match = HANDLER.exec(last);
  if (match === null) throw runtimeError('Runtime.MalformedHandlerName', 'Bad handler');
  const folder = handler.slice(0, handler.indexOf(last));
  const loaded = await loadModule(taskRoot, folder, match[1] ?? '');
  const name = match[2] ?? '';
  const found = memberOf(loaded, name) ?? memberOf(memberOf(loaded, 'default'), name);
  if (found === undefined || found === null) {
    throw runtimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  }
  if (!isFunction(found)) throw runtimeError('Runtime.HandlerNotFound', `${handler} is not a function`);
  return found;
}

async function loadModule(taskRoot: string, folder: string, name: string): Promise<unknown> {
  try {
    return await importModule(taskRoot, folder, name);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw runtimeError('Runtime.UserCodeSyntaxError', String(error), error.stack);
    }
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') {
      throw runtimeError('Runtime.ImportModuleError', String(error));
    }
    throw error;
  }
}

async function importModule(taskRoot: string, folder: string, name: string): Promise<unknown> {
  const path = resolve(taskRoot, folder, name);
  const require = createRequire(join(taskRoot, 'noop.js'));
  if (existsSync(path)) return require(path);
  const isModule = isInModulePackage(path);
  if (existsSync(`${path}.js`)) {
    return isModule ? import(pathToFileURL(`${path}.js`).href) : require(`${path}.js`);
  }
  if (existsSync(`${path}.mjs`)) return import(pathToFileURL(`${path}.mjs`).href);
  if (existsSync(`${path}.cjs`)) return require(`${path}.cjs`);
  return require(require.resolve(name, { paths: [taskRoot, resolve(taskRoot, folder)] }));
}

/** Whether the nearest package.json in this or a higher folder says `"type": "module"`. */
function isInModulePackage(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (basename(folder) === 'node_modules') return false;
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
      return memberOf(parsed, 'type') === 'module';
    }
    if (dirname(folder) === folder) return false;
  }
}

function memberOf(value: unknown, path: string): unknown {
  let found = value;
  for (const key of path.split('.')) {
    if (found === null || (typeof found !== 'object' && typeof found !== 'function')) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}

function isFunction(value: unknown): value is Handler {
  return typeof value === 'function';
}
