import { serverClockOffsetMs } from '../aws/clock-offset.ts';
import { concurrencyLimit } from '../aws/concurrency-limit.ts';
import { checkMachine } from '../deploy/artifacts/machine-checks.ts';
import { EXIT, ShedbenchError } from '../errors.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import type { DoctorCheck, DoctorResult } from '../model/doctor.ts';
import { counted } from '../model/number-text.ts';
import type { Selector } from '../model/selector.ts';
import { openSession, type Session } from '../session/session.ts';

/**
 * The largest difference between a signature's time and AWS's clock. @see
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
const MOST_CLOCK_OFFSET_MS = 5 * 60_000;
/**
 * The smallest difference of the clocks that a check mentions, because it becomes visible in the times of log lines,
 * ms.
 */
const CLOCK_OFFSET_WORTH_A_WORD_MS = 2000;
/** `-p` of the standard bench. */
const STANDARD_PARALLEL = 100;

/**
 * Checks what shedbench needs: this machine's programs, disk and control groups, and with credentials their AWS
 * account. It changes nothing and starts no cloud. Exit 4 if shedbench can't work on this machine.
 */
export async function doctor(selector: Selector, deps: CommandDeps): Promise<CommandResult<DoctorResult>> {
  const [machine, aws] = await Promise.all([
    checkMachine(deps.cwd, deps.interrupt.first),
    checkAws(selector, deps),
  ]);
  const checks = [...machine, ...aws];
  const isBroken = checks.some(({ state }) => state === 'broken');
  return { exitCode: isBroken ? EXIT.toolchain : EXIT.ok, data: { schema: 'shedbench/doctor@1', checks } };
}

async function checkAws(selector: Selector, deps: CommandDeps): Promise<DoctorCheck[]> {
  let session: Session;
  try {
    session = await openSession({ ...selector, local: false }, { startLocal: false }, deps);
  } catch (error) {
    if (!(error instanceof ShedbenchError) || deps.interrupt.first.aborted) throw error;
    return [
      {
        name: 'AWS',
        state: 'limited',
        found: error.message,
        lacks: 'anything on AWS; all of it works with --local',
        ...(error.hint === undefined ? {} : { remedy: error.hint }),
      },
    ];
  }
  try {
    return await checkAccount(session, deps);
  } finally {
    session.close();
  }
}

async function checkAccount(session: Session, deps: CommandDeps): Promise<DoctorCheck[]> {
  const { target, identity, clients } = session;
  const limit = await concurrencyLimit(clients);
  const offsetMs = await serverClockOffsetMs(clients, deps.now);
  return [
    { name: 'credentials', state: 'ok', found: `${identity.arn}, account ${identity.accountId}` },
    {
      name: 'region',
      state: 'ok',
      found: `${target.region}${target.endpoint === undefined ? '' : `, at ${target.endpoint}`}`,
    },
    concurrencyCheck(limit?.unreserved),
    clockCheck(offsetMs),
  ];
}

function concurrencyCheck(limit: number | undefined): DoctorCheck {
  const name = 'account limit';
  if (limit === undefined) {
    return {
      name,
      state: 'limited',
      found: 'not told: lambda:GetAccountSettings is denied, or unknown there',
      lacks: 'the warning of load if -p is above it',
    };
  }
  const found = `${counted(limit, 'function')} at once`;
  if (limit >= STANDARD_PARALLEL) return { name, state: 'ok', found };
  return {
    name,
    state: 'limited',
    found,
    lacks: `the standard ${STANDARD_PARALLEL} calls in flight: Lambda throttles the others`,
    remedy: `-p ${limit}, or ask for more: AWS console, Service Quotas, Lambda, Concurrent executions`,
  };
}

function clockCheck(offsetMs: number | undefined): DoctorCheck {
  const name = 'clock';
  if (offsetMs === undefined) return { name, state: 'ok', found: 'not compared: no answer had a date' };
  const found = `${(Math.abs(offsetMs) / 1000).toFixed(1)} s ${offsetMs > 0 ? 'ahead of' : 'behind'} AWS`;
  if (Math.abs(offsetMs) < CLOCK_OFFSET_WORTH_A_WORD_MS) return { name, state: 'ok', found };
  return {
    name,
    state: 'limited',
    found,
    lacks:
      Math.abs(offsetMs) > MOST_CLOCK_OFFSET_MS
        ? 'signatures that AWS accepts for long'
        : 'log times that agree with those of this machine; windows use the clock of AWS',
    remedy: 'Set the clock by the network: timedatectl set-ntp true',
  };
}
