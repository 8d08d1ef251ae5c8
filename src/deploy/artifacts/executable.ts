import type { Architecture } from '../../model/target.ts';
import type { System } from './manifest.ts';

/**
 * The kind of a program, read from its first bytes, and the systems that can run it.
 *
 * @see https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
 * @see https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html
 */
export type Executable =
  | {
      readonly kind: 'elf';
      readonly os: System;
      /** Undefined for a processor that Lambda doesn't have. */
      readonly architecture: Architecture | undefined;
      /** The highest version of glibc that one of its symbols needs, as `x.y`. Undefined for a static program. */
      readonly glibc: string | undefined;
    }
  | { readonly kind: 'mach-o'; readonly os: System; readonly architecture: Architecture | undefined }
  /** A file that begins with `#!`. */
  | { readonly kind: 'script' }
  | { readonly kind: 'unknown' };

const ELF_MAGIC = 0x7f454c46;
const ELF_CLASS_64 = 2;
const ELF_LITTLE_ENDIAN = 1;
const EM_X86_64 = 62;
const EM_AARCH64 = 183;
const SHT_GNU_VERNEED = 0x6ffffffe;

const MACH_O_64_MAGIC = 0xfeedfacf;
const CPU_TYPE_X86_64 = 0x01000007;
const CPU_TYPE_ARM64 = 0x0100000c;

/** Reads a program's header. Incomplete or inconsistent bytes give `unknown`, never an exception. */
export function readExecutable(bytes: Buffer): Executable {
  if (bytes.length >= 2 && bytes.toString('latin1', 0, 2) === '#!') return { kind: 'script' };
  if (bytes.length < 64) return { kind: 'unknown' };
  if (bytes.readUInt32LE(0) === MACH_O_64_MAGIC) {
    const cpu = bytes.readUInt32LE(4);
    const architecture = cpu === CPU_TYPE_ARM64 ? 'arm64' : cpu === CPU_TYPE_X86_64 ? 'x86_64' : undefined;
    return { kind: 'mach-o', os: 'darwin', architecture };
  }
  if (bytes.readUInt32BE(0) !== ELF_MAGIC) return { kind: 'unknown' };
  if (bytes[4] !== ELF_CLASS_64 || bytes[5] !== ELF_LITTLE_ENDIAN) {
    return { kind: 'elf', os: 'linux', architecture: undefined, glibc: undefined };
  }
  const machine = bytes.readUInt16LE(18);
  const architecture = machine === EM_AARCH64 ? 'arm64' : machine === EM_X86_64 ? 'x86_64' : undefined;
  try {
    return { kind: 'elf', os: 'linux', architecture, glibc: highestGlibc(bytes) };
  } catch (cause) {
    if (cause instanceof RangeError) return { kind: 'unknown' };
    throw cause;
  }
}

/**
 * The highest version of glibc in the section of needed versions (`.gnu.version_r`). The field `sh_link` of that
 * section is the index of the section with its strings.
 */
function highestGlibc(bytes: Buffer): string | undefined {
  const sectionsAt = Number(bytes.readBigUInt64LE(40));
  const sectionSize = bytes.readUInt16LE(58);
  const sectionCount = bytes.readUInt16LE(60);
  if (sectionsAt === 0) return undefined;
  const section = (index: number): { type: number; offset: number; link: number; info: number } => {
    const at = sectionsAt + index * sectionSize;
    return {
      type: bytes.readUInt32LE(at + 4),
      offset: Number(bytes.readBigUInt64LE(at + 24)),
      link: bytes.readUInt32LE(at + 40),
      info: bytes.readUInt32LE(at + 44),
    };
  };
  let highest: readonly [number, number] | undefined;
  for (let index = 0; index < sectionCount; index += 1) {
    const { type, offset, link, info } = section(index);
    if (type !== SHT_GNU_VERNEED) continue;
    const strings = section(link).offset;
    let need = offset;
    for (let n = 0; n < info; n += 1) {
      const versionCount = bytes.readUInt16LE(need + 2);
      let version = need + bytes.readUInt32LE(need + 8);
      for (let v = 0; v < versionCount; v += 1) {
        const nameAt = strings + bytes.readUInt32LE(version + 8);
        const name = bytes.toString('latin1', nameAt, bytes.indexOf(0, nameAt));
        const found = /^GLIBC_(\d+)\.(\d+)/.exec(name);
        if (found !== null) {
          const [major, minor] = [Number(found[1]), Number(found[2])];
          if (highest === undefined || major > highest[0] || (major === highest[0] && minor > highest[1])) {
            highest = [major, minor];
          }
        }
        version += bytes.readUInt32LE(version + 12);
      }
      need += bytes.readUInt32LE(need + 12);
    }
  }
  return highest === undefined ? undefined : `${highest[0]}.${highest[1]}`;
}
