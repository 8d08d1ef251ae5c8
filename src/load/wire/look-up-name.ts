import { WIRE_ERROR } from './wire-error.ts';

/** One address of a name, and 4 or 6 for its family. */
export interface FoundAddress {
  readonly address: string;
  readonly family: number;
}

/**
 * Looks up all addresses of a name, in the resolver's order. Rejects with the resolver's error, with EMFILE or another
 * code of the system if no process can be started for the look-up, with `lookup-crashed` if that process ends without an
 * answer, or when the signal is aborted.
 */
export type LookUpName = (name: string, signal: AbortSignal) => Promise<readonly FoundAddress[]>;

const SCRIPT = `require('node:dns').lookup(process.argv[1], { all: true, verbatim: true }, (error, found) =>
  process.stdout.write(JSON.stringify(error ? { code: error.code, message: error.message } : { found })));`;

type Answer =
  | { readonly found: readonly FoundAddress[] }
  | { readonly code: string; readonly message: string };

/**
 * Looks up a name by the system's resolver, in a separate process. The resolver blocks a thread, and Node can't exit
 * before that thread returns, which takes 10 s if the DNS server does not respond. A process can be killed.
 */
export const lookUpBySystem: LookUpName = async (name, signal) => {
  // The modules are imported here, because a load of an address needs none of them, and they take memory.
  if (name === 'localhost') {
    // The hosts file answers this name immediately.
    const { lookup } = await import('node:dns/promises');
    return lookup(name, { all: true, verbatim: true });
  }
  const [{ spawn }, { text }] = await Promise.all([
    import('node:child_process'),
    import('node:stream/consumers'),
  ]);
  const child = spawn(process.execPath, ['-e', SCRIPT, name], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH ?? '' },
    signal,
    killSignal: 'SIGKILL',
  });
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  // At a limit of open files Node creates no pipe for a process that it can't start.
  const stdout = child.stdout as typeof child.stdout | undefined;
  const output = await (stdout === undefined ? failed : Promise.race([text(stdout), failed]));
  const answer: Answer =
    output === ''
      ? { code: WIRE_ERROR.lookupCrashed, message: 'the process of the look-up ended without an answer' }
      : (JSON.parse(output) as Answer);
  if ('found' in answer) return answer.found;
  throw Object.assign(new Error(answer.message), { code: answer.code });
};
