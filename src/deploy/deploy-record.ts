import { DEPLOYMENT_SCHEMA, type DeployedRuntime, type Deployment } from '../model/deployment.ts';
import type { Route } from '../model/route.ts';
import { readRecords, recordFileName, writeRecord } from '../store/deployments.ts';
import type { PackagedRuntime } from './artifacts/package-functions.ts';
import type { StackOutcome } from './stacks/converge-stack.ts';
import { describeStack } from './stacks/stack-api.ts';
import type { StackContext } from './stacks/stack-context.ts';
import { apiOutputs, type DeployedCode, toDeployedRuntime } from './stacks/stack-outputs.ts';
import type { FunctionSettings } from './stacks/stack-specs.ts';

/** The facts about a deploy that its record contains. */
export interface RecordSubject extends Pick<FunctionSettings, 'architecture' | 'memorySizeMB'> {
  readonly project: string;
  readonly runtimes: readonly PackagedRuntime[];
  /** SHA-256 of the API template, hex. */
  readonly templateSha256: string;
}

/** The record of one deploy, from before its first create to its end. */
export interface DeployRecord {
  /** Writes the stacks that exist now and the state of the deploy. */
  write(state: Deployment['state'], outcomes: readonly StackOutcome[]): Promise<Deployment>;
  /** Restores the earlier record, for a deploy that changed nothing. */
  restore(): Promise<void>;
}

/** Writes the record before the first stack is created, so that the next command knows where to look whatever happens. */
export async function beginRecord(context: StackContext, subject: RecordSubject): Promise<DeployRecord> {
  const { clients, identity, cwd, emit, toolVersion } = context;
  const { kind, region, endpoint, profile } = clients.target;
  const target = {
    kind,
    region,
    accountId: identity.accountId,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
  };
  const fileName = recordFileName({ project: subject.project, target });
  const earlier = (await readRecords(cwd, emit)).find((record) => recordFileName(record) === fileName);
  const startedAtEpochMs = context.now();
  const base: Deployment = {
    schema: DEPLOYMENT_SCHEMA,
    state: 'creating',
    project: subject.project,
    target,
    architecture: subject.architecture,
    memorySizeMB: subject.memorySizeMB,
    templateSha256: subject.templateSha256,
    toolVersion,
    createdAtEpochMs: earlier?.createdAtEpochMs ?? startedAtEpochMs,
    updatedAtEpochMs: startedAtEpochMs,
    runtimes: await stillStanding(context, earlier?.runtimes ?? []),
  };
  await writeRecord(cwd, base);
  return {
    write: async (state, outcomes) => {
      const deployed = await Promise.all(
        subject.runtimes.flatMap((packaged) => {
          const outcome = outcomes.find(({ runtime }) => runtime === packaged.manifest.label);
          return outcome === undefined ? [] : [deployedRuntime(context, packaged, outcome)];
        }),
      );
      const labels = new Set(deployed.map(({ runtime }) => runtime));
      const kept = base.runtimes.filter(({ runtime }) => !labels.has(runtime));
      const record = { ...base, state, updatedAtEpochMs: context.now(), runtimes: [...kept, ...deployed] };
      await writeRecord(cwd, record);
      return record;
    },
    restore: async () => writeRecord(cwd, { ...base, state: earlier?.state ?? 'failed' }),
  };
}

/** The runtimes of an earlier record whose stacks still exist. */
async function stillStanding(
  context: StackContext,
  recorded: readonly DeployedRuntime[],
): Promise<readonly DeployedRuntime[]> {
  const { second } = context.interrupt;
  const found = await Promise.all(
    recorded.map(async (runtime) => {
      const stack = await describeStack(context, runtime.stackName, second);
      return stack !== undefined && stack.stackId === runtime.stackId ? [runtime] : [];
    }),
  );
  return found.flat();
}

async function deployedRuntime(
  context: StackContext,
  { manifest: { label }, functions }: PackagedRuntime,
  { stack }: StackOutcome,
): Promise<DeployedRuntime> {
  const codeOf = (route: Route): DeployedCode => {
    const { sha256, zip, unzippedBytes, sdkBytes } = functions[route];
    const sdk = sdkBytes === undefined ? {} : { sdkBytes };
    return { artifactSha256: sha256, bundle: { zipBytes: zip.byteLength, unzippedBytes, ...sdk } };
  };
  const artifacts = { cat: codeOf('cat'), sheep: codeOf('sheep'), dog: codeOf('dog'), wolf: codeOf('wolf') };
  const withOutputs = await apiOutputs(context, stack, label);
  return toDeployedRuntime(context.clients.target, label, withOutputs, artifacts);
}
