import { createHash } from 'node:crypto';
import { access, constants, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CodeFolder, type DeployedCode } from '../../sandboxes/deployed-version.ts';
import {
  classifyExecutable,
  EXECUTABLE_HEAD_BYTES,
  hostArchitecture,
  shellOptionsOf,
  whyNotRunnable,
} from '../../sandboxes/executable.ts';
import type { Interpreters } from '../../sandboxes/interpreters.ts';
import { BadZip, unzip } from '../../sandboxes/unzip.ts';
import type { FunctionCode, FunctionConfiguration } from '../../seams.ts';
import { checkConfiguration, invalid } from './check-function.ts';
import type { Layers } from './layers.ts';

export interface CodePackagesOptions {
  readonly layers: Layers;
  readonly interpreters: Interpreters;
  /** The folder to unzip code in. */
  readonly codeRoot: string;
  readonly host: { readonly platform: string; readonly arch: string };
  /** The cloud's own log. */
  readonly log: (message: string) => void;
}

/** Code that is ready to run, and the facts about its zip that the API returns. */
export interface CodePackage {
  readonly code: DeployedCode;
  readonly codeSha256: string;
  /** The size of the zip in bytes. */
  readonly codeSize: number;
}

/** Unpacks functions' code and checks that this machine can run it. */
export class CodePackages {
  readonly #options: CodePackagesOptions;
  #folders = 0;

  constructor(options: CodePackagesOptions) {
    this.#options = options;
  }

  /**
   * Unpacks a zip for a configuration.
   * @throws ServiceError `InvalidParameterValueException`, `ValidationException`
   */
  async unpack(
    configuration: FunctionConfiguration,
    { zip }: FunctionCode,
    onProgress: (detail: string) => void,
  ): Promise<CodePackage> {
    const family = checkConfiguration(configuration);
    const interpreter = await this.#options.interpreters.prepare(configuration.runtime, family, onProgress);
    this.#folders += 1;
    const path = join(this.#options.codeRoot, `${configuration.functionName}-${this.#folders}`);
    const layers = this.#options.layers.zips(configuration.layers ?? []);
    const folder = new CodeFolder(path, (unused) => this.#remove(unused));
    try {
      await unzip(zip, path);
      // As on AWS, a file of a later layer replaces that of an earlier one.
      for (const layer of layers) await unzip(layer, folder.optPath);
    } catch (error) {
      folder.release();
      throw error instanceof BadZip ? invalid(`Could not unzip uploaded file: ${error.message}`) : error;
    }
    try {
      const entrypoint = await this.#checkEntrypoint(folder, configuration, family);
      return {
        code: { family, interpreter, folder, ...entrypoint },
        codeSha256: createHash('sha256').update(zip).digest('base64'),
        codeSize: zip.length,
      };
    } catch (error) {
      folder.release();
      throw error;
    }
  }

  /**
   * Returns the same code for another configuration, which becomes another user of its folder.
   * @throws ServiceError `InvalidParameterValueException`, `ValidationException`
   */
  async reuse(
    configuration: FunctionConfiguration,
    before: {
      readonly codeSha256: string;
      readonly codeSize: number;
      readonly deployed: { readonly code: DeployedCode };
    },
    onProgress: (detail: string) => void,
  ): Promise<CodePackage> {
    const { codeSha256, codeSize } = before;
    const { folder } = before.deployed.code;
    const family = checkConfiguration(configuration);
    const interpreter = await this.#options.interpreters.prepare(configuration.runtime, family, onProgress);
    const entrypoint = await this.#checkEntrypoint(folder, configuration, family);
    folder.acquire();
    return { code: { family, interpreter, folder, ...entrypoint }, codeSha256, codeSize };
  }

  /** @throws ServiceError `InvalidParameterValueException` for a program that this machine can't run */
  async #checkEntrypoint(
    folder: CodeFolder,
    { functionName, architecture }: FunctionConfiguration,
    family: DeployedCode['family'],
  ): Promise<Pick<DeployedCode, 'entrypoint' | 'invalidEntrypoint'>> {
    if (family !== 'provided') return {};
    const own = join(folder.path, 'bootstrap');
    const ofLayer = join(folder.optPath, 'bootstrap');
    const ownHead = await firstBytes(own);
    const head = ownHead ?? (await firstBytes(ofLayer));
    // Lambda accepts code without a bootstrap. Every invocation of it fails.
    if (head === undefined) {
      return { invalidEntrypoint: "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]" };
    }
    const executable = classifyExecutable(head);
    if (executable.kind === 'unknown') {
      return { invalidEntrypoint: 'fork/exec /var/task/bootstrap: exec format error' };
    }
    const { platform, arch } = this.#options.host;
    const refusal = whyNotRunnable(executable, architecture, {
      platform,
      architecture: hostArchitecture(arch),
    });
    if (refusal !== undefined) throw invalid(`${functionName}: ${refusal}`);
    const path = ownHead === undefined ? ofLayer : own;
    // A file without execute permission is started directly, and fails as on Lambda.
    const shellOptions = (await isExecutable(path)) ? shellOptionsOf(head) : undefined;
    return { entrypoint: shellOptions === undefined ? { path } : { path, shellOptions } };
  }

  #remove({ path, optPath }: CodeFolder): void {
    for (const unused of [path, optPath]) {
      rm(unused, { recursive: true, force: true }).catch((error: unknown) =>
        this.#options.log(`The folder ${unused} can't be removed: ${String(error)}`),
      );
    }
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function firstBytes(path: string): Promise<Buffer | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(EXECUTABLE_HEAD_BYTES),
        0,
        EXECUTABLE_HEAD_BYTES,
        0,
      );
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // A folder of that name, or a file without read permission, counts as missing.
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'EACCES') return undefined;
    throw error;
  }
}
