import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../load/support/fuzz-responses.ts';
import { ChaosFolder } from './chaos-folder.ts';
import { chooseKill, type Kill, OPENINGS, VERBS } from './choose-kill.ts';

/** Folders that are tortured at the same time, each with a local cloud of its own. */
const FOLDERS = 2;
const KILLS_PER_CYCLE = 6;

/** What a run of chaos came to. */
export interface ChaosResult {
  /** Signals that met a living target. */
  readonly kills: number;
  /** Signals for which the target was gone already, or never there. */
  readonly misses: number;
  readonly killsByTarget: Readonly<Record<string, number>>;
  /** What was left over, hung, or did not converge, one line each. */
  readonly faults: readonly string[];
}

/**
 * Kills commands, clouds, databases, watchdogs and sandboxes at random moments, runs the next command after each, and
 * looks for what is left over. Everything happens in temporary folders of its own, and only processes that these
 * folders' commands started get a signal.
 * @param kills how many signals have to meet a living target
 * @param deadline monotonic clock, ms: no cycle begins after it
 */
export async function runChaos(
  seed: number,
  kills: number,
  deadline: number,
  tell: (line: string) => void,
): Promise<ChaosResult> {
  const root = mkdtempSync(join(tmpdir(), 'shedbench-chaos-'));
  const tally = { kills: 0, misses: 0, killsByTarget: {} as Record<string, number>, faults: [] as string[] };
  const torture = async (index: number): Promise<void> => {
    const random = seededRandom((seed + index * 7919) >>> 0);
    const folder = new ChaosFolder(join(root, String(index)));
    const act = async (kill: Kill, next: readonly (readonly string[])[]): Promise<void> => {
      const { isHit, faults } = await folder.kill(kill);
      if (isHit) {
        tally.kills += 1;
        tally.killsByTarget[kill.target] = (tally.killsByTarget[kill.target] ?? 0) + 1;
      } else tally.misses += 1;
      const found = [...faults];
      for (const args of next) found.push(...(await folder.converge(args)));
      found.push(...folder.unreadableRecords());
      const what = `${kill.args.join(' ')} (${kill.signal} to the ${kill.target} after ${Math.round(kill.delayMs)} ms)`;
      tell(`${String(tally.kills).padStart(4)}  folder ${index}  ${isHit ? 'hit ' : 'miss'}  ${what}`);
      for (const fault of found) tally.faults.push(`folder ${index}, after ${what}: ${fault}`);
    };
    while (tally.kills < kills && performance.now() < deadline) {
      await act(chooseKill(OPENINGS, random), [DEPLOY]);
      for (let count = 2; count < KILLS_PER_CYCLE && tally.kills < kills; count += 1) {
        await act(chooseKill(VERBS, random), [DEPLOY]);
      }
      await act(chooseKill(CLOSINGS, random), [TEARDOWN]);
      for (const fault of await folder.leftovers())
        tally.faults.push(`folder ${index}, after teardown: ${fault}`);
    }
    // One cycle without a signal: what was killed while it wrote must be swept by the next that writes.
    for (const args of [DEPLOY, LOAD, REPORT, TEARDOWN]) {
      for (const fault of await folder.converge(args))
        tally.faults.push(`folder ${index}, at the end: ${fault}`);
    }
    for (const fault of await folder.leftovers()) tally.faults.push(`folder ${index}, at the end: ${fault}`);
  };
  try {
    await Promise.all(Array.from({ length: FOLDERS }, (_, index) => torture(index)));
  } finally {
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
  return tally;
}

const DEPLOY = ['deploy', '--local', '--runtime', 'node'];
const TEARDOWN = ['teardown', '--local'];
const LOAD = ['load', '--local', '--route', 'dog', '-p', '2', '-c', '20'];
const REPORT = ['report', '--local'];
const CLOSINGS = [
  { args: TEARDOWN, typicalMs: 1500, targets: ['command', 'cloud', 'database', 'watchdog'] },
] as const;
