import { prepareJava } from './java-interpreter.ts';
import { type PythonHost, preparePython, unusable } from './python-interpreter.ts';
import { type Interpreter, needsSameInterpreter, type RuntimeFamily } from './runtimes.ts';

/** The interpreters for Lambda's runtime identifiers. Each is searched when a function first needs it. */
export class Interpreters {
  readonly #host: PythonHost;
  readonly #known = new Map<string, Promise<Interpreter>>();
  readonly #ready = new Map<string, Interpreter>();

  constructor(host: PythonHost) {
    this.#host = host;
  }

  /**
   * Returns the interpreter of a runtime. The first call searches and prepares it; calls meanwhile share the result.
   * @throws ServiceError if the machine has none; the next call searches again
   */
  async prepare(
    lambdaRuntime: string,
    family: RuntimeFamily,
    onProgress: (detail: string) => void,
  ): Promise<Interpreter> {
    let pending = this.#known.get(lambdaRuntime);
    if (pending === undefined) {
      pending = find(lambdaRuntime, family, this.#host, onProgress);
      this.#known.set(lambdaRuntime, pending);
    }
    try {
      const interpreter = await pending;
      // The program of a provided runtime belongs to the function, so there is no interpreter.
      if (family !== 'provided') this.#ready.set(lambdaRuntime, interpreter);
      return interpreter;
    } catch (error) {
      if (this.#known.get(lambdaRuntime) === pending) this.#known.delete(lambdaRuntime);
      throw error;
    }
  }

  /** The interpreters in use, sorted by identifier. */
  list(): readonly Interpreter[] {
    return [...this.#ready.values()].sort((a, b) => (a.lambdaRuntime < b.lambdaRuntime ? -1 : 1));
  }
}

async function find(
  lambdaRuntime: string,
  family: RuntimeFamily,
  host: PythonHost,
  onProgress: (detail: string) => void,
): Promise<Interpreter> {
  if (family === 'nodejs') {
    const { node } = process.versions;
    if (needsSameInterpreter(lambdaRuntime) && lambdaRuntime !== `nodejs${node.split('.')[0]}.x`) {
      throw unusable(
        lambdaRuntime,
        `it is in preview and needs Node of that version; shedbench runs on Node ${node}`,
      );
    }
    return { lambdaRuntime, version: node, path: process.execPath };
  }
  if (family === 'python') return preparePython(lambdaRuntime, host, onProgress);
  if (family === 'java') return prepareJava(lambdaRuntime, host);
  return { lambdaRuntime, version: '', path: '' };
}
