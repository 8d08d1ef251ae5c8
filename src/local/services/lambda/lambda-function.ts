import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { DeployedVersion } from '../../sandboxes/deployed-version.ts';
import { LATEST } from '../../sandboxes/log-lines.ts';
import { type FunctionConfiguration, ServiceError } from '../../seams.ts';
import { functionNotFound } from './function-name.ts';
import { ResourcePolicy } from './resource-policy.ts';

/** A version of a function that can be invoked: the current `$LATEST`, or a published version. */
export interface FunctionVersion {
  readonly configuration: FunctionConfiguration;
  readonly codeSha256: string;
  /** The size of the zip in bytes. */
  readonly codeSize: number;
  /** Wall clock, epoch ms. */
  readonly lastModifiedEpochMs: number;
  readonly revisionId: string;
  /** Creates the sandboxes. Its `versionName` is `$LATEST` or the number. */
  readonly deployed: DeployedVersion;
}

export interface Alias {
  readonly name: string;
  /** `$LATEST` or the number of a published version. */
  readonly functionVersion: string;
  readonly description: string;
  readonly revisionId: string;
}

/** A function with its published versions, its aliases and its resource policy. */
export class LambdaFunction {
  readonly policy = new ResourcePolicy();
  /** How many calls wait or run, of all versions. */
  inFlight = 0;
  /** While true, further changes are refused, as on AWS. */
  isUpdating = false;
  #latest: FunctionVersion;
  readonly #published = new Map<string, FunctionVersion>();
  readonly #aliases = new Map<string, Alias>();
  /** The numbers of deleted versions are not used again. */
  #lastNumber = 0;

  constructor(latest: FunctionVersion) {
    this.#latest = latest;
  }

  get latest(): FunctionVersion {
    return this.#latest;
  }

  get arn(): string {
    return this.#latest.configuration.functionArn;
  }

  /** `$LATEST` first, then the published versions from the oldest to the newest. */
  versions(): readonly FunctionVersion[] {
    return [this.#latest, ...this.#published.values()];
  }

  /** All aliases by name. */
  aliases(): readonly Alias[] {
    return [...this.#aliases.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Returns the version that a qualifier names. Without a qualifier it is `$LATEST`.
   * @throws ServiceError `ResourceNotFoundException` for a version or alias that does not exist
   */
  version(qualifier: string | undefined): FunctionVersion {
    if (qualifier === undefined || qualifier === LATEST) return this.#latest;
    const name = this.#aliases.get(qualifier)?.functionVersion ?? qualifier;
    const found = name === LATEST ? this.#latest : this.#published.get(name);
    if (found === undefined) throw functionNotFound(`${this.arn}:${qualifier}`);
    return found;
  }

  /** Replaces `$LATEST` and returns the previous one. */
  replaceLatest(latest: FunctionVersion): FunctionVersion {
    const before = this.#latest;
    this.#latest = latest;
    return before;
  }

  /** Returns the newest published version if `$LATEST` has the same code and configuration. */
  unchangedSincePublish(): FunctionVersion | undefined {
    const newest = [...this.#published.values()].at(-1);
    if (newest === undefined || newest.codeSha256 !== this.#latest.codeSha256) return undefined;
    const same = isDeepStrictEqual(comparable(newest.configuration), comparable(this.#latest.configuration));
    return same ? newest : undefined;
  }

  /** Adds a published version. `make` creates it for its number. */
  publish(make: (versionName: string) => FunctionVersion): FunctionVersion {
    this.#lastNumber += 1;
    const name = String(this.#lastNumber);
    const version = make(name);
    this.#published.set(name, version);
    return version;
  }

  /**
   * Deletes a published version. @throws ServiceError `ResourceNotFoundException`; `ResourceConflictException` while an
   * alias uses it
   */
  deleteVersion(number: string): FunctionVersion {
    const found = this.#published.get(number);
    if (found === undefined) throw functionNotFound(`${this.arn}:${number}`);
    const alias = this.aliases().find((each) => each.functionVersion === number);
    if (alias !== undefined) {
      throw conflict(`Unable to delete version ${number} because alias ${alias.name} refers to it.`);
    }
    this.#published.delete(number);
    return found;
  }

  /** @throws ServiceError `ResourceNotFoundException` */
  alias(name: string): Alias {
    const found = this.#aliases.get(name);
    if (found !== undefined) return found;
    throw new ServiceError('ResourceNotFoundException', `Cannot find alias arn: ${this.arn}:${name}`, 404, {
      Type: 'User',
    });
  }

  /** @throws ServiceError `ResourceConflictException` if the name is taken, `ResourceNotFoundException` */
  createAlias(name: string, functionVersion: string, description: string): Alias {
    if (this.#aliases.has(name)) throw conflict(`Alias already exists: ${this.arn}:${name}`);
    return this.#setAlias(name, functionVersion, description);
  }

  /** @throws ServiceError `ResourceNotFoundException` for the alias or the version */
  updateAlias(
    name: string,
    change: { readonly functionVersion?: string | undefined; readonly description?: string | undefined },
  ): Alias {
    const before = this.alias(name);
    return this.#setAlias(
      name,
      change.functionVersion ?? before.functionVersion,
      change.description ?? before.description,
    );
  }

  /** Removes an alias. One that does not exist is not an error. */
  deleteAlias(name: string): void {
    this.#aliases.delete(name);
  }

  #setAlias(name: string, functionVersion: string, description: string): Alias {
    if (functionVersion !== LATEST && !this.#published.has(functionVersion)) {
      throw functionNotFound(`${this.arn}:${functionVersion}`);
    }
    const alias = { name, functionVersion, description, revisionId: randomUUID() };
    this.#aliases.set(name, alias);
    return alias;
  }
}

export function conflict(message: string): ServiceError {
  return new ServiceError('ResourceConflictException', message, 409, { Type: 'User' });
}

/**
 * The parts of a configuration that a published version fixes. Concurrency and tags belong to the function, and each
 * version has its own description.
 */
function comparable(configuration: FunctionConfiguration): object {
  const { tags: _tags, description: _description, reservedConcurrency: _reserved, ...rest } = configuration;
  return rest;
}
