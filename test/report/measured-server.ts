import type { Samples, ServerSide } from '../../src/model/report.ts';
import { groupsOf } from '../../src/report/rows/samples.ts';

/** The server side of a run whose rows were all found and agree with the aggregate. */
export function measuredServer(samples: Samples): Extract<ServerSide, { state: 'measured' }> {
  const found = samples.atMs.length;
  return {
    state: 'measured',
    source: 'rows',
    ...groupsOf(samples),
    completeness: {
      found,
      expected: { min: found, max: found },
      verdict: 'complete',
      missing: 0,
      foreign: 0,
      duplicates: 0,
      unreadable: 0,
    },
    crossCheck: { state: 'agrees' },
    warmupRows: 0,
    samples,
  };
}
