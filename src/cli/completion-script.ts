/** The facts of a command that its completion needs. */
export interface CompletedCommand {
  readonly name: string;
  /** One line. */
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** Its subcommands, as `start` of `local`. */
  readonly commands: readonly CompletedCommand[];
  /** The words that its arguments take, as `zsh` of `completion`. Empty if they are not a fixed few. */
  readonly words: readonly string[];
}

export interface CompletedOption {
  /** With its dashes: `-p`. */
  readonly short?: string;
  /** The long form with its dashes: `--parallel`. For an option without a long form the short one. */
  readonly long: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** The possible values. Empty if there is no fixed list. */
  readonly values: readonly string[];
}

type Shell = 'bash' | 'zsh' | 'fish';

/** The completion script of a shell for the whole program. It needs no other file and starts no program. */
export function completionScript(shell: Shell, program: CompletedCommand): string {
  switch (shell) {
    case 'bash':
      return bashScript(program);
    case 'zsh':
      return zshScript(program);
    case 'fish':
      return fishScript(program);
  }
}

/** All commands and subcommands, each with the words of its name. */
function leaves(program: CompletedCommand): { readonly path: string; readonly command: CompletedCommand }[] {
  return program.commands.flatMap((command) => [
    { path: command.name, command },
    ...command.commands.map((below) => ({ path: `${command.name} ${below.name}`, command: below })),
  ]);
}

const flagsOf = ({ options }: CompletedCommand): string[] =>
  options.flatMap(({ short, long }) => (short === undefined ? [long] : [short, long]));

/**
 * `--format|-f) words="table json" ;;` for every option with a fixed list of values. An option that several commands
 * have is listed once.
 */
function valueCases(program: CompletedCommand): string[] {
  const byFlag = new Map<string, string>();
  for (const { command } of leaves(program)) {
    for (const { long, short, values } of command.options) {
      if (values.length > 0) byFlag.set(short === undefined ? long : `${short}|${long}`, values.join(' '));
    }
  }
  return [...byFlag].map(([flag, values]) => `    ${flag}) words="${values}" ;;`);
}

function bashScript(program: CompletedCommand): string {
  const cases = leaves(program).map(({ path, command }) => {
    const words = [...command.commands.map(({ name }) => name), ...command.words, ...flagsOf(command)];
    return `      "${path}") words="${words.join(' ')}" ;;`;
  });
  const parents = program.commands.filter(({ commands }) => commands.length > 0).map(({ name }) => name);
  return `# bash completion of shedbench: source <(shedbench completion bash)
_shedbench() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local path="\${COMP_WORDS[1]}" words=""
  COMPREPLY=()
  case " ${parents.join(' ')} " in
    *" $path "*) [[ $COMP_CWORD -gt 2 ]] && path="$path \${COMP_WORDS[2]}" ;;
  esac
  case "$previous" in
${valueCases(program).join('\n')}
  esac
  if [[ -z "$words" ]]; then
    if [[ $COMP_CWORD -eq 1 ]]; then
      words="${program.commands.map(({ name }) => name).join(' ')} --help --version"
    else
      case "$path" in
${cases.join('\n')}
      esac
    fi
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _shedbench shedbench
`;
}

/** Quotes a text with the single quotes of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** A word with its description, in the form of zsh's `_describe`. */
const described = (word: string, description: string): string =>
  quoted(`${word.replaceAll(':', '\\:')}:${description}`);

function zshScript(program: CompletedCommand): string {
  const cases = leaves(program).map(({ path, command }) => {
    const words = [
      ...command.commands.map(({ name, description }) => described(name, description)),
      ...command.words.map(quoted),
      ...command.options.map(({ long, description }) => described(long, description)),
    ];
    return `    ${quoted(path)}) words=(${words.join(' ')}) ;;`;
  });
  const parents = program.commands.filter(({ commands }) => commands.length > 0).map(({ name }) => name);
  return `#compdef shedbench
# zsh completion of shedbench: source <(shedbench completion zsh), after compinit
_shedbench() {
  local -a values words_here words_found
  local verb="$words[2]"
  if (( CURRENT == 2 )); then
    words_here=(${program.commands.map(({ name, description }) => described(name, description)).join(' ')})
    _describe 'command' words_here
    return
  fi
  case "$verb" in
    ${parents.join('|')}) (( CURRENT > 3 )) && verb="$verb $words[3]" ;;
  esac
  case "$words[CURRENT-1]" in
${valueCases(program)
  .map((line) => line.replace(/words="(.*)"/, 'values=($1)'))
  .join('\n')}
  esac
  if (( $#values )); then
    compadd -a values
    return
  fi
  case "$verb" in
${cases.map((line) => line.replace('words=(', 'words_found=(')).join('\n')}
  esac
  _describe 'option' words_found
  [[ "$words[CURRENT]" == -* ]] || _files
}
compdef _shedbench shedbench
`;
}

function fishScript(program: CompletedCommand): string {
  const lines = ['# fish completion of shedbench: shedbench completion fish | source'];
  for (const { name, description } of program.commands) {
    lines.push(`complete -c shedbench -f -n __fish_use_subcommand -a ${name} -d ${fishQuoted(description)}`);
  }
  for (const { path, command } of leaves(program)) {
    const [parent = '', child] = path.split(' ');
    const seen = `__fish_seen_subcommand_from ${parent}`;
    const condition = child === undefined ? seen : `${seen}; and __fish_seen_subcommand_from ${child}`;
    for (const below of command.commands) {
      lines.push(
        `complete -c shedbench -f -n '${seen}' -a ${below.name} -d ${fishQuoted(below.description)}`,
      );
    }
    if (command.words.length > 0) {
      lines.push(`complete -c shedbench -n '${condition}' -a ${fishQuoted(command.words.join(' '))}`);
    }
    for (const { short, long, description, takesValue, values } of command.options) {
      const parts = [
        `complete -c shedbench -n '${condition}'`,
        short === undefined ? '' : `-s ${short.slice(1)}`,
        long.startsWith('--') ? `-l ${long.slice(2)}` : `-s ${long.slice(1)}`,
        takesValue ? '-r' : '',
        values.length === 0 ? '' : `-f -a ${fishQuoted(values.join(' '))}`,
        `-d ${fishQuoted(description)}`,
      ];
      lines.push(parts.filter((part) => part !== '').join(' '));
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Quotes a text with the single quotes of fish, in which a backslash escapes a quote. */
const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
