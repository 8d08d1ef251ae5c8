import { type Command, Option } from 'commander';
import { FUNCTION_DEFAULTS } from '../model/defaults.ts';
import { type AsLambdaFlags, toAsLambda, withAsLambda } from './as-lambda-flags.ts';
import { parseRetention } from './parse-values.ts';
import { collect } from './shared-options.ts';
import { defined } from './to-options.ts';

/** Options of `deploy` and `bench`. `bench` deploys if nothing is deployed. */
export interface DeployFlags extends AsLambdaFlags {
  readonly handlers?: string[];
  readonly lambdaRuntime?: string[];
  readonly allowOrigin?: string;
  readonly logRetention?: number;
}

export function withDeployFlags(command: Command): Command {
  return withAsLambda(command)
    .option(
      '--handlers <dir>',
      'a folder with a runtime of your own (may be repeated; two of one runtime are compared)',
      collect,
    )
    .option(
      '--lambda-runtime <runtime=versions>',
      "versions of Lambda's runtime side by side: node=nodejs22.x,nodejs24.x (may be repeated)",
      collect,
    )
    .option(
      '--allow-origin <origin>',
      `Access-Control-Allow-Origin of every answer (default: ${FUNCTION_DEFAULTS.allowOrigin})`,
    )
    .addOption(
      new Option(
        '--log-retention <days>',
        `retention of the log groups (default: ${FUNCTION_DEFAULTS.logRetentionDays})`,
      ).argParser(parseRetention),
    );
}

export function toDeployFlags(flags: DeployFlags) {
  return {
    ...defined({
      allowOrigin: flags.allowOrigin,
      logRetentionDays: flags.logRetention,
      lambdaRuntimes: flags.lambdaRuntime,
    }),
    ...toAsLambda(flags),
    handlerDirs: flags.handlers ?? [],
  };
}
