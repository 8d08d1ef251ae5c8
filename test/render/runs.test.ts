import { expect, test } from 'vitest';
import { renderRuns } from '../../src/render/runs.ts';

const view = {
  total: 1,
  runs: [
    {
      id: '20261126-163901-3f9a-cat-node',
      startedAtEpochMs: Date.UTC(2026, 10, 26, 16, 39, 1),
      target: { kind: 'local', region: 'us-east-1' },
      project: 'sheepshed',
      runtime: 'node',
      route: 'cat',
      state: 'complete',
      calls: 1000,
      unexpected: 0,
      errors: 0,
    },
  ],
} as const;

test('the list of runs has every column where there is room', () => {
  const text = renderRuns(view, { color: false, columns: 140 });
  expect(text).toContain('where');
  expect(text).not.toContain('Left out');
});

test('on a narrow terminal the list of runs fits, and names the columns that it leaves out', () => {
  const text = renderRuns(view, { color: false, columns: 60 });
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  expect(text.replaceAll('\n', ' ')).toContain(
    'Left out for want of room (--json shows all): the columns “where”, “started (UTC)”',
  );
});
