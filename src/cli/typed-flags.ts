import { ShedbenchError } from '../errors.ts';

/** Other accepted forms of options, with the form in the help. */
const OTHER_FORMS: Readonly<Record<string, string>> = {
  '--routes': '--route',
  '--runtimes': '--runtime',
  '--percentile': '--percentiles',
};

/** Options with a short and a long form, in the form for messages. */
const BOTH_FORMS = ['-p/--parallel', '-c/--call-count', '-s/--start-at', '-o/--output'] as const;

/** Returns the arguments with every option in the form of the help. Arguments after `--` are unchanged. */
export function toKnownForms(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((word, index) => {
    if (end >= 0 && index > end) return word;
    const [flag = '', ...value] = word.split('=');
    const known = OTHER_FORMS[flag];
    return known === undefined ? word : [known, ...value].join('=');
  });
}

/** Returns the error with options in the form that was typed. Other errors are unchanged. */
export function namedAsTyped(error: unknown, argv: readonly string[]): unknown {
  if (!(error instanceof ShedbenchError)) return error;
  const rename = renaming(argv);
  const { code, exitCode, cause } = error;
  const [message, hint] = [rename(error.message), error.hint === undefined ? undefined : rename(error.hint)];
  if (message === error.message && hint === error.hint) return error;
  return new ShedbenchError({ code, message, hint, exitCode, cause });
}

function renaming(argv: readonly string[]): (text: string) => string {
  const isTyped = (flag: string): boolean =>
    argv.some(
      (word) =>
        word === flag ||
        word.startsWith(`${flag}=`) ||
        (!flag.startsWith('--') && word.startsWith(flag) && !word.startsWith('--')),
    );
  const pairs = BOTH_FORMS.flatMap((both): [string, string][] => {
    const typed = both.split('/').filter(isTyped);
    return typed.length === 1 && typed[0] !== undefined ? [[both, typed[0]]] : [];
  });
  const others = Object.entries(OTHER_FORMS).filter(([other]) => isTyped(other));
  return (text) => {
    const short = pairs.reduce((named, [both, typed]) => named.replaceAll(both, typed), text);
    return others.reduce(
      (named, [other, known]) => named.replaceAll(new RegExp(`${known}(?![\\w-])`, 'g'), other),
      short,
    );
  };
}
