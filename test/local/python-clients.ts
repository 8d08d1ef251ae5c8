import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { hasPythonModule } from '../at-hand.ts';

const SCRIPT = fileURLToPath(new URL('./python_clients.py', import.meta.url));
/** How long one script or command may run on a busy machine. */
const TASK_LIMIT_MS = 60_000;
/** How long the process may take to end once nothing is left for it to do. */
const CLOSE_LIMIT_MS = 5_000;

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
 * for each would cost 0.3 s of CPU for a script and 1 s for a command. The process starts with the first of them, and again
 * after a script that ended it.
 */
export class PythonClients {
  readonly #env: NodeJS.ProcessEnv;
  readonly #taskLimitMs: number;
  #process: PythonProcess | undefined;

  /**
   * @param env the environment of the clients, with the endpoint and the credentials
   * @param taskLimitMs a script or a command that takes longer is ended and fails
   */
  constructor(env: NodeJS.ProcessEnv, taskLimitMs = TASK_LIMIT_MS) {
    this.#env = env;
    this.#taskLimitMs = taskLimitMs;
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

  /** Ends the process: kills it if it does not end by itself. */
  async close(): Promise<void> {
    await this.#process?.end();
  }

  async #run(task: Task, name: string): Promise<string> {
    if (this.#process?.isOver !== false) this.#process = new PythonProcess(this.#env);
    const python = this.#process;
    const line = await python.answerTo(JSON.stringify(task), this.#taskLimitMs);
    if (line === undefined)
      throw new Error(`${name} ended the process of the Python clients: ${await python.end()}`);
    const { code, stdout, stderr } = JSON.parse(line) as Ending;
    if (code !== 0) throw new Error(`${name} exited with ${code}: ${stderr}`);
    return stdout;
  }
}

/** A process that answers each line of its standard input with a line. */
class PythonProcess {
  readonly #child;
  readonly #lines: AsyncIterator<string>;
  /** Resolves with the reason, once the process has ended and its output is read. */
  readonly #ended: Promise<string>;
  isOver = false;
  /** What it wrote to the standard error. */
  #told = '';

  constructor(env: NodeJS.ProcessEnv) {
    this.#child = spawn('python3', [SCRIPT], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const { stdin, stdout, stderr } = this.#child;
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#told += text;
    });
    // A process that has ended takes no more input. Its end is reported by `answerTo`.
    stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      this.#child.once('close', (code, signal) => resolve(`${signal ?? `exit code ${code}`}\n${this.#told}`));
    });
    void this.#ended.then(() => {
      this.isOver = true;
    });
  }

  /** Undefined if the process ends without an answer. After the limit it is killed. */
  async answerTo(line: string, limitMs: number): Promise<string | undefined> {
    const limit = setTimeout(() => {
      this.#told += `killed after ${limitMs} ms`;
      this.#child.kill('SIGKILL');
    }, limitMs);
    this.#child.stdin.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    clearTimeout(limit);
    return done === true ? undefined : value;
  }

  /** Returns why the process ended: its exit code or signal, and what it wrote to the standard error. */
  async end(): Promise<string> {
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_LIMIT_MS);
    this.#child.stdin.end();
    const reason = await this.#ended;
    clearTimeout(limit);
    return reason;
  }
}
