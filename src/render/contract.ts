import type { ContractResult } from '../model/contract.ts';
import { counted } from '../model/number-text.ts';
import { paint } from './ansi.ts';

const SECOND_MS = 1000;

/** Renders the contract of each runtime: broken rules in full, skipped ones with the reason, the others as a count. */
export function renderVerify(
  view: { readonly runtimes: readonly ContractResult[] },
  style: { readonly color: boolean },
  all: boolean,
): string {
  const { bold, green, red, yellow } = paint(style.color);
  const blocks = view.runtimes.map((result) => {
    const { runtime, sdk, held, broken, skipped, rules, durationMs } = result;
    const counts = [
      green(counted(held, 'rule holds', 'rules hold')),
      broken === 0 ? '0 broken' : red(`${broken} broken`),
      ...(skipped === 0 ? [] : [yellow(`${skipped} skipped`)]),
    ].join(', ');
    const lines = [
      `${bold(runtime)}: ${counts}, in ${(durationMs / SECOND_MS).toFixed(1)} s`,
      ...(sdk === undefined ? [] : [`  SDK: ${sdk}`]),
    ];
    for (const { id, title, status, detail } of rules) {
      if (status === 'held' && !all) continue;
      const mark =
        status === 'held' ? green('holds  ') : status === 'broken' ? red('broken ') : yellow('skipped');
      lines.push(`  ${mark}  ${title}  [${id}]`, `           ${detail}`);
    }
    return `${lines.join('\n')}\n`;
  });
  return blocks.join('\n');
}
