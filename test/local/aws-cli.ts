import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { hasPythonModule } from '../at-hand.ts';

const SCRIPT = fileURLToPath(new URL('./aws_cli.py', import.meta.url));

/** Empty where the AWS CLI is there; otherwise what to add to the title of a test that is skipped. */
export const WITHOUT_AWS_CLI = hasPythonModule('awscli')
  ? ''
  : ' (the AWS CLI is not installed: pip install awscli)';

/** The AWS CLI in one process that runs all commands of a test: a process for each would cost a second of CPU. */
export class AwsCli {
  readonly #process;
  readonly #endings;

  /** @param env the environment of the CLI, with the endpoint and the credentials */
  constructor(env: NodeJS.ProcessEnv) {
    this.#process = spawn('python3', [SCRIPT], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#endings = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /**
   * Runs one command and returns what it wrote to the standard output.
   * @throws Error with what it wrote to the standard error, if the exit code is not 0
   */
  async run(...args: readonly string[]): Promise<string> {
    this.#process.stdin.write(`${JSON.stringify(args)}\n`);
    const { value } = await this.#endings.next();
    if (value === undefined) throw new Error(`the process of the AWS CLI ended at: ${args.join(' ')}`);
    const { code, stdout, stderr } = JSON.parse(value) as Ending;
    if (code !== 0) throw new Error(`aws ${args.join(' ')} exited with ${code}: ${stderr}`);
    return stdout;
  }

  async close(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.stdin.end();
    await ended;
  }
}

interface Ending {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
