import { describe, expect, test } from 'vitest';
import type { Report } from '../../../src/model/report.ts';
import type { FleetRecord } from '../../../src/model/run.ts';
import { originNotes } from '../../../src/render/report-notes.ts';
import { fleetCostUsd } from '../../../src/report/cost/loader-cost.ts';
import { clientSide } from '../../../src/report/rows/client-side.ts';
import { runFromElsewhere } from '../../../src/report/rows/other-origin.ts';
import { histogramOf, runRecord } from '../fixtures.ts';

const loader = {
  number: 1,
  calls: 50,
  notSent: 0,
  invocations: 3,
  coldStarts: 1,
  billedMs: 30_000,
  cpuMs: 100,
  peakRssMiB: 80,
  eventLoopUtilization: 0.2,
  startedLateMs: 0,
  losses: [],
};
const fleet: FleetRecord = {
  functionName: 'sheepshed-fleet-loader',
  region: 'us-east-1',
  memorySizeMB: 1769,
  architecture: 'arm64',
  loaders: [loader, { ...loader, number: 2 }],
};
const latency = (p50Ms: number) => ({
  ...runRecord('node', 'dog').latency,
  success: histogramOf([p50Ms, p50Ms, p50Ms]),
});
const here = runRecord('node', 'dog', { id: 'here', latency: latency(52) });
const inRegion = runRecord('node', 'dog', { id: 'in-region', fleet, latency: latency(12) });

describe('the run from elsewhere', () => {
  test('the run from elsewhere is the latest of the same work that was sent from the other place', () => {
    const older = { ...here, id: 'older' };
    expect(runFromElsewhere('in-region', [older, here, inRegion])?.id).toBe('here');
    expect(runFromElsewhere('here', [older, here, inRegion])?.id).toBe('in-region');
  });

  test.each([
    ['another API', { url: 'https://other.test/v1' }],
    ['another build', { artifactSha256: 'f'.repeat(64) }],
    ['another memory size', { memorySizeMB: 512 }],
    ['no success', { latency: { ...here.latency, success: histogramOf([]) } }],
  ])('a run with %s is not the run from elsewhere', (_what, change) => {
    expect(runFromElsewhere('in-region', [{ ...here, ...change }, inRegion])).toBeUndefined();
  });
});

test('loaders cost what Lambda billed them, at the prices of their region', () => {
  // 60 s at 1,769 MB are 103.65 GB-s; six invocations are requests too.
  expect(fleetCostUsd(fleet)).toBeCloseTo((60 * 1769 * 0.000_013_333_4) / 1024 + 6 * 0.2e-6, 9);
  const { billedMs: _unknown, ...unbilled } = loader;
  expect(fleetCostUsd({ ...fleet, loaders: [loader, unbilled] })).toBeUndefined();
});

test('a report says where a load came from, what that cost, and what the same took from the other place', () => {
  const client = clientSide(inRegion, [50, 99], here);
  expect(client.loaders).toMatchObject({ count: 2, region: 'us-east-1', failed: 0 });
  const report = { runs: [{ runtime: 'node', route: 'dog', client }] } as unknown as Report;
  expect(originNotes(report)).toEqual([
    'node dog was sent by 2 loaders in us-east-1; they cost $0.0014 themselves.',
    'node dog in the region took 12.0 (p50) and 12.0 ms (p99), and seen from this machine 52.0 (p50) and 52.0 ms (p99) (the other run is here).',
  ]);
  const plain = {
    runs: [{ runtime: 'node', route: 'dog', client: clientSide(here, []) }],
  } as unknown as Report;
  expect(originNotes(plain)).toEqual([]);
});
