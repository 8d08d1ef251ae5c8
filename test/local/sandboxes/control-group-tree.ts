import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlGroupSystem } from '../../../src/local/sandboxes/control-group-search.ts';

/** A system's files in a folder of their own: `/proc/self` and the folders of control groups. */
export interface FakeTree {
  readonly folder: string;
  /** A system with these lines in `/proc/self/mountinfo` and `/proc/self/cgroup`. */
  system(
    mountinfo: readonly string[],
    cgroup: readonly string[],
    changes?: Partial<ControlGroupSystem>,
  ): ControlGroupSystem;
  /** Makes a group with these files, and returns its folder. */
  group(path: string, files?: Readonly<Record<string, string>>): string;
  /** A line of mountinfo for the cpu controller of version 1. */
  v1Mount(options?: string): string;
  /** A line of mountinfo for version 2. */
  v2Mount(root?: string, options?: string): string;
  remove(): void;
}

export function fakeTree(): FakeTree {
  const folder = mkdtempSync(join(tmpdir(), 'shedbench-test-groups-'));
  return {
    folder,
    system(mountinfo, cgroup, changes = {}) {
      const self = join(folder, 'proc/self');
      mkdirSync(self, { recursive: true });
      writeFileSync(join(self, 'mountinfo'), `${mountinfo.join('\n')}\n`);
      writeFileSync(join(self, 'cgroup'), `${cgroup.join('\n')}\n`);
      return { platform: 'linux', rootFolder: folder, isRoot: false, isWritable: () => true, ...changes };
    },
    group(path, files = {}) {
      const at = join(folder, path);
      mkdirSync(at, { recursive: true });
      for (const [name, text] of Object.entries(files)) writeFileSync(join(at, name), text);
      return at;
    },
    v1Mount: (options = 'rw,relatime') =>
      `32 31 0:29 / ${folder}/cpu ${options} - cgroup cgroup rw,cpu,cpuacct`,
    v2Mount: (root = '/', options = 'rw,nosuid') =>
      `30 23 0:26 ${root} ${folder}/unified ${options} - cgroup2 cgroup2 rw,nsdelegate`,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
