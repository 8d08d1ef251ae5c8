import { expect, test } from 'vitest';
import { dataLossOf } from '../../../src/deploy/stacks/data-loss.ts';
import type { PlannedChange } from '../../../src/model/deploy-plan.ts';

function change(overrides: Partial<PlannedChange>): PlannedChange {
  return {
    action: 'modify',
    logicalId: 'ShedTable',
    physicalId: 'shed-table-1',
    resourceType: 'AWS::DynamoDB::Table',
    replacement: 'never',
    ...overrides,
  };
}

test.each<[string, Partial<PlannedChange>, string[]]>([
  ['a table changed in place loses nothing', {}, []],
  ['a table that is replaced is lost', { replacement: 'always' }, ['table-replaced']],
  ['a table that may be replaced may be lost', { replacement: 'maybe' }, ['table-replaced']],
  ['a table that is removed is lost', { action: 'remove' }, ['table-removed']],
  ['a table that is added is not lost', { action: 'add' }, []],
  // What an emulator says that calls every change an addition.
  ['a table that is added again is not lost', { action: 'add', replacement: 'always' }, []],
  [
    'a log group that is replaced is lost',
    { resourceType: 'AWS::Logs::LogGroup', replacement: 'always' },
    ['log-group-replaced'],
  ],
  [
    'a function that is replaced loses nothing',
    { resourceType: 'AWS::Lambda::Function', replacement: 'always' },
    [],
  ],
  [
    'a bucket of zips that is replaced loses nothing',
    { resourceType: 'AWS::S3::Bucket', action: 'remove' },
    [],
  ],
])('%s', (_, overrides, kinds) => {
  expect(dataLossOf('shed', [change(overrides)]).map(({ kind }) => kind)).toEqual(kinds);
});

test('a table without a physical name is named by its logical one', () => {
  const { physicalId: _, ...unnamed } = change({ replacement: 'always' });
  expect(dataLossOf('shed', [unnamed])[0]?.name).toBe('ShedTable');
});
