import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/**
 * The time between two of the kernel's checks of a group's usage, ms (1000 / CONFIG_HZ). Undefined if the system does
 * not publish its configuration. A busy function exceeds its quota until the next check. Lambda's hosts have 4 ms.
 * @param release the kernel's release, as `uname -r` prints it
 */
export function kernelTickMs(release: string, rootFolder = '/'): number | undefined {
  const text =
    read(() => gunzipSync(readFileSync(join(rootFolder, 'proc/config.gz'))).toString('latin1')) ??
    read(() => readFileSync(join(rootFolder, 'boot', `config-${release}`), 'latin1'));
  const hz = Number(/^CONFIG_HZ=(\d+)$/m.exec(text ?? '')?.[1]);
  return hz > 0 ? 1000 / hz : undefined;
}

function read(text: () => string): string | undefined {
  try {
    return text();
  } catch {
    return undefined;
  }
}
