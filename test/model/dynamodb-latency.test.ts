import { expect, test } from 'vitest';
import {
  DYNAMODB_LATENCY,
  dynamodbLatencyOf,
  latencyQuantileMs,
  meanLatencyMs,
} from '../../src/model/dynamodb-latency.ts';

const EVEN = { p0: 0, p50: 50, p90: 90, p99: 99, p100: 100 };

test('a quantile lies on the straight line between its neighbours', () => {
  for (const probability of [0, 0.25, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999, 1]) {
    expect(latencyQuantileMs(EVEN, probability)).toBeCloseTo(probability * 100);
  }
});

test('the mean is that of the whole distribution', () => {
  expect(meanLatencyMs(EVEN)).toBeCloseTo(50);
  expect(meanLatencyMs({ p0: 1, p50: 1, p90: 1, p99: 1, p100: 101 })).toBeCloseTo(1.5);
});

test('the quantiles of every operation rise', () => {
  for (const [operation, { p0, p50, p90, p99, p100 }] of Object.entries(DYNAMODB_LATENCY)) {
    const points = [0, p0, p50, p90, p99, p100];
    expect(points, operation).toEqual([...points].sort((a, b) => a - b));
  }
});

test('an operation without published figures takes as long as a read', () => {
  expect(dynamodbLatencyOf('ListTables')).toEqual(dynamodbLatencyOf('GetItem'));
});

test('the means agree with the published functions that they were derived from, within 30 %', () => {
  const mean = (...operations: readonly string[]) =>
    operations.reduce((sum, operation) => sum + meanLatencyMs(dynamodbLatencyOf(operation)), 0);
  const functionCpuMs = 2;
  for (const [publishedMs, modelMs] of [
    [8.11, mean('PutItem') + functionCpuMs],
    [17.43, mean('DescribeTable', 'Scan') + functionCpuMs],
    [8.66, mean('BatchWriteItem', 'BatchGetItem') + functionCpuMs],
  ] as const) {
    expect(Math.abs(modelMs / publishedMs - 1)).toBeLessThan(0.3);
  }
});
