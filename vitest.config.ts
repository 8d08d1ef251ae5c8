import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // The end-to-end and fault tests start clouds of their own; two at once fill the smallest machine we support.
    maxWorkers: 2,
    pool: 'forks',
  },
});
