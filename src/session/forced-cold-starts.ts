import { concurrencyLimit } from '../aws/concurrency-limit.ts';
import { type FunctionSettings, withFunctionSettings } from '../deploy/settings/function-settings.ts';
import type { ColdStarts } from '../load/force-cold-starts.ts';
import type { CloudUnderLoad } from '../load/load-runs.ts';
import type { CommandDeps } from '../model/command.ts';
import { counted } from '../model/number-text.ts';
import { countColdStarts } from '../report/rows/count-cold-starts.ts';
import { defaultWaitMs } from '../report/rows/insights-access.ts';
import { createInsightsPort } from '../report/rows/insights-client.ts';
import { type Session, settingsDeps } from './session.ts';

/** The concurrency of a new account, assumed if the account's limit can't be read. */
const LEAST_CONCURRENCY = 10;

/**
 * Runs work that forces `asked` cold starts of each function, and restores the functions afterwards. If `asked` is
 * undefined, nothing is forced, and `work` gets no `ColdStarts`.
 *
 * @returns what `work` returned, and whether every function was restored
 * @throws what `work` throws
 */
export async function withColdStarts<T>(
  asked: number | undefined,
  session: Session,
  cloud: Pick<CloudUnderLoad, 'startsAtOnce'> | undefined,
  deps: CommandDeps,
  work: (cold: ColdStarts | undefined) => Promise<T>,
): Promise<{ readonly result: T; readonly isPutBack: boolean }> {
  if (asked === undefined) return { result: await work(undefined), isPutBack: true };
  return await withFunctionSettings(await settingsDeps(session, deps), async (settings) =>
    work(await coldStartsBy(settings, asked, session, cloud, deps)),
  );
}

/** Creates the means to force `asked` cold starts of each function by changing its settings. */
export async function coldStartsBy(
  settings: FunctionSettings,
  asked: number,
  session: Session,
  cloud: Pick<CloudUnderLoad, 'startsAtOnce'> | undefined,
  deps: CommandDeps,
): Promise<ColdStarts> {
  const logs = createInsightsPort(await session.clients.logs());
  const reportDeps = { emit: deps.emit, signal: deps.interrupt.first, now: deps.now, sleep: deps.sleep };
  return {
    asked,
    atOnce: await startsAtOnce(asked, session, cloud, deps),
    retire: (functionNames) => settings.change(functionNames, { retiresEnvironments: true }),
    count: (run) => countColdStarts(run, logs, defaultWaitMs(run.target), reportDeps),
  };
}

/** How many environments of one function start at once: as many as the local cloud says, or as the account's limit allows. */
export async function startsAtOnce(
  asked: number,
  session: Pick<Session, 'clients'>,
  cloud: Pick<CloudUnderLoad, 'startsAtOnce'> | undefined,
  deps: Pick<CommandDeps, 'emit'>,
): Promise<number> {
  if (cloud !== undefined) return cloud.startsAtOnce;
  const limit = (await concurrencyLimit(session.clients))?.unreserved ?? LEAST_CONCURRENCY;
  if (limit < asked) {
    deps.emit({
      type: 'note',
      message: `This account runs ${counted(limit, 'call')} at once, so ${counted(asked, 'cold start')} of a function take ${counted(Math.ceil(asked / Math.max(1, limit)), 'wave')}.`,
    });
  }
  return Math.max(1, Math.min(asked, limit));
}
