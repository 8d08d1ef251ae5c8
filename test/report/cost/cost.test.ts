import { describe, expect, test } from 'vitest';
import type { Route } from '../../../src/model/route.ts';
import { costOf, costSection } from '../../../src/report/cost/cost.ts';
import { estimateUnits, scanReadUnits, sheepBytes } from '../../../src/report/cost/dynamodb-units.ts';
import { missingPrices, PRICES, PRICES_AS_OF } from '../../../src/report/cost/prices.ts';
import { clientOf, runRecord } from '../fixtures.ts';
import { measured } from '../measured-run.ts';

describe('the cost of a million calls', () => {
  const prices = PRICES['us-east-1'];
  if (prices === undefined) throw new Error('no prices of us-east-1');

  test('the cost of a million calls is billed GB-seconds and requests, init counted once', () => {
    // Three warm calls of 100 ms and one cold of 100 + 300 ms, billed 400: 175 ms on average, 0.125 GB.
    const run = measured('rust', 'cat', {
      warm: [100, 100, 100],
      cold: [{ durationMs: 100, initMs: 300 }],
    });
    const row = costOf(run, { readUnitsPerCall: 0, writeUnitsPerCall: 0 }, prices);
    expect(row).toMatchObject({
      coldShare: 0.25,
      meanBilledMs: 175,
      lambdaRequestUsd: 0.2,
      apiGatewayUsd: 3.5,
    });
    // 10⁶ × 0.175 s × 0.125 GB × $0.0000133334
    expect(row?.lambdaComputeUsd).toBeCloseTo(0.291_668_125, 9);
    expect(row?.totalUsd).toBeCloseTo(3.991_668_125, 9);
    // 10⁶ × 0.1 s × 0.125 GB × $0.0000133334, and the rest
    expect(row?.warmTotalUsd).toBeCloseTo(0.166_667_5 + 3.7, 9);
  });

  test('the cost of a million calls knows the architecture', () => {
    const run = measured('rust', 'cat', { warm: [1000] });
    const arm = costOf(run, undefined, prices)?.lambdaComputeUsd ?? Number.NaN;
    const x86 = costOf({ ...run, architecture: 'x86_64' }, undefined, prices)?.lambdaComputeUsd ?? Number.NaN;
    expect(x86 / arm).toBeCloseTo(0.0000166667 / 0.0000133334, 10);
  });

  test('the cost of a million calls adds DynamoDB by request units', () => {
    const run = measured('rust', 'wolf', { warm: [1000] });
    const row = costOf(run, { readUnitsPerCall: 3, writeUnitsPerCall: 0.04 }, prices);
    expect(row?.dynamodb?.usd).toBeCloseTo(3 * 0.125 + 0.04 * 0.625, 12);
  });

  test('the cost of a million calls is not known of a run whose calls were not answered as expected: it did not do its work', () => {
    const run = measured('rust', 'cat', { warm: [1000] });
    const answered = (changes: object) => ({ ...run, client: { ...clientOf(run), ...changes } });
    expect(costOf(answered({ unexpected: 1 }), undefined, prices)).toBeUndefined();
    expect(costOf(answered({ errors: 1 }), undefined, prices)).toBeUndefined();
    expect(costOf(answered({}), undefined, prices)).toBeDefined();
  });

  test('the cost of a million calls is not known without rows, memory or architecture', () => {
    const run = measured('rust', 'cat', { warm: [1000] });
    expect(
      costOf({ ...run, server: { state: 'unavailable', code: 'x', reason: 'y' } }, undefined, prices),
    ).toBeUndefined();
    const { memorySizeMB: _m, ...withoutMemory } = run;
    const { architecture: _a, ...withoutArchitecture } = run;
    expect(costOf(withoutMemory, undefined, prices)).toBeUndefined();
    expect(costOf(withoutArchitecture, undefined, prices)).toBeUndefined();
    expect(costOf(measured('rust', 'cat', { warm: [] }), undefined, prices)).toBeUndefined();
  });

  test('the cost of a million calls of a region without prices says so and names the way out', () => {
    expect(costSection([], [], 'mx-central-1')).toEqual({
      state: 'unpriced',
      reason: 'no price for region mx-central-1',
      hint: `--price-region us-east-1 (known: ${Object.keys(PRICES).join(', ')})`,
    });
    expect(costSection([], [], undefined)).toMatchObject({
      state: 'unpriced',
      reason: 'the runs have no region',
    });
  });

  test('the cost of a million calls names the parts that a region has no price for', () => {
    expect(costSection([], [], 'eu-west-3')).toMatchObject({ state: 'priced', unpriced: ['apiGateway'] });
    expect(costSection([], [], 'eu-north-1')).toMatchObject({ unpriced: ['apiGateway', 'dynamodb'] });
    expect(costSection([], [], 'us-east-1')).toMatchObject({ unpriced: [], pricesAsOf: PRICES_AS_OF });
  });
});

describe('what a bench says of prices before it starts', () => {
  test('the notice about prices names the parts of the bill that its region has no price for', () => {
    expect(missingPrices('us-east-1')).toBeUndefined();
    expect(missingPrices('eu-north-1')).toBe(
      "No price of API Gateway and DynamoDB is known for region eu-north-1: costs will be Lambda's compute and requests alone.",
    );
    expect(missingPrices('eu-west-1')).toBe(
      "No price of API Gateway is known for region eu-west-1: costs will be Lambda's compute and requests, and DynamoDB.",
    );
    expect(missingPrices('mars-1')).toBe(
      'No price is known for region mars-1: the report will have no costs.',
    );
  });
});

describe('the price table', () => {
  test('the price table has the compute and the requests of Lambda wherever it has anything', () => {
    for (const prices of Object.values(PRICES)) {
      expect(prices.lambdaGbSecond.arm64.usd).toBeLessThan(prices.lambdaGbSecond.x86_64.usd);
      expect(prices.lambdaMillionRequests.usd).toBeGreaterThanOrEqual(0.18);
      expect(prices.lambdaMillionRequests.usd).toBeLessThanOrEqual(0.28);
    }
    expect(Object.keys(PRICES)).toHaveLength(30);
  });

  test('requests cost what the region asks for them, not what most regions ask', () => {
    const requestsUsd = (region: string) => PRICES[region]?.lambdaMillionRequests.usd;
    expect(requestsUsd('us-east-1')).toBe(0.2);
    expect(requestsUsd('af-south-1')).toBe(0.27);
    expect(requestsUsd('ap-southeast-5')).toBe(0.18);
  });

  test('arm64 costs a fifth less than x86_64 where only the price of x86_64 has a source', () => {
    expect(PRICES['il-central-1']?.lambdaGbSecond.arm64.usd).toBeCloseTo(0.000_014, 12);
    expect(PRICES['il-central-1']?.lambdaGbSecond.arm64.source).toContain('graviton2');
  });

  const entries = Object.entries(PRICES).flatMap(([region, prices]) =>
    [
      prices.lambdaGbSecond.arm64,
      prices.lambdaGbSecond.x86_64,
      prices.lambdaMillionRequests,
      prices.apiGatewayRestMillion,
      prices.dynamodb?.millionReadUnits,
      prices.dynamodb?.millionWriteUnits,
    ]
      .filter((price) => price !== undefined)
      .map((price) => ({ region, price })),
  );

  test('the price table has a source of AWS and a date for every figure, none of them later than the table', () => {
    expect(entries.length).toBeGreaterThan(16);
    for (const { region, price } of entries) {
      expect(price.source).toMatch(
        /^https:\/\/(calculator\.aws|(aws|docs\.aws|pricing\.us-east-1)\.amazon(aws)?\.com)\//,
      );
      expect(price.readOn).toMatch(/^2026-\d\d-\d\d$/);
      expect(price.readOn <= PRICES_AS_OF).toBe(true);
      expect(price.usd).toBeGreaterThan(0);
      if (price.usageType !== undefined) expect(price.source).toContain(`/${region}/`);
    }
  });
});

describe('DynamoDB’s request units, estimated', () => {
  test('the estimate counts the bytes of a sheep by its attribute names and digits', () => {
    // 12 bytes of names, 2 + 1 for a tattoo of three digits, 6 + 1 for a weight.
    expect(sheepBytes(3)).toBe(22);
    expect(sheepBytes(20)).toBe(30);
  });

  test.each([
    [0, 0.5],
    [100, 0.5],
    // 1,000 × 22 bytes are 5.4 blocks of 4 KB, half a unit each.
    [1000, 3],
    // 99,999 × 22 bytes: three pages of 733,326 bytes, 180 blocks each.
    [99_999, 270],
    // Two segments.
    [100_000, 270],
  ])('DynamoDB’s request units, estimated of a scan over %d sheep are %d', (sheep, units) => {
    expect(scanReadUnits(sheep, 3)).toBeCloseTo(units, 6);
  });

  const run = (route: Route, changes = {}) => estimateUnits(runRecord(route, route, changes));

  test('DynamoDB’s request units, estimated are none for a cat and one write for a sheep', () => {
    expect(run('cat')).toEqual({ readUnitsPerCall: 0, writeUnitsPerCall: 0 });
    expect(run('sheep')).toEqual({ readUnitsPerCall: 0, writeUnitsPerCall: 1 });
  });

  test('DynamoDB’s request units, estimated are a scan for a dog, of the shed half-way between before and after', () => {
    expect(run('dog', { sheep: { before: 900, after: 1100 } })).toEqual({
      readUnitsPerCall: 3,
      writeUnitsPerCall: 0,
    });
  });

  test('DynamoDB’s request units, estimated are a scan for a wolf and a write where it found prey', () => {
    const accounting = { attemptsByStatus: { '204': 3, '404': 96, '409': 1 } };
    expect(run('wolf', { accounting })?.writeUnitsPerCall).toBeCloseTo(0.04, 12);
  });

  test('DynamoDB’s request units, estimated are not guessed where the sheep were not counted', () => {
    const { sheep: _, ...record } = runRecord('rust', 'dog');
    expect(estimateUnits(record)).toBeUndefined();
  });
});
