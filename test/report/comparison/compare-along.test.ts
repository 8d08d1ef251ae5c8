import { describe, expect, test } from 'vitest';
import type { Report, ReportedRun } from '../../../src/model/report.ts';
import type { Architecture } from '../../../src/model/target.ts';
import { compareAlong, refuseMixture } from '../../../src/report/comparison/compare-along.ts';
import { compareBuilds } from '../../../src/report/comparison/compare-builds.ts';
import { parseFailRule } from '../../../src/report/comparison/fail-rules.ts';
import { inRounds, measured } from '../measured-run.ts';

function at(memorySizeMB: number, ms: number, architecture: Architecture = 'arm64', runtime = 'rust') {
  const run = measured(runtime, 'cat', { warm: inRounds(ms) });
  return { ...run, runId: `${runtime}-${memorySizeMB}-${architecture}`, memorySizeMB, architecture };
}

function named(...runs: readonly ReportedRun[]) {
  const report = {
    runs,
    target: { kind: 'local' },
    createdAtEpochMs: 0,
    measured: { fromEpochMs: 0, toEpochMs: 0 },
    toolVersion: '0.1.0',
  };
  return { name: 'sweep.json', report: report as unknown as Report };
}

describe('a comparison along one dimension', () => {
  test('a comparison along memory holds each size against the smallest, on the same architecture', () => {
    const comparison = compareAlong(
      named(at(512, 25), at(128, 100), at(1024, 12), at(512, 20, 'x86_64')),
      'memory',
      { rules: [] },
    );
    expect([comparison.before.name, comparison.after.name]).toEqual(['128 MB', '512 MB, 1024 MB']);
    const medians = comparison.functions.map(({ label, changes }) => [
      label,
      changes.find(({ metric }) => metric === 'p50')?.verdict,
    ]);
    expect(medians).toEqual([
      ['rust-cat arm64 512 MB', 'better'],
      ['rust-cat arm64 1024 MB', 'better'],
    ]);
  });

  test('a comparison along arch holds the architectures against each other at the same size', () => {
    const { functions } = compareAlong(named(at(128, 100, 'x86_64'), at(128, 80), at(512, 20)), 'arch', {
      rules: [],
    });
    expect(functions.map(({ label }) => label)).toEqual(['rust-cat 128 MB arm64']);
  });

  test('a comparison along memory gives no verdict where the machine was not equally fast at both sizes', () => {
    const on = (memorySizeMB: number, ms: number, yardstickMs: number): ReportedRun => ({
      ...at(memorySizeMB, ms),
      machine: {
        yardsticks: [1, 2].map((beforeRound) => ({ atEpochMs: beforeRound, beforeRound, ms: yardstickMs })),
      },
    });
    const rules = [parseFailRule('p50>+10%')];
    const comparison = compareAlong(named(on(128, 100, 10), on(512, 120, 12)), 'memory', { rules });
    expect(comparison.noVerdict).toMatch(/^128 MB → 512 MB: the machine itself was not equally fast/);
    const changes = comparison.functions.flatMap((compared) => compared.changes);
    expect(new Set(changes.map(({ verdict }) => verdict))).toEqual(new Set(['unclear']));
    expect(comparison.rules[0]?.state).toBe('unsure');
  });

  test('a report with one value is refused, with the command that measures several', () => {
    expect(() => compareAlong(named(at(128, 100)), 'memory', { rules: [] })).toThrow(
      'sweep.json contains only one memory size (128 MB): nothing changes along memory.',
    );
  });
});

describe('a report with several settings', () => {
  test('a report with several settings is refused by name where two reports are compared', () => {
    const refuse = (...runs: readonly ReportedRun[]) => refuseMixture('sweep.json', runs);
    expect(() => refuse(at(128, 100), at(512, 25))).toThrow(
      "sweep.json contains rust-get-cat-ackermann in several settings (128 MB, 512 MB). Figures over several settings can't be compared.",
    );
    expect(() => refuse(at(128, 100), at(128, 90, 'x86_64'))).toThrow('(arm64, x86_64)');
    expect(() => refuse(at(128, 100), at(128, 300, 'arm64', 'python'))).not.toThrow();
  });
});

describe('versions of a runtime in one bench', () => {
  test('versions of a runtime are compared as builds: the oldest against each newer one', () => {
    const { before, after, functions } = compareBuilds(
      named(at(128, 100, 'arm64', 'node24'), at(128, 120, 'arm64', 'node22'), at(128, 90, 'arm64', 'node26')),
      { rules: [] },
    );
    expect([before.name, after.name]).toEqual(['node22, node22', 'node24, node26']);
    expect(functions.map(({ runtime }) => runtime)).toEqual(['node24', 'node26']);
  });
});
