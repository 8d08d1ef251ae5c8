import { ShedbenchError } from '../errors.ts';

/** Other forms of options, which are taken as the form that help shows. */
const OTHER_FORMS: Readonly<Record<string, string>> = {
  '--routes': '--route',
  '--runtimes': '--runtime',
  '--percentile': '--percentiles',
};

/** Options with a short and a long form, as messages name them before it is known which one was typed. */
const BOTH_FORMS = ['-p/--parallel', '-c/--call-count', '-s/--start-at', '-o/--output'] as const;

/** The arguments with every option in the form that help shows. What follows `--` is left as it is. */
export function toKnownForms(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((word, index) => {
    if (end >= 0 && index > end) return word;
    const [flag = '', ...value] = word.split('=');
    const known = OTHER_FORMS[flag];
    return known === undefined ? word : [known, ...value].join('=');
  });
}

/** The same error, with options named in the form that was typed. Other errors are returned as they are. */
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
