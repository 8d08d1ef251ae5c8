import { usageError } from '../../errors.ts';
import type { FailRule } from '../../report/comparison/fail-rules.ts';
import type { BenchOptions } from './bench-options.ts';

/** Whether a bench can have several builds of one runtime. Only its deploy tells whether it has them. */
export function mayHaveBuilds({ againstDir, handlerDirs, lambdaRuntimes }: BenchOptions): boolean {
  return againstDir !== undefined || handlerDirs.length > 1 || (lambdaRuntimes ?? []).length > 0;
}

/** Refuses rules about a change if there is only one build. @throws usageError `no-builds` */
export function refuseChanges(rules: readonly FailRule[], hasBuilds: boolean): void {
  const rule = rules.find(({ limit }) => limit.of === 'change');
  if (rule === undefined || hasBuilds) return;
  throw usageError(
    'no-builds',
    `--fail-if '${rule.text}' is about a change, and this bench has one build of each runtime.`,
    'shedbench bench --against DIR measures two, or: shedbench compare before.json after.json',
  );
}
