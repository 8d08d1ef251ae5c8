import { describe, expect, test } from 'vitest';
import { ShedbenchError } from '../../src/errors.ts';
import type { Deployment } from '../../src/model/deployment.ts';
import { selectRecord } from '../../src/session/select-deployment.ts';
import { sampleDeployment } from '../store/sample-deployment.ts';

function selectionError(records: readonly Deployment[], filter: Parameters<typeof selectRecord>[1]) {
  try {
    selectRecord(records, filter);
  } catch (error) {
    if (error instanceof ShedbenchError) return error;
  }
  throw new Error('expected a ShedbenchError');
}

describe('the record that a command selects', () => {
  test('the only record of a folder is selected without any flag', () => {
    const local = sampleDeployment('shed', 'local');
    expect(selectRecord([local], {})).toBe(local);
  });

  test('no record is selected if none fits the flags', () => {
    expect(selectRecord([sampleDeployment('shed')], { project: 'farm' })).toBeUndefined();
    expect(selectRecord([sampleDeployment('shed')], { local: true })).toBeUndefined();
  });

  test('a record is selected by project, region, profile or --local', () => {
    const records = [
      sampleDeployment('shed', 'local', 'us-east-1'),
      sampleDeployment('shed', 'aws', 'eu-west-3', 'farm'),
      sampleDeployment('shed', 'aws', 'us-east-2', 'home'),
      sampleDeployment('other', 'aws', 'eu-west-1'),
    ];
    expect(selectRecord(records, { local: true })).toBe(records[0]);
    expect(selectRecord(records, { region: 'us-east-2' })).toBe(records[2]);
    expect(selectRecord(records, { profile: 'farm' })).toBe(records[1]);
    expect(selectRecord(records, { project: 'other' })).toBe(records[3]);
  });

  test('several records that fit are refused with exit 2, and the message lists the flags that select each', () => {
    const records = [
      sampleDeployment('shed', 'local', 'us-east-1'),
      sampleDeployment('shed', 'aws', 'eu-west-3'),
      sampleDeployment('farm', 'aws', 'eu-west-3'),
    ];
    const error = selectionError(records, {});
    expect(error.exitCode).toBe(2);
    expect(error.code).toBe('several-deployments');
    expect(error.message).toBe(
      [
        'Several deployments match:',
        '  shed in the local cloud: --local',
        '  shed in account 123456789012, eu-west-3: --project shed --region eu-west-3',
        '  farm in account 123456789012, eu-west-3: --project farm',
      ].join('\n'),
    );
  });
});
