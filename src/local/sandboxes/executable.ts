import { accessSync, closeSync, constants, existsSync, openSync, readSync } from 'node:fs';

/** The format of the `bootstrap` file of a `provided` function. */
export type Executable =
  | { readonly kind: 'elf'; readonly architecture: 'arm64' | 'x86_64' | 'other' }
  | { readonly kind: 'mach-o' }
  | { readonly kind: 'script' }
  | { readonly kind: 'unknown' };

const ELF_MAGIC = 0x7f454c46;
/** Offsets and values of the ELF header. @see https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const ELF_CLASS_OFFSET = 4;
const ELF_CLASS_64 = 2;
const ELF_DATA_OFFSET = 5;
const ELF_DATA_LITTLE = 1;
const ELF_MACHINE_OFFSET = 18;
const EM_X86_64 = 62;
const EM_AARCH64 = 183;
/** 64-bit Mach-O in both byte orders, and universal binaries. */
const MACH_O_MAGICS: readonly number[] = [0xfeedfacf, 0xcffaedfe, 0xcafebabe];
/** How many bytes of a file are needed to classify it. */
export const EXECUTABLE_HEAD_BYTES = 128;
/** The shortest ELF header that contains the machine. */
const ELF_HEAD_BYTES = 20;

/** Classifies a file by its first bytes. */
export function classifyExecutable(head: Buffer): Executable {
  if (head.length >= 2 && head[0] === 0x23 && head[1] === 0x21) return { kind: 'script' };
  if (head.length < ELF_HEAD_BYTES) return { kind: 'unknown' };
  const magic = head.readUInt32BE(0);
  if (MACH_O_MAGICS.includes(magic)) return { kind: 'mach-o' };
  if (magic !== ELF_MAGIC) return { kind: 'unknown' };
  if (head[ELF_CLASS_OFFSET] !== ELF_CLASS_64 || head[ELF_DATA_OFFSET] !== ELF_DATA_LITTLE) {
    return { kind: 'elf', architecture: 'other' };
  }
  const machine = head.readUInt16LE(ELF_MACHINE_OFFSET);
  if (machine === EM_X86_64) return { kind: 'elf', architecture: 'x86_64' };
  return { kind: 'elf', architecture: machine === EM_AARCH64 ? 'arm64' : 'other' };
}

/**
 * Returns the options of a script that begins with `#!/bin/sh`; undefined for any other program. On Amazon Linux
 * `/bin/sh` is bash.
 */
export function shellOptionsOf(head: Buffer): readonly string[] | undefined {
  const match = /^#![ \t]*\/bin\/sh(?:[ \t]+(\S+))?[ \t]*(?:\r?\n|$)/.exec(head.toString('latin1'));
  if (match === null) return undefined;
  return match[1] === undefined ? [] : [match[1]];
}

/**
 * Returns the error code with which the system would refuse to start the program: `ENOENT` (also if the interpreter of
 * its first line is missing), `EACCES`, `ENOEXEC`. A name without a folder is not checked.
 */
export function startError(path: string): string | undefined {
  if (!path.includes('/')) return undefined;
  try {
    accessSync(path, constants.X_OK);
    const head = readHead(path);
    const interpreter = /^#![ \t]*([^ \t\r\n]+)/.exec(head.toString('latin1'))?.[1];
    if (interpreter !== undefined) return existsSync(interpreter) ? undefined : 'ENOENT';
    return classifyExecutable(head).kind === 'elf' ? undefined : 'ENOEXEC';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'EACCES';
  }
}

function readHead(path: string): Buffer {
  const fd = openSync(path, 'r');
  try {
    const head = Buffer.alloc(EXECUTABLE_HEAD_BYTES);
    return head.subarray(0, readSync(fd, head, 0, EXECUTABLE_HEAD_BYTES, 0));
  } finally {
    closeSync(fd);
  }
}

/** Returns this machine's architecture in Lambda's words; undefined if Lambda does not have it. */
export function hostArchitecture(arch: string): 'arm64' | 'x86_64' | undefined {
  if (arch === 'x64') return 'x86_64';
  return arch === 'arm64' ? 'arm64' : undefined;
}

/**
 * Returns why `bootstrap` can't run as the function is configured; undefined if it can. Lambda accepts such code and
 * fails at the first invocation. The local cloud refuses it, because a deploy to this machine can't be meant that way.
 */
export function whyNotRunnable(
  executable: Executable,
  declared: 'arm64' | 'x86_64',
  host: { readonly platform: string; readonly architecture: 'arm64' | 'x86_64' | undefined },
): string | undefined {
  if (executable.kind === 'elf') {
    const { architecture } = executable;
    if (host.platform !== 'linux') {
      return `bootstrap is a Linux program, but this machine runs ${host.platform}`;
    }
    if (architecture !== 'other' && architecture !== declared) {
      return `bootstrap is built for ${architecture}, but the function's architecture is ${declared}`;
    }
    if (architecture !== host.architecture) {
      return `bootstrap is built for ${architecture === 'other' ? 'another processor' : architecture}, but this machine is ${host.architecture ?? 'neither arm64 nor x86_64'}`;
    }
  }
  if (executable.kind === 'mach-o' && host.platform !== 'darwin') {
    return `bootstrap is a macOS program, but this machine runs ${host.platform}`;
  }
  return undefined;
}
