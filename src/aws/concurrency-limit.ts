import type { CommandDeps } from '../model/command.ts';
import type { AwsClients } from './clients.ts';

/**
 * Warns where more calls and loaders would be in flight than the account may run functions at once. It changes no setting. Where the
 * account does not allow the question, there is no warning.
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
  const what = loaders === 0 ? `-p ${parallel} is` : `-p ${parallel} and ${loaders} loaders are`;
  deps.emit({
    type: 'warning',
    code: 'over-concurrency-limit',
    message: `${what} above this account's limit of ${limit} concurrent executions: Lambda will throttle, and API Gateway answer 500.`,
    hint: `-p ${Math.max(1, limit - loaders)}, or ask AWS for a higher limit`,
  });
}

/** How many calls an account may run at once in a region. */
export interface ConcurrencyLimit {
  readonly account: number;
  /** What is left for functions without a reservation of their own. */
  readonly unreserved: number;
}

/** The account's limit of concurrent executions; undefined where it can't be asked. */
export async function concurrencyLimit(clients: AwsClients): Promise<ConcurrencyLimit | undefined> {
  try {
    const { GetAccountSettingsCommand } = await import('@aws-sdk/client-lambda');
    const lambda = await clients.lambda();
    const answer = await lambda.send(new GetAccountSettingsCommand({}));
    const { ConcurrentExecutions: account, UnreservedConcurrentExecutions: unreserved } =
      answer.AccountLimit ?? {};
    return account === undefined ? undefined : { account, unreserved: unreserved ?? account };
  } catch {
    // The question was denied, or an emulator does not know it. The load goes on, and its own answers will show throttling.
    return undefined;
  }
}
