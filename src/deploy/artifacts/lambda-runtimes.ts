import { usageError } from '../../errors.ts';
import type { RuntimeManifest } from './manifest.ts';

/** The versions of Lambda's runtimes to deploy a runtime with, by label: `node` to `nodejs22.x`, `nodejs24.x`. */
export type LambdaRuntimes = ReadonlyMap<string, readonly string[]>;

/** The beginning of Lambda's identifiers, before the version: `nodejs`, `python`, `java`, `provided.al`. */
const FAMILY = /^([a-z]+(?:\.[a-z]+)?)(\d[\d.]*)(?:\.x)?$/;

/**
 * Parses `node=nodejs22.x,nodejs24.x`, given once for each runtime.
 * @throws usageError `bad-lambda-runtime`
 */
export function parseLambdaRuntimes(texts: readonly string[]): LambdaRuntimes {
  const found = new Map<string, readonly string[]>();
  for (const text of texts) {
    const [label = '', list = ''] = text.split('=');
    const identifiers = [...new Set(list.split(',').map((each) => each.trim()))].filter(
      (each) => each !== '',
    );
    const odd = identifiers.find((identifier) => !FAMILY.test(identifier));
    if (label === '' || identifiers.length === 0 || odd !== undefined || text.split('=').length !== 2) {
      throw usageError(
        'bad-lambda-runtime',
        `--lambda-runtime takes a runtime and Lambda's identifiers for it, not '${odd ?? text}'.`,
        '--lambda-runtime node=nodejs22.x,nodejs24.x',
      );
    }
    found.set(label, [...(found.get(label) ?? []), ...identifiers]);
  }
  return found;
}

/**
 * Returns one manifest for each version of Lambda's runtime, each under its own label: `node` becomes `node22` and
 * `node24`. Previews are treated like other versions. Only the target knows which versions it has.
 *
 * @throws usageError `other-runtime-family` for an identifier of another language than the manifest's
 */
export function inVersions(manifest: RuntimeManifest, identifiers: readonly string[]): RuntimeManifest[] {
  return identifiers.map((lambdaRuntime) => {
    const [own, asked] = [familyOf(manifest.lambdaRuntime), familyOf(lambdaRuntime)];
    if (own !== asked) {
      throw usageError(
        'other-runtime-family',
        `${lambdaRuntime} does not run the runtime "${manifest.label}", which is written for ${manifest.lambdaRuntime}.`,
        `--lambda-runtime ${manifest.label}=${manifest.lambdaRuntime}`,
      );
    }
    return { ...manifest, lambdaRuntime, label: `${manifest.label}${versionOf(lambdaRuntime)}` };
  });
}

function familyOf(identifier: string): string | undefined {
  return FAMILY.exec(identifier)?.[1];
}

/** `22` of `nodejs22.x`, `314` of `python3.14`, because labels have only letters, digits and hyphens. */
function versionOf(identifier: string): string {
  return (FAMILY.exec(identifier)?.[2] ?? '').replaceAll('.', '');
}
