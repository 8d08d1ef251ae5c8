import { type Command, Option } from 'commander';
import { usageError } from '../errors.ts';
import { parseWholeNumber } from './parse-values.ts';

const MAX_LOADERS = 1000;

/** The option of `load` and `bench` for the origin of the load. */
export interface FromFlag {
  readonly from?: LoadOrigin;
}

/** Loaders in the region. The plan determines their number if it is undefined. */
export interface LoadOrigin {
  readonly loaders?: number;
}

export function withFrom(command: Command): Command {
  return command.addOption(
    new Option(
      '--from <origin>',
      'lambda or lambda=N: N loaders in the region send the load (default: this machine)',
    ).argParser(parseOrigin),
  );
}

/** @throws usageError `bad-origin`, `bad-number` */
function parseOrigin(text: string): LoadOrigin {
  const [, count] = /^lambda(?:=(.*))?$/.exec(text) ?? [undefined, undefined];
  if (count !== undefined) return { loaders: parseWholeNumber('--from lambda=', count, 1, MAX_LOADERS) };
  if (text === 'lambda') return {};
  throw usageError('bad-origin', `--from takes lambda or lambda=N, not '${text}'.`, '--from lambda=8');
}
