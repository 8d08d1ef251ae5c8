import type { Selector } from '../model/selector.ts';
import type {
  InvokeFlags,
  ReportFlags,
  RuleFlags,
  RuntimeOptions,
  SelectorOptions,
} from './shared-options.ts';

/** Returns the object without its undefined members, because `exactOptionalPropertyTypes` does not allow them. */
export function defined<T extends object>(
  object: T,
): { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
} {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
}

export function toSelector(options: SelectorOptions): Selector {
  return {
    ...defined({ project: options.project, region: options.region, profile: options.profile }),
    local: options.local === true,
  };
}

function toRuntimes(options: RuntimeOptions): { readonly runtimes?: readonly string[] } {
  return defined({ runtimes: options.runtime });
}

/** The selected deployment with the runtimes of a command. */
export function toDeployed(options: SelectorOptions & RuntimeOptions) {
  return { ...toSelector(options), ...toRuntimes(options) };
}

/** The options for invoked functions, as typed. */
export function toFunctions(options: InvokeFlags) {
  return defined({
    functions: options.function,
    qualifier: options.qualifier,
    payload: options.payload,
  });
}

export function toReportTerms(options: ReportFlags) {
  return defined({
    waitSeconds: options.wait,
    baseline: options.baseline,
    percentiles: options.percentiles,
    priceRegion: options.priceRegion,
    // With --json the format has an effect only on a file.
    showsCurves:
      options.format === 'power-tuning' && (options.json !== true || options.output !== undefined)
        ? true
        : undefined,
  });
}

export function toRules(options: RuleFlags) {
  return { failIf: options.failIf ?? [], failIfUnsure: options.failIfUnsure === true };
}
