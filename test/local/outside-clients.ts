import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createCloud, type LocalCloud } from '../../src/local/cloud.ts';
import { PythonClients } from './python-clients.ts';

const run = promisify(execFile);
/** How long one program may run on a busy machine. */
const PROGRAM_LIMIT_MS = 180_000;

/** A local cloud, and an empty folder in which programs that others wrote run as its clients. */
export interface OutsideClients {
  readonly cloud: LocalCloud;
  readonly folder: string;
  /** The lines that the cloud logged. */
  readonly log: readonly string[];
  /** boto3 and the AWS CLI as clients of the cloud. */
  readonly python: PythonClients;
  /**
   * Runs a program as a client of the cloud.
   * @throws Error if the program ends with another exit code than 0
   */
  run(
    program: string,
    args: readonly string[],
  ): Promise<{ readonly stdout: string; readonly stderr: string }>;
  close(): Promise<void>;
}

export async function openOutsideClients(): Promise<OutsideClients> {
  const log: string[] = [];
  const cloud = await createCloud({ log: (line) => log.push(line) });
  const folder = mkdtempSync(join(tmpdir(), 'shedbench-clients-'));
  /** Without any AWS configuration of the person who runs the tests. */
  const environment = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_REGION: cloud.region,
    AWS_DEFAULT_REGION: cloud.region,
    AWS_ACCESS_KEY_ID: cloud.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: cloud.credentials.secretAccessKey,
    AWS_PAGER: '',
  };
  const python = new PythonClients(environment);
  return {
    cloud,
    folder,
    log,
    python,
    run: (program, args) =>
      run(program, [...args], { cwd: folder, env: environment, timeout: PROGRAM_LIMIT_MS }),
    close: async () => {
      await python.close();
      await cloud.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
