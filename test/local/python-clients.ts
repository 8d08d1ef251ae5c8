import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { hasPythonModule } from '../at-hand.ts';

const SCRIPT = fileURLToPath(new URL('./python_clients.py', import.meta.url));

/** Empty where boto3 is there; otherwise what to add to the title of a test that is skipped. */
export const WITHOUT_BOTO3 = without('boto3', 'boto3');
/** Empty where the AWS CLI is there; otherwise what to add to the title of a test that is skipped. */
export const WITHOUT_AWS_CLI = without('awscli', 'the AWS CLI');

function without(module: string, name: string): string {
  return hasPythonModule(module) ? '' : ` (${name} is not installed: pip install ${module})`;
}

type Task =
  | { readonly aws: readonly string[] }
  | { readonly script: string; readonly arguments: readonly string[] };

interface Ending {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * boto3 and the AWS CLI in one process that runs all scripts and commands of a test file, one after the other. A process
 * for each would cost 0.3 s of CPU for a script and 1 s for a command. The process starts with the first of them.
 */
export class PythonClients {
  readonly #env: NodeJS.ProcessEnv;
  #process: ChildProcessByStdio<Writable, Readable, null> | undefined;
  #endings: AsyncIterator<string> | undefined;

  /** @param env the environment of the clients, with the endpoint and the credentials */
  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /**
   * Runs one command of the AWS CLI and returns what it wrote to the standard output.
   * @throws Error with what it wrote to the standard error, if the exit code is not 0
   */
  aws(...args: readonly string[]): Promise<string> {
    return this.#run({ aws: args }, `aws ${args.join(' ')}`);
  }

  /**
   * Runs one script and returns what it wrote to the standard output.
   * @param script an absolute path
   * @throws Error with what it wrote to the standard error, if the exit code is not 0
   */
  script(script: string, ...args: readonly string[]): Promise<string> {
    return this.#run({ script, arguments: args }, script);
  }

  async close(): Promise<void> {
    if (this.#process === undefined) return;
    const ended = once(this.#process, 'exit');
    this.#process.stdin.end();
    await ended;
  }

  async #run(task: Task, name: string): Promise<string> {
    this.#process ??= spawn('python3', [SCRIPT], { env: this.#env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#endings ??= createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
    this.#process.stdin.write(`${JSON.stringify(task)}\n`);
    const { value, done } = await this.#endings.next();
    if (done === true) throw new Error(`the process of the Python clients ended at: ${name}`);
    const { code, stdout, stderr } = JSON.parse(value) as Ending;
    if (code !== 0) throw new Error(`${name} exited with ${code}: ${stderr}`);
    return stdout;
  }
}
