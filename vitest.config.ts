import { defineConfig } from 'vitest/config';
import { pageScriptForTests } from './bundle-script.mjs';

/** Tests of time itself: they run one after the other, when nothing else of ours takes the processor from them. */
const TIMED = [
  'test/load/ground-truth.test.ts',
  'test/load/measure/self-watch.test.ts',
  'test/deploy/on-local-cloud.test.ts',
  'test/e2e/**/*.test.ts',
  'test/emulators/**/*.test.ts',
];

const common = {
  testTimeout: 20_000,
  hookTimeout: 60_000,
  pool: 'forks',
  // On a shared CI machine another tenant can hold a core for a second. A retry is told in the output; at a desk
  // there is none, so that a race is seen where it can be mended.
  retry: process.env.CI === 'true' ? 2 : 0,
} as const;

export default defineConfig({
  test: {
    globalSetup: ['test/global-setup.ts'],
    // The fault tests start clouds of their own; more at once than this fill the smallest machine we support.
    maxWorkers: 2,
    projects: [
      {
        plugins: [pageScriptForTests()],
        test: {
          ...common,
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          exclude: TIMED,
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins: [pageScriptForTests()],
        test: {
          ...common,
          name: 'timed',
          include: TIMED,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
