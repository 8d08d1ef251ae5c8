import { defineConfig } from 'vitest/config';
import { pageScriptForTests } from './bundle-script.mjs';

/** Tests that measure time. They run last and one after the other, when no other test takes the processor from them. */
const TIMED = ['test/load/ground-truth.test.ts', 'test/load/measure/self-watch.test.ts'];

/** The local cloud, a building of its own. */
const LOCAL_CLOUD = ['test/local/**/*.test.ts'];

/** Whole commands: the packed program, deploys to a running cloud, and the emulators of others. */
const WHOLE = [
  'test/e2e/**/*.test.ts',
  'test/emulators/**/*.test.ts',
  'test/deploy/on-local-cloud.test.ts',
  'test/load/fleet/on-local-cloud.test.ts',
];

const common = { testTimeout: 20_000, hookTimeout: 60_000, pool: 'forks' } as const;

export default defineConfig({
  test: {
    globalSetup: ['test/global-setup.ts'],
    // The tests start clouds and servers of their own; more at once than this fill the smallest machine we support.
    maxWorkers: 2,
    projects: [
      {
        plugins: [pageScriptForTests()],
        test: {
          ...common,
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          exclude: [...TIMED, ...LOCAL_CLOUD, ...WHOLE],
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...common, name: 'local', include: LOCAL_CLOUD, sequence: { groupOrder: 0 } } },
      {
        test: {
          ...common,
          name: 'whole',
          include: WHOLE,
          // Vitest runs a project's setup before that of the whole configuration, so the build stands here as well.
          globalSetup: ['test/global-setup.ts', 'test/e2e/install-once.ts'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        plugins: [pageScriptForTests()],
        test: {
          ...common,
          name: 'timed',
          include: TIMED,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
