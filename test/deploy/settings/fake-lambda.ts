import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { AwsClients } from '../../../src/aws/clients.ts';
import { rememberFailedCall } from '../../../src/aws/errors.ts';
import type { SettingsDeps } from '../../../src/deploy/settings/function-settings.ts';
import type { ProgressEvent } from '../../../src/model/events.ts';
import { FakeClock } from '../fake/clock.ts';
import { serviceError } from '../fake/fake-cloudformation.ts';
import { fakeDeployDeps } from '../fake/fake-deps.ts';

/** How long an update takes, ms of the fake clock. */
const UPDATE_MS = 1500;

type Input = Record<string, unknown> & { readonly FunctionName: string };

/** Lambda as far as settings go: updates take time, a revision changes with each, and a stale revision is refused. */
export class FakeLambda {
  readonly clock = new FakeClock();
  readonly cwd = mkdtempSync(join(tmpdir(), 'shedbench-test-'));
  readonly events: ProgressEvent[] = [];
  readonly updates: Input[] = [];
  /** Thrown in place of the next answers to updates; `after` does the update and loses its answer. */
  readonly failures: { readonly error: Error; readonly after?: true }[] = [];
  /** The reason why the next update is given up by Lambda. */
  failNextUpdate: string | undefined;
  /** Called before each update is looked at. */
  onUpdate: (input: Input) => void = () => {};
  readonly #functions = new Map<string, FunctionConfiguration>();
  readonly #first = new AbortController();
  readonly #second = new AbortController();
  #revisions = 0;

  constructor(...names: readonly string[]) {
    for (const name of names) {
      this.#functions.set(name, {
        FunctionName: name,
        MemorySize: 128,
        Runtime: 'nodejs22.x',
        Environment: { Variables: { TABLE: 'shed' } },
        CodeSha256: 'code-1',
        State: 'Active',
        LastUpdateStatus: 'Successful',
        RevisionId: this.#revision(),
      });
    }
  }

  /** What of a function settings change. */
  settingsOf(name: string): {
    readonly memory: number;
    readonly variables: Readonly<Record<string, string>>;
  } {
    const { MemorySize = 0, Environment } = this.#functions.get(name) ?? {};
    return { memory: MemorySize, variables: Environment?.Variables ?? {} };
  }

  /** Somebody else's update. */
  meddle(name: string, change: FunctionConfiguration): void {
    this.#functions.set(name, { ...this.#functions.get(name), ...change, RevisionId: this.#revision() });
  }

  remove(name: string): void {
    this.#functions.delete(name);
  }

  interruptOnce(): void {
    this.#first.abort(Object.assign(new Error('interrupted'), { name: 'AbortError' }));
  }

  interruptTwice(): void {
    this.interruptOnce();
    this.#second.abort(Object.assign(new Error('interrupted twice'), { name: 'AbortError' }));
  }

  /** The records on disk. */
  records(): readonly string[] {
    try {
      return readdirSync(join(this.cwd, '.shedbench', 'changed-functions'));
    } catch {
      return [];
    }
  }

  /** The codes of the warnings, in order. */
  warnings(): readonly string[] {
    return this.events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));
  }

  deps(overrides: Partial<SettingsDeps> = {}): SettingsDeps {
    return {
      ...fakeDeployDeps({
        clients: this.#clients(),
        cwd: this.cwd,
        clock: this.clock,
        events: this.events,
        first: this.#first,
        second: this.#second,
      }),
      owner: { pid: 4711, processStart: 'then' },
      isAlive: async () => false,
      ...overrides,
    };
  }

  close(): void {
    rmSync(this.cwd, { recursive: true, force: true });
  }

  #revision(): string {
    this.#revisions += 1;
    return `revision-${this.#revisions}`;
  }

  #clients(): AwsClients {
    const lambda = {
      send: async (
        command: { readonly input: Input; readonly constructor: { readonly name: string } },
        { abortSignal }: { readonly abortSignal?: AbortSignal } = {},
      ) => {
        const operation = command.constructor.name.replace(/Command$/, '');
        try {
          await new Promise((resolve) => setImmediate(resolve));
          abortSignal?.throwIfAborted();
          return operation === 'UpdateFunctionConfiguration'
            ? this.#update(command.input)
            : this.#get(command.input.FunctionName);
        } catch (error) {
          rememberFailedCall(error, { service: 'lambda', operation });
          throw error;
        }
      },
    };
    const target = { kind: 'aws', region: 'eu-west-3', credentials: async () => ({}) };
    return { target, lambda: async () => lambda, destroy: () => {} } as unknown as AwsClients;
  }

  #get(reference: string): FunctionConfiguration {
    const name = reference.split(':').at(-1) ?? '';
    const found = this.#functions.get(name);
    if (found === undefined) {
      throw serviceError('ResourceNotFoundException', `Function not found: ${name}`, 404);
    }
    return found;
  }

  #update(input: Input): FunctionConfiguration {
    this.onUpdate(input);
    const failure = this.failures.shift();
    if (failure !== undefined && failure.after === undefined) throw failure.error;
    const before = this.#get(input.FunctionName);
    if (before.LastUpdateStatus === 'InProgress') {
      throw serviceError('ResourceConflictException', 'An update is in progress', 409);
    }
    if (input.RevisionId !== undefined && input.RevisionId !== before.RevisionId) {
      throw serviceError('PreconditionFailedException', 'The Revision Id provided does not match', 412);
    }
    this.updates.push(input);
    const { MemorySize, Environment } = input as Pick<FunctionConfiguration, 'MemorySize' | 'Environment'>;
    const after: FunctionConfiguration = {
      ...before,
      ...(MemorySize === undefined ? {} : { MemorySize }),
      ...(Environment === undefined ? {} : { Environment }),
      LastUpdateStatus: 'InProgress',
      RevisionId: this.#revision(),
    };
    this.#functions.set(input.FunctionName, after);
    const reason = this.failNextUpdate;
    this.failNextUpdate = undefined;
    this.clock.at(UPDATE_MS, () => {
      const now = this.#functions.get(input.FunctionName);
      if (now === undefined) return;
      // On AWS the revision changes once more when the update is done.
      this.#functions.set(input.FunctionName, {
        ...now,
        RevisionId: this.#revision(),
        LastUpdateStatus: reason === undefined ? 'Successful' : 'Failed',
        ...(reason === undefined ? {} : { LastUpdateStatusReason: reason }),
      });
    });
    if (failure !== undefined) throw failure.error;
    return after;
  }
}
