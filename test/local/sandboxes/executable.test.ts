import { describe, expect, test } from 'vitest';
import {
  classifyExecutable,
  type Executable,
  hostArchitecture,
  whyNotRunnable,
} from '../../../src/local/sandboxes/executable.ts';

function elf(machine: number, elfClass = 2, data = 1): Buffer {
  const head = Buffer.alloc(20);
  head.write('\x7fELF', 0, 'latin1');
  head[4] = elfClass;
  head[5] = data;
  head.writeUInt16LE(machine, 18);
  return head;
}

const LINUX_X86 = { platform: 'linux', architecture: 'x86_64' } as const;

describe('what a bootstrap is', () => {
  test.each<[string, Buffer, Executable]>([
    ['a script', Buffer.from('#!/bin/sh\n'), { kind: 'script' }],
    ['a program for x86_64', elf(62), { kind: 'elf', architecture: 'x86_64' }],
    ['a program for arm64', elf(183), { kind: 'elf', architecture: 'arm64' }],
    ['a program for RISC-V', elf(243), { kind: 'elf', architecture: 'other' }],
    ['a 32-bit program', elf(62, 1), { kind: 'elf', architecture: 'other' }],
    ['a macOS program', Buffer.from('cffaedfe'.padEnd(40, '0'), 'hex'), { kind: 'mach-o' }],
    ['a text', Buffer.from('echo hello to all of you\n'), { kind: 'unknown' }],
    ['an empty file', Buffer.alloc(0), { kind: 'unknown' }],
  ])('the kind of a bootstrap is found by its first bytes: %s', (_name, head, expected) => {
    expect(classifyExecutable(head)).toEqual(expected);
  });
});

describe('what can run here', () => {
  test('a script runs everywhere', () => {
    expect(whyNotRunnable({ kind: 'script' }, 'arm64', LINUX_X86)).toBeUndefined();
  });

  test('a program for this processor runs', () => {
    expect(whyNotRunnable({ kind: 'elf', architecture: 'x86_64' }, 'x86_64', LINUX_X86)).toBeUndefined();
  });

  test('a program for another processor is refused with both names', () => {
    expect(whyNotRunnable({ kind: 'elf', architecture: 'arm64' }, 'arm64', LINUX_X86)).toBe(
      'bootstrap is built for arm64, but this machine is x86_64',
    );
  });

  test("a program for another processor than the function's is refused", () => {
    expect(whyNotRunnable({ kind: 'elf', architecture: 'x86_64' }, 'arm64', LINUX_X86)).toBe(
      "bootstrap is built for x86_64, but the function's architecture is arm64",
    );
  });

  test('programs of another system are refused', () => {
    const mac = { platform: 'darwin', architecture: 'arm64' } as const;
    expect(whyNotRunnable({ kind: 'elf', architecture: 'arm64' }, 'arm64', mac)).toBe(
      'bootstrap is a Linux program, but this machine runs darwin',
    );
    expect(whyNotRunnable({ kind: 'mach-o' }, 'arm64', LINUX_X86)).toBe(
      'bootstrap is a macOS program, but this machine runs linux',
    );
    expect(whyNotRunnable({ kind: 'mach-o' }, 'arm64', mac)).toBeUndefined();
  });

  test("Node's names of processors are Lambda's", () => {
    expect(['x64', 'arm64', 'ia32'].map(hostArchitecture)).toEqual(['x86_64', 'arm64', undefined]);
  });
});
