import type { CommandDeps } from '../model/command.ts';
import { counted } from '../model/number-text.ts';
import type { AwsClients } from './clients.ts';

/**
 * Warns if the calls and loaders in flight would exceed the account's limit of concurrent executions. It changes no
 * setting. There is no warning if the caller has no permission to read the limit.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html
 */
export async function warnOfConcurrencyLimit(
  { parallel, loaders }: { readonly parallel: number; readonly loaders: number },
  session: { readonly clients: AwsClients },
  deps: CommandDeps,
): Promise<void> {
  const limit = (await concurrencyLimit(session.clients))?.account;
  if (limit === undefined || parallel + loaders <= limit) return;
  const what = loaders === 0 ? `-p ${parallel} is` : `-p ${parallel} and ${counted(loaders, 'loader')} are`;
  deps.emit({
    type: 'warning',
    code: 'over-concurrency-limit',
    message: `${what} above this account's limit of ${limit} concurrent executions: Lambda will throttle, and API Gateway answer 500.`,
    hint: `-p ${Math.max(1, limit - loaders)}, or ask AWS for a higher limit`,
  });
}

/** The number of functions that an account may run at the same time in a region. */
export interface ConcurrencyLimit {
  readonly account: number;
  /** The part of the limit that is left for functions without reserved concurrency. */
  readonly unreserved: number;
}

/** The account's limit of concurrent executions. Undefined if it can't be read. */
export async function concurrencyLimit(clients: AwsClients): Promise<ConcurrencyLimit | undefined> {
  try {
    const { GetAccountSettingsCommand } = await import('./sdk/lambda.ts');
    const lambda = await clients.lambda();
    const answer = await lambda.send(new GetAccountSettingsCommand({}));
    const { ConcurrentExecutions: account, UnreservedConcurrentExecutions: unreserved } =
      answer.AccountLimit ?? {};
    return account === undefined ? undefined : { account, unreserved: unreserved ?? account };
  } catch {
    // The permission is missing, or an emulator does not know the operation. The load continues, and its own answers
    // will show throttling.
    return undefined;
  }
}
