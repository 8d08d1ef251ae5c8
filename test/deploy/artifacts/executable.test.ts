import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readExecutable } from '../../../src/deploy/artifacts/executable.ts';
import { LAMBDA_GLIBC } from '../../../src/deploy/artifacts/package-functions.ts';
import { compareVersions } from '../../../src/deploy/artifacts/toolchain.ts';
import { elf } from './elf.ts';

const PREBUILT = fileURLToPath(new URL('../../../handlers/rust/prebuilt', import.meta.url));

describe('an executable’s header', () => {
  test('an executable’s header tells the processor of an ELF program', () => {
    expect(readExecutable(elf({ machine: 62 }))).toMatchObject({
      kind: 'elf',
      os: 'linux',
      architecture: 'x86_64',
    });
    expect(readExecutable(elf({ machine: 183 }))).toMatchObject({ kind: 'elf', architecture: 'arm64' });
    expect(readExecutable(elf({ machine: 243 }))).toMatchObject({ kind: 'elf', architecture: undefined });
  });

  test('an executable’s header tells the newest glibc that any of its libraries’ symbols needs, by number and not by text', () => {
    const needs = { 'libc.so.6': ['GLIBC_2.9', 'GLIBC_2.34', 'GLIBC_2.17'], 'libgcc_s.so.1': ['GCC_4.2.0'] };
    expect(readExecutable(elf({ machine: 62, needs }))).toMatchObject({ glibc: '2.34' });
    expect(readExecutable(elf({ machine: 62, needs: { 'libm.so.6': ['GLIBC_2.2.5'] } }))).toMatchObject({
      glibc: '2.2',
    });
    expect(readExecutable(elf({ machine: 62 }))).toMatchObject({ glibc: undefined });
  });

  test('an executable’s header tells a 32-bit or big-endian program apart: Lambda has neither', () => {
    for (const [offset, value] of [
      [4, 1],
      [5, 2],
    ] as const) {
      const bytes = elf({ machine: 62 });
      bytes[offset] = value;
      expect(readExecutable(bytes)).toMatchObject({ kind: 'elf', architecture: undefined });
    }
  });

  test('an executable’s header tells the processor of a Mach-O program', () => {
    for (const [cpu, architecture] of [
      [0x0100000c, 'arm64'],
      [0x01000007, 'x86_64'],
      [7, undefined],
    ] as const) {
      const bytes = Buffer.alloc(64);
      bytes.writeUInt32LE(0xfeedfacf, 0);
      bytes.writeUInt32LE(cpu, 4);
      expect(readExecutable(bytes)).toEqual({ kind: 'mach-o', os: 'darwin', architecture });
    }
  });

  test('an executable’s header tells scripts and what is neither', () => {
    expect(readExecutable(Buffer.from('#!/bin/sh\n'))).toEqual({ kind: 'script' });
    expect(readExecutable(Buffer.from('PK\u0003\u0004'))).toEqual({ kind: 'unknown' });
    expect(readExecutable(Buffer.alloc(0))).toEqual({ kind: 'unknown' });
    expect(readExecutable(Buffer.alloc(100))).toEqual({ kind: 'unknown' });
  });

  test('an executable’s header that is cut short or points beyond its end is unknown, never an exception', () => {
    const whole = elf({ machine: 62, needs: { 'libc.so.6': ['GLIBC_2.34'] } });
    for (let length = 64; length < whole.length - 20; length += 1) {
      expect(readExecutable(whole.subarray(0, length)).kind, `${length} bytes`).toBe('unknown');
    }
  });

  test.runIf(process.platform === 'linux' && existsSync('/usr/bin/readelf'))(
    'an executable’s header agrees with readelf on Node itself',
    () => {
      const program = readExecutable(readFileSync(process.execPath));
      const text = execFileSync('readelf', ['--version-info', process.execPath], {
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      });
      const needs = text.slice(text.indexOf("Version needs section '.gnu.version_r'"));
      const versions = [...needs.matchAll(/Name: GLIBC_(\d+\.\d+)/g)].map((match) => match[1] ?? '');
      expect(versions.length).toBeGreaterThan(0);
      const architecture = process.arch === 'x64' ? 'x86_64' : process.arch;
      expect(program).toEqual({
        kind: 'elf',
        os: 'linux',
        architecture,
        glibc: versions.sort(compareVersions).at(-1),
      });
    },
  );
});

describe('the Rust binaries that were built', () => {
  const binaries = !existsSync(PREBUILT)
    ? []
    : readdirSync(PREBUILT, { recursive: true, encoding: 'utf8' }).filter((path) =>
        /^linux-.*bootstrap$/.test(path),
      );

  test.skipIf(binaries.length > 0)('the Rust binaries have not been built: npm run build:rust', (context) =>
    context.skip(),
  );

  test.each(binaries)('%s starts on provided.al2023', (path) => {
    const program = readExecutable(readFileSync(join(PREBUILT, path)));
    expect(program).toMatchObject({ kind: 'elf', architecture: /^linux-([^/\\]+)/.exec(path)?.[1] });
    const glibc = program.kind === 'elf' ? program.glibc : undefined;
    expect(compareVersions(glibc ?? '0', LAMBDA_GLIBC)).toBeLessThanOrEqual(0);
  });
});
