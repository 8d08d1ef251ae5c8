import type { Command } from 'commander';
import { usageError } from '../errors.ts';
import type { Route } from '../model/route.ts';
import type { InvokeFlags, RuleFlags } from './shared-options.ts';

/** Options that have an effect on one route only. */
const OPTIONS_OF_ROUTES: readonly { readonly name: string; readonly flag: string; readonly route: Route }[] =
  [
    { name: 'm', flag: '-m', route: 'cat' },
    { name: 'n', flag: '-n', route: 'cat' },
    { name: 'startAt', flag: '-s/--start-at', route: 'sheep' },
  ];

/**
 * Refuses options that were typed and have no effect on these routes.
 *
 * @throws usageError `no-effect`
 */
export function refuseWithoutEffect(command: Command, routes: readonly Route[]): void {
  for (const { name, flag, route } of OPTIONS_OF_ROUTES) {
    if (command.getOptionValueSource(name) !== 'cli' || routes.includes(route)) continue;
    throw usageError(
      'no-effect',
      `${flag} is for the ${route} alone; it has no effect ${routes.length === 0 ? 'here' : `on ${routes.join(', ')}`}.`,
      routes.length === 0 ? 'Leave it out' : `Leave it out, or: --route ${route}`,
    );
  }
}

/** Refuses `--fail-if-unsure` without `--fail-if`. @throws usageError `no-effect` */
export function refuseUnsureAlone({ failIf, failIfUnsure }: RuleFlags): void {
  if (failIfUnsure !== true || failIf !== undefined) return;
  throw usageError(
    'no-effect',
    '--fail-if-unsure has no effect without --fail-if.',
    "--fail-if 'p50>+10%' --fail-if-unsure",
  );
}

/** Refuses `--qualifier` and `--payload` without `--function`. @throws usageError `needs-function` */
export function refuseInvokeAlone(options: InvokeFlags): void {
  const given = (['qualifier', 'payload'] as const).find((flag) => options[flag] !== undefined);
  if (options.function !== undefined || given === undefined) return;
  throw usageError(
    'needs-function',
    `--${given} has an effect only with --function.`,
    '--function my-function',
  );
}
