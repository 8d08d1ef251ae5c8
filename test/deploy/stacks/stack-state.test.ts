import { expect, test } from 'vitest';
import { conditionOf, isSettled, isSuccess } from '../../../src/deploy/stacks/stack-state.ts';

/** Every stack status that AWS documents, and what it means for a change. */
test.each([
  [undefined, 'absent', true],
  ['DELETE_COMPLETE', 'absent', true],
  ['CREATE_COMPLETE', 'standing', true],
  ['UPDATE_COMPLETE', 'standing', true],
  ['UPDATE_ROLLBACK_COMPLETE', 'standing', true],
  ['IMPORT_COMPLETE', 'standing', true],
  ['IMPORT_ROLLBACK_COMPLETE', 'standing', true],
  ['CREATE_IN_PROGRESS', 'busy', false],
  ['DELETE_IN_PROGRESS', 'busy', false],
  ['ROLLBACK_IN_PROGRESS', 'busy', false],
  ['UPDATE_IN_PROGRESS', 'busy', false],
  ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'busy', false],
  ['UPDATE_ROLLBACK_IN_PROGRESS', 'busy', false],
  ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'busy', false],
  ['IMPORT_IN_PROGRESS', 'busy', false],
  ['IMPORT_ROLLBACK_IN_PROGRESS', 'busy', false],
  ['REVIEW_IN_PROGRESS', 'review', true],
  ['ROLLBACK_COMPLETE', 'hollow', true],
  ['CREATE_FAILED', 'half-created', true],
  ['ROLLBACK_FAILED', 'half-created', true],
  ['DELETE_FAILED', 'half-deleted', true],
  ['UPDATE_ROLLBACK_FAILED', 'half-rolled-back', true],
  ['UPDATE_FAILED', 'half-updated', true],
])('a stack in %s is %s', (status, condition, settled) => {
  expect(conditionOf(status)).toBe(condition);
  if (status !== undefined) expect(isSettled(status)).toBe(settled);
});

test('an import whose rollback failed is no stack that stands', () => {
  expect(conditionOf('IMPORT_ROLLBACK_FAILED')).toBe('half-updated');
});

test('each operation has its own success, and another operation is none of it', () => {
  expect(isSuccess('create', 'CREATE_COMPLETE')).toBe(true);
  expect(isSuccess('create', 'ROLLBACK_COMPLETE')).toBe(false);
  expect(isSuccess('update', 'UPDATE_COMPLETE')).toBe(true);
  expect(isSuccess('update', 'UPDATE_ROLLBACK_COMPLETE')).toBe(false);
  expect(isSuccess('delete', 'DELETE_COMPLETE')).toBe(true);
  expect(isSuccess('delete', 'DELETE_FAILED')).toBe(false);
  expect(isSuccess('rollback', 'UPDATE_ROLLBACK_COMPLETE')).toBe(true);
  expect(isSuccess('rollback', 'UPDATE_COMPLETE')).toBe(false);
});
