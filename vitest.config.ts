import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    // vitest empties stylesheets unless told otherwise; the HTML report imports some as text.
    css: { include: [/\?raw$/] },
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // The end-to-end and fault tests start clouds of their own; two at once fill the smallest machine we support.
    maxWorkers: 2,
    pool: 'forks',
  },
});
