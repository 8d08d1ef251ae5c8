import { setMaxListeners } from 'node:events';
import { isLoopbackEndpoint } from '../../aws/aws-endpoint.ts';
import { errorCodeOf } from '../../aws/errors.ts';
import { classifyFailure, type FailureKind, isTransient } from '../../aws/failure-kind.ts';
import type { Emit } from '../../model/events.ts';
import type { Target } from '../../model/target.ts';

/**
 * How long a call is repeated during an outage, ms. CloudFormation continues in the meantime, so nothing is lost by
 * waiting. The limit is long enough for a laptop that changes its network or sleeps.
 */
export const MAX_OUTAGE_MS = 15 * 60_000;

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 15_000;

export interface PatienceDeps {
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly emit: Emit;
  /**
   * The service that is called. Calls of the local cloud are not repeated, because a failure there does not pass by
   * itself. At any other loopback endpoint a refused connection means that its process has ended.
   */
  readonly target: Pick<Target, 'kind' | 'endpoint'>;
}

/** Repeats calls during throttling, server errors and a lost network, and warns once per outage. */
export interface Patience {
  /**
   * The call's answer. `attempt` must be safe to repeat: a read, or a write with a client token or a name of its own.
   * `signal` ends the attempt and everything after it; `stopWaiting` ends only the pause before the next attempt.
   * @throws what the last attempt threw, once the failure does not pass by itself or the outage is too long; the
   *   signal's reason if one ended it
   */
  call<T>(
    attempt: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
    options?: { readonly stopWaiting?: AbortSignal },
  ): Promise<T>;
}

/** The current outage, shared by all calls of a command, so that it is reported once. */
interface Outage {
  readonly kind: FailureKind;
  readonly sinceMs: number;
}

export function createPatience(deps: PatienceDeps): Patience {
  let outage: Outage | undefined;

  const who = deps.target.endpoint ?? 'AWS';
  const begin = (kind: FailureKind, error: unknown, sinceMs: number): void => {
    if (outage !== undefined) return;
    outage = { kind, sinceMs };
    deps.emit({ type: 'warning', ...outageWords(kind, who, errorCodeOf(error)) });
  };
  const end = (): void => {
    if (outage === undefined) return;
    const seconds = Math.max(1, Math.round((deps.now() - outage.sinceMs) / 1000));
    deps.emit({ type: 'note', message: `${who} answers again, after ${seconds} s` });
    outage = undefined;
  };

  return {
    call: async (attempt, signal, { stopWaiting = signal } = {}) => {
      // One command makes many calls with one signal, and each adds a listener while it runs.
      setMaxListeners(0, signal);
      let firstFailureMs: number | undefined;
      for (let failures = 0; ; failures += 1) {
        try {
          const answer = await attempt(signal);
          end();
          return answer;
        } catch (error) {
          if (signal.aborted || !isTransient(error)) throw error;
          const kind = classifyFailure(error);
          if (deps.target.kind === 'local') throw error;
          if (kind === 'network' && isLoopbackEndpoint(deps.target.endpoint)) throw error;
          firstFailureMs ??= deps.now();
          if (deps.now() - firstFailureMs >= MAX_OUTAGE_MS) throw error;
          begin(kind, error, firstFailureMs);
          await deps.sleep(retryDelayMs(failures, deps.random()), stopWaiting);
        }
      }
    },
  };
}

/** Exponential back-off with jitter in its upper half, ms, so that several stacks do not repeat their calls in step. */
export function retryDelayMs(failures: number, random: number): number {
  const ceiling = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** failures);
  return ceiling / 2 + (ceiling / 2) * random;
}

/** The warning of an outage: what fails, and how long the command waits at most. */
function outageWords(
  kind: FailureKind,
  who: string,
  errorCode: string,
): { readonly code: string; readonly message: string } {
  const limit = `${MAX_OUTAGE_MS / 60_000} minutes`;
  switch (kind) {
    case 'network':
      return {
        code: 'network-lost',
        message: `No connection to ${who} (${errorCode}); it works on meanwhile, and this command waits up to ${limit} for the network`,
      };
    case 'server':
      return {
        code: 'aws-unavailable',
        message: `${who} answers with server errors (${errorCode}); trying again for up to ${limit}`,
      };
    default:
      return {
        code: 'throttled',
        message: `${who} refuses for too many requests (${errorCode}); asking less often, for up to ${limit}`,
      };
  }
}
