import { delimiter, join } from 'node:path';
import { type PythonHost, unusable } from './python-interpreter.ts';
import type { Interpreter } from './runtimes.ts';

const PROBE_LIMIT_MS = 60_000;

/**
 * Finds a Java for `java17`, `java21` or `java25`: that of JAVA_HOME, otherwise the first one in PATH. It must be of
 * that version or newer, because an older one can't load the function's classes.
 * @throws ServiceError `InvalidParameterValueException` that says what to install
 */
export async function prepareJava(
  lambdaRuntime: string,
  host: Pick<PythonHost, 'env' | 'run'>,
): Promise<Interpreter> {
  const needed = Number(lambdaRuntime.replace('java', ''));
  const { JAVA_HOME, PATH = '' } = host.env;
  const folders = [...(JAVA_HOME === undefined ? [] : [join(JAVA_HOME, 'bin')]), ...PATH.split(delimiter)];
  const found: string[] = [];
  // Absolute paths, because a sandbox has another PATH.
  for (const path of new Set(
    folders.filter((folder) => folder !== '').map((folder) => join(folder, 'java')),
  )) {
    const { ok, stdout } = await host.run(path, ['--version'], { env: host.env, timeoutMs: PROBE_LIMIT_MS });
    const version = ok ? /^\S+ (\d+(?:\.\d+)*)/.exec(stdout)?.[1] : undefined;
    if (version === undefined) continue;
    if (Number(version.split('.')[0]) >= needed) return { lambdaRuntime, version, path };
    found.push(version);
  }
  const [older] = found;
  const which = older === undefined ? 'there is no java in PATH' : `java is ${older}`;
  throw unusable(lambdaRuntime, `${which}; install Java ${needed}, or set JAVA_HOME to it`);
}
