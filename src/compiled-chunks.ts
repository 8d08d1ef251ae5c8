import { mkdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';

/** The folder of the cache, below the folder of the package. */
const CACHE_FOLDER = '.cache';

interface Chunk {
  readonly script: vm.Script;
  readonly name: string;
}

/** A chunk's `module`. The build turns `import.meta.url` into `module.url`. */
interface ChunkModule {
  exports: unknown;
  readonly url: string;
}

type Require = (id: string) => unknown;

type ChunkFunction = (exports: unknown, require: Require, module: ChunkModule) => void;

/**
 * Runs a program that the build split into chunks, and keeps what V8 compiled of them for its next start.
 *
 * Compiling the modules takes a quarter to a half of the processor time of a short command (docs/performance.md). Node 20
 * has no cache for compiled modules. The cache lies in the folder of the package and is removed together with it. A chunk's name
 * contains a hash of its content, so compiled code never belongs to another version of a chunk.
 *
 * Compiled code is valid for one version and one set of flags of V8, which have a number: its tag. Each tag has a folder
 * of its own. A program that changes V8's flags for its whole life has to restore them in a listener of `exit` that it
 * puts before the others. Then what was compiled with them is kept before that, and the rest after it.
 *
 * @param dist path of the folder of the built program
 * @param name file name of the program's first chunk, in `dist`
 * @returns the exports of that chunk
 * @throws what the chunk throws, and Node's error if a chunk can't be read
 */
export function runProgram(dist: string, name: string): unknown {
  acceptCompiledModules();
  const root = dirname(dist);
  const nodeRequire = createRequire(join(dist, name));
  const modules = new Map<string, ChunkModule>();
  /** The chunks that were compiled without a valid cache, by tag. */
  const uncached = new Map<number, Chunk[]>();

  function load(path: string): unknown {
    const known = modules.get(path);
    if (known !== undefined) return known.exports;
    const module: ChunkModule = {
      exports: {},
      get url() {
        return pathToFileURL(path).href;
      },
    };
    modules.set(path, module);
    const require: Require = (id) =>
      id.startsWith('.') ? load(join(dirname(path), id)) : (nodeRequire(id) as unknown);
    try {
      compile(path)(module.exports, require, module);
    } catch (error) {
      modules.delete(path);
      throw error;
    }
    return module.exports;
  }

  function compile(path: string): ChunkFunction {
    const text = `(function (exports, require, module) {${readFileSync(path, 'utf8')}\n})`;
    const tag = v8.cachedDataVersionTag();
    let chunks = uncached.get(tag);
    if (chunks === undefined) {
      chunks = [];
      uncached.set(tag, chunks);
      process.prependOnceListener('exit', keepCompiled);
    }
    const name = path.slice(dist.length + 1).replaceAll('/', '-');
    const cachedData = contentOf(cacheFile(root, tag, name));
    const script = new vm.Script(text, {
      filename: path,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    if (script.cachedDataRejected !== false) chunks.push({ script, name });
    return script.runInThisContext() as ChunkFunction;
  }

  /** Keeps what V8 has compiled until now with the flags that are set now, with which it marks the data. */
  function keepCompiled(): void {
    if (!isOwn(root)) return;
    const tag = v8.cachedDataVersionTag();
    for (const { script, name } of uncached.get(tag) ?? []) {
      if (!replaceFile(cacheFile(root, tag, name), script.createCachedData())) return;
    }
    uncached.delete(tag);
  }

  return load(join(dist, name));
}

/** The option of Node for the largest size of V8's young generation. V8 reads it only when it creates the heap. */
const HEAP_OPTION = '--max-semi-space-size=';

/**
 * Sets the flag of the heap's size back to V8's default, 0, once the heap has its size. Node contains the compiled code of
 * its own modules, but V8 accepts it only with the flags that it was compiled with, which are the defaults.
 */
function acceptCompiledModules(): void {
  if (process.execArgv.some((option) => option.startsWith(HEAP_OPTION)))
    v8.setFlagsFromString(`${HEAP_OPTION}0`);
}

/**
 * Replaces a file at once, and waits until the disk has its content, because V8 does not notice wrong bytes in it.
 * @returns false if the file could not be written. The program works without it.
 */
function replaceFile(path: string, content: Buffer): boolean {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, content, { flush: true });
    renameSync(draft, path);
    return true;
  } catch {
    removeFile(draft);
    return false;
  }
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was not written, or its folder is read-only.
  }
}

function cacheFile(root: string, tag: number, name: string): string {
  return join(root, CACHE_FOLDER, String(tag), name);
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Whether the folder belongs to the user of this process. A file of root in it could not be removed by its owner. */
function isOwn(folder: string): boolean {
  const owner = statSync(folder, { throwIfNoEntry: false })?.uid;
  return process.getuid === undefined || owner === process.getuid();
}
