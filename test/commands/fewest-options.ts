import type { BenchOptions } from '../../src/commands/bench/bench-options.ts';

/** A bench of the cat in the local cloud, with the defaults of the command line and no option besides. */
export const FEWEST: BenchOptions = {
  local: true,
  handlerDirs: [],
  routes: ['cat'],
  parallel: 10,
  calls: 60,
  m: 3,
  n: 8,
  startAt: '1',
  failIf: [],
  failIfUnsure: false,
  resumes: false,
  stopWhenFlat: false,
  teardown: false,
  assumeYes: false,
};
