import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import {
  groupRssKiB,
  openMemoryMeter,
  parseProcStatus,
} from '../../../src/local/sandboxes/process-memory.ts';

/** A program that says when it is up, and takes 64 MiB when it is told to. */
const GROWING = `
  console.log('up');
  process.stdin.once('data', () => {
    globalThis.ballast = Buffer.alloc(64 * 1024 * 1024, 1);
    console.log('grown');
  });
`;

describe('memory of a process', () => {
  test('the memory of a process is read from its status: the peak, and the peak without pages of files', () => {
    const status =
      'Name:\tnode\nVmPeak:\t 1000000 kB\nVmHWM:\t   50560 kB\nVmRSS:\t   50192 kB\nRssAnon:\t   10128 kB\nRssFile:\t   39932 kB\nRssShmem:\t       0 kB\n';
    expect(parseProcStatus(status)).toEqual({ peakKiB: 50_560, peakAllocatedKiB: 10_628 });
  });

  test('the memory of a process is unknown for a process that has ended', () => {
    expect(parseProcStatus('Name:\tnode\nState:\tZ (zombie)\nPid:\t7\n')).toBeUndefined();
  });

  test('the memory of a process group is the sum of its processes, as ps lists them', () => {
    expect(groupRssKiB('  100  2048\n  101 99999\n  100    52\n\n', 100)).toBe(2100);
    expect(groupRssKiB('', 100)).toBe(0);
  });

  test.runIf(process.platform === 'linux')(
    'the memory of a process is read of a living process, never shrinking',
    async () => {
      const child = spawn(process.execPath, ['-e', GROWING], { stdio: ['pipe', 'pipe', 'inherit'] });
      const meter = openMemoryMeter(child.pid ?? -1);
      await once(child.stdout, 'data');
      const first = meter.read();
      child.stdin.write('grow');
      await once(child.stdout, 'data');
      const second = meter.readTree();
      meter.close();
      child.kill('SIGKILL');
      expect(second?.peakAllocatedKiB).toBeGreaterThan((first?.peakAllocatedKiB ?? Number.NaN) + 50_000);
      expect(second?.peakKiB).toBeGreaterThanOrEqual(second?.peakAllocatedKiB ?? Number.NaN);
      expect(meter.read()).toBeUndefined();
    },
  );

  test.runIf(process.platform === 'linux')('the memory of a process that does not exist is unknown', () => {
    const meter = openMemoryMeter(2 ** 22 + 1);
    expect(meter.read()).toBeUndefined();
    meter.close();
  });
});
