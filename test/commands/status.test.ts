import { expect, test } from 'vitest';
import { exitCodeOf } from '../../src/commands/status.ts';
import type { StackStatus } from '../../src/deploy/discovery/deployment-status.ts';

const STANDING: StackStatus = {
  stackName: 'shed-node-api',
  runtime: 'node',
  status: 'CREATE_COMPLETE',
  condition: 'standing',
  resources: 32,
  createdAtEpochMs: 0,
  updatedAtEpochMs: 0,
};
const ANSWERS = [{ runtime: 'node', answer: 'answers 200', ok: true }];
const SILENT = [{ runtime: 'node', answer: 'answers 500', ok: false }];

test.each([
  ['0 if every stack stands and every API answers', [STANDING], ANSWERS, 0],
  ['1 if an API does not answer', [STANDING], SILENT, 1],
  ['3 if nothing is deployed', [], [], 3],
  ['3 if a stack does not stand', [STANDING, { ...STANDING, condition: 'hollow' as const }], ANSWERS, 3],
  [
    '3 if a part was deleted by hand',
    [{ ...STANDING, missing: ['table shed-node-api-ShedTable'] }],
    ANSWERS,
    3,
  ],
])('the status exits %s', (_, stacks, answers, exitCode) => {
  expect(exitCodeOf({ stacks, answers })).toBe(exitCode);
});
