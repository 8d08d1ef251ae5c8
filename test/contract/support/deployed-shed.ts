import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { vi } from 'vitest';
import { dynamoTable } from '../../../src/contract/dynamo-table.ts';
import type { SheepTable } from '../../../src/contract/sheep-table.ts';
import { type BuiltRuntime, buildRuntime } from '../../../src/deploy/artifacts/build-runtime.ts';
import { type PackagedRuntime, packageFunctions } from '../../../src/deploy/artifacts/package-functions.ts';
import { runTool } from '../../../src/deploy/artifacts/run-tool.ts';
import type { LocalCloud } from '../../../src/local/cloud.ts';
import { ROUTES, type Route } from '../../../src/model/route.ts';
import type { TestedRuntime } from '../../handlers/support/shed-runtimes.ts';

const TEMPLATES = fileURLToPath(new URL('../../../templates/', import.meta.url));
const ROUTE_NAMES: Readonly<Record<Route, string>> = { cat: 'Cat', sheep: 'Sheep', dog: 'Dog', wolf: 'Wolf' };
const POLL_MS = 50;

export interface DeployedShed {
  readonly apiUrl: string;
  readonly table: SheepTable;
  readonly logGroups: Readonly<Record<Route, string>>;
}

/**
 * A runtime's stack on a local cloud, by the templates as they are but for one variable: the functions reach their
 * database at `databaseUrl`.
 */
export class ShedDeployer {
  readonly #cloud: LocalCloud;
  readonly #databaseUrl: string;
  readonly #cloudFormation: CloudFormationClient;
  readonly #dynamodb: DynamoDBClient;
  readonly #s3: S3Client;
  #bucket: string | undefined;

  constructor(cloud: LocalCloud, databaseUrl: string) {
    this.#cloud = cloud;
    this.#databaseUrl = databaseUrl;
    const config = { endpoint: cloud.endpoint, region: cloud.region, credentials: cloud.credentials };
    this.#cloudFormation = new CloudFormationClient(config);
    this.#dynamodb = new DynamoDBClient(config);
    this.#s3 = new S3Client({ ...config, forcePathStyle: true });
  }

  close(): void {
    for (const client of [this.#cloudFormation, this.#dynamodb, this.#s3]) client.destroy();
  }

  async deploy({ manifest, runsOn }: TestedRuntime): Promise<DeployedShed> {
    this.#bucket ??= (
      await this.#stack('shed-assets', readFileSync(`${TEMPLATES}assets.yaml`, 'utf8'), {
        ProjectName: 'shed',
        ToolVersion: '0.1.0',
      })
    ).BucketName;
    const bucket = this.#bucket ?? '';
    const built = await buildRuntime({ manifest, runsOn, runTool, emit: () => {} });
    const { functions } = await packageUncompressed(built);
    for (const route of ROUTES) {
      const { s3Key, zip } = functions[route];
      await this.#s3.send(new PutObjectCommand({ Bucket: bucket, Key: s3Key, Body: zip }));
    }
    const template = readFileSync(`${TEMPLATES}api.yaml`, 'utf8').replaceAll(
      /^( +)BACKEND_TABLE_NAME: .*$/gm,
      `$&\n$1AWS_ENDPOINT_URL_DYNAMODB: ${this.#databaseUrl}`,
    );
    const outputs = await this.#stack(`shed-${manifest.label}-api`, template, {
      ProjectName: 'shed',
      RuntimeLabel: manifest.label,
      LambdaRuntime: manifest.lambdaRuntime,
      Architecture: runsOn.architecture,
      CodeBucket: bucket,
      ToolVersion: '0.1.0',
      ...Object.fromEntries(
        ROUTES.flatMap((route) => [
          [`${ROUTE_NAMES[route]}CodeKey`, functions[route].s3Key],
          [`${ROUTE_NAMES[route]}Handler`, functions[route].handler],
        ]),
      ),
    });
    const logGroup = (route: Route): string => outputs[`${ROUTE_NAMES[route]}LogGroupName`] ?? '';
    return {
      logGroups: {
        cat: logGroup('cat'),
        sheep: logGroup('sheep'),
        dog: logGroup('dog'),
        wolf: logGroup('wolf'),
      },
      apiUrl: `${this.#cloud.endpoint}/_aws/execute-api/${outputs.RestApiId}/v1`,
      table: dynamoTable(outputs.TableName ?? '', {
        client: this.#dynamodb,
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      }),
    };
  }

  async #stack(
    name: string,
    template: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, string>>> {
    await this.#cloudFormation.send(
      new CreateStackCommand({
        StackName: name,
        TemplateBody: template,
        Capabilities: ['CAPABILITY_IAM'],
        Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
          ParameterKey,
          ParameterValue,
        })),
      }),
    );
    for (;;) {
      const { Stacks } = await this.#cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
      const status = Stacks?.[0]?.StackStatus ?? 'gone';
      if (status === 'CREATE_COMPLETE') {
        const outputs = Stacks?.[0]?.Outputs ?? [];
        return Object.fromEntries(
          outputs.map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']),
        );
      }
      if (!status.endsWith('_IN_PROGRESS'))
        throw new Error(`${name} is ${status}: ${await this.#reasons(name)}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async #reasons(name: string): Promise<string> {
    const { StackEvents } = await this.#cloudFormation.send(
      new DescribeStackEventsCommand({ StackName: name }),
    );
    return (StackEvents ?? []).map(({ ResourceStatusReason }) => ResourceStatusReason ?? '').join(' ');
  }
}

/** Zips the functions without compressing them. To compress the 30 MB of Go's takes more than a second of CPU time. */
async function packageUncompressed(built: BuiltRuntime): Promise<PackagedRuntime> {
  const { deflateRaw } = zlib;
  const store = (bytes: Buffer, options: zlib.ZlibOptions, done: zlib.CompressCallback): void =>
    deflateRaw(bytes, { ...options, level: 0 }, done);
  const spy = vi.spyOn(zlib, 'deflateRaw').mockImplementation(store as typeof deflateRaw);
  try {
    return await packageFunctions(built, 'shed');
  } finally {
    spy.mockRestore();
  }
}
