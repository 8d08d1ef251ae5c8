import { EXIT, ShedbenchError } from '../../errors.ts';
import type { CommandDeps } from '../../model/command.ts';
import { counted } from '../../model/number-text.ts';
import type { GridEstimate } from './estimate-grid.ts';

/** A bench asks before it starts if it is expected to take longer, or to cost more, than these limits. */
const ASK_ABOVE_MS = 3_600_000;
const ASK_ABOVE_USD = 1;

/**
 * States the expected time and cost of a bench over several settings. Asks if that is more than an hour or a dollar.
 *
 * @throws ShedbenchError exit 2: `needs-yes` if there is no terminal to ask on, `declined`
 */
export async function askFirst(
  estimate: GridEstimate,
  settings: number,
  assumeYes: boolean,
  deps: CommandDeps,
): Promise<void> {
  const { loads, calls, expectedMs, until, expectedUsd, basis } = estimate;
  deps.emit({
    type: 'work-estimate',
    loads,
    calls,
    expectedMs,
    until,
    ...(expectedUsd === undefined ? {} : { expectedUsd }),
    basis,
  });
  if (assumeYes || (expectedMs <= ASK_ABOVE_MS && (expectedUsd ?? 0) <= ASK_ABOVE_USD)) return;
  const text = estimateText(estimate, settings);
  if (!deps.interactive) {
    throw new ShedbenchError({
      code: 'needs-yes',
      message: `${text}, and there is no terminal to ask on.`,
      hint: 'Add --yes, or take fewer sizes or calls',
      exitCode: EXIT.usage,
    });
  }
  if (await deps.confirm(`${text}. Go on?`)) return;
  throw new ShedbenchError({
    code: 'declined',
    message: 'Nothing was deployed or measured.',
    exitCode: EXIT.usage,
  });
}

const MS_PER_MINUTE = 60_000;
/** From this many minutes on, a time is given in hours. */
const MOST_MINUTES = 180;

/** `The 10 settings will take about 75 minutes and cost about $1.40` */
function estimateText({ expectedMs, expectedUsd }: GridEstimate, settings: number): string {
  const cost = expectedUsd === undefined ? '' : ` and cost about $${expectedUsd.toFixed(2)}`;
  const minutes = Math.round(expectedMs / MS_PER_MINUTE);
  const time =
    minutes < MOST_MINUTES ? counted(minutes, 'minute') : counted(Math.round(minutes / 60), 'hour');
  return `The ${settings === 1 ? 'setting' : `${settings} settings`} will take about ${time}${cost}`;
}
