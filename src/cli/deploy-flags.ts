import { type Command, Option } from 'commander';
import { FUNCTION_DEFAULTS } from '../model/defaults.ts';
import { type AsLambdaFlags, toAsLambda, withAsLambda } from './as-lambda-flags.ts';
import { parseArchitecture, parseMemory, parseRetention } from './parse-values.ts';
import { collect } from './shared-options.ts';
import { defined } from './to-options.ts';

/** Options of `deploy` that `bench` has too, since it deploys where nothing is. */
export interface DeployFlags extends AsLambdaFlags {
  readonly handlers?: string[];
  readonly arch?: 'arm64' | 'x86_64';
  readonly memory?: number;
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
    .addOption(
      new Option(
        '--arch <architecture>',
        "arm64 or x86_64 (default: arm64; locally the machine's)",
      ).argParser(parseArchitecture),
    )
    .addOption(
      new Option(
        '--memory <MB>',
        `memory of every function (default: ${FUNCTION_DEFAULTS.memorySizeMB})`,
      ).argParser(parseMemory),
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
      architecture: flags.arch,
      memorySizeMB: flags.memory,
      allowOrigin: flags.allowOrigin,
      logRetentionDays: flags.logRetention,
    }),
    ...toAsLambda(flags),
    handlerDirs: flags.handlers ?? [],
  };
}
