import type { Command } from 'commander';
import { wrapText } from '../model/wrap-text.ts';

/** The environment variables that shedbench reads. */
const VARIABLES: readonly (readonly [string, string])[] = [
  ['SHEDBENCH_TARGET', 'local: as if --local were given; aws: the default'],
  ['AWS_PROFILE, AWS_REGION, AWS_ACCESS_KEY_ID, …', "credentials and region, by the SDK's own chain"],
  ['AWS_ENDPOINT_URL', "another endpoint that speaks AWS's protocols"],
  ['HTTPS_PROXY, HTTP_PROXY, NO_PROXY', 'proxies for calls to AWS; a load never uses one'],
  ['NO_COLOR, FORCE_COLOR', 'no colour; colour even if the output is no terminal'],
  ['XDG_CACHE_HOME', 'the folder of the Python environment of local functions'],
];

const INDENT = '      ';

/** Appends the environment variables to the help of the program. @param columns the width of a line in characters */
export function addEnvironmentHelp(program: Command, columns: number): void {
  const lines = VARIABLES.map(
    ([name, meaning]) => `  ${name}\n${wrapText(meaning, columns, { first: INDENT, rest: INDENT })}`,
  );
  program.addHelpText('after', `\nEnvironment variables:\n${lines.join('\n')}`);
}
