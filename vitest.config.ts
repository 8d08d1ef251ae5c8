import { defineConfig } from 'vitest/config';
import { pageScriptForTests } from './bundle-script.mjs';
import { LongestFirst } from './test/longest-first.ts';
import { oneBundle } from './test/one-bundle.ts';

/** Tests that measure time. They run last, when no other test takes the processor from them, and mostly wait. */
const TIMED = ['test/load/ground-truth/*.test.ts', 'test/load/measure/self-watch.test.ts'];

/** The local cloud, a building of its own. */
const LOCAL_CLOUD = ['test/local/**/*.test.ts'];

const common = {
  testTimeout: 20_000,
  hookTimeout: 60_000,
  // A busy machine may take seconds to end a process. `expect.poll` stops at once when its condition holds.
  expect: { poll: { timeout: 15_000 } },
  pool: 'forks',
  restoreMocks: true,
  unstubEnvs: true,
} as const;

/** A process runs one file after the other and loads every module once: half of the processor time of most files. */
const sharedProcess = { isolate: false, setupFiles: 'test/real-clock.ts' } as const;

export default defineConfig({
  test: {
    globalSetup: ['test/global-setup.ts'],
    // Two more than the cores of the smallest machine that we support: many tests wait for other processes. With one more,
    // a tenth of the processor time is unused; each worker costs 2 s, since it compiles the tests for itself.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        plugins: [oneBundle()],
        test: {
          ...common,
          ...sharedProcess,
          name: 'local',
          include: LOCAL_CLOUD,
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins: [pageScriptForTests(), oneBundle()],
        test: {
          ...common,
          ...sharedProcess,
          name: 'rooms',
          // Vitest runs a project's setup before that of the whole configuration, so the build stands here as well.
          globalSetup: ['test/global-setup.ts', 'test/e2e/install-once.ts'],
          include: ['test/**/*.test.ts'],
          exclude: [...TIMED, ...LOCAL_CLOUD],
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins: [pageScriptForTests(), oneBundle()],
        test: {
          ...common,
          name: 'timed',
          include: TIMED,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
