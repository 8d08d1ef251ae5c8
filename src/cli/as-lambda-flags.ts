import { type Command, Option } from 'commander';
import { usageError } from '../errors.ts';
import type { AsLambdaChoice } from '../model/as-lambda.ts';
import { parseDynamodbLatency } from './parse-values.ts';

/** Options of the verbs that may start the local cloud. */
export interface AsLambdaFlags {
  readonly asLambda?: true;
  readonly dynamodbLatency?: NonNullable<AsLambdaChoice['dynamodbLatency']>;
}

export function withAsLambda(command: Command): Command {
  return command
    .option(
      '--as-lambda',
      "local cloud: functions at the CPU share of their memory size, DynamoDB over TLS with DynamoDB's latency (Linux, with rights over control groups)",
    )
    .addOption(
      new Option(
        '--dynamodb-latency <ms>',
        "with --as-lambda: DynamoDB's latency, as 5 (ms) or 2x (default: as published)",
      ).argParser(parseDynamodbLatency),
    );
}

/** @throws usageError `latency-without-as-lambda` */
export function toAsLambda(flags: AsLambdaFlags): { readonly asLambda?: AsLambdaChoice } {
  const { asLambda, dynamodbLatency } = flags;
  if (asLambda === true) return { asLambda: dynamodbLatency === undefined ? {} : { dynamodbLatency } };
  if (dynamodbLatency === undefined) return {};
  throw usageError(
    'latency-without-as-lambda',
    '--dynamodb-latency goes with --as-lambda: at full speed the database answers as soon as it can.',
    'Add --as-lambda, or leave it out',
  );
}
