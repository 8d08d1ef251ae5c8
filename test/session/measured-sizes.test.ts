import { expect, test } from 'vitest';
import type { ProgressEvent } from '../../src/model/events.ts';
import { forecastSizes, measuredSizes } from '../../src/session/measured-sizes.ts';

function measured(asked: readonly number[], machine?: { readonly cpuShare: boolean }) {
  const events: ProgressEvent[] = [];
  const sizes = measuredSizes(asked, machine, (event) => events.push(event));
  return { sizes, warnings: events.map((event) => ('message' in event ? event.message : '')) };
}

test('a local cloud at full speed is measured at the smallest size alone, and a warning says that the others are forecast', () => {
  const { sizes, warnings } = measured([1024, 128, 512], { cpuShare: false });
  expect(sizes).toEqual([128]);
  expect(warnings).toEqual([
    'On the local cloud every function has a whole core, whatever its memory: 128 MB is measured, and the other sizes are forecast.',
  ]);
});

test('every size is measured where memory decides the speed: on AWS, and on a local cloud as Lambda', () => {
  expect(measured([512, 128, 512])).toEqual({ sizes: [128, 512], warnings: [] });
  expect(measured([512, 128], { cpuShare: true })).toEqual({ sizes: [128, 512], warnings: [] });
  expect(measured([512], { cpuShare: false })).toEqual({ sizes: [512], warnings: [] });
});

test('a report forecasts the sizes that were asked for where they are several', () => {
  expect(forecastSizes([512, 128])).toEqual({ forecastSizesMB: [128, 512] });
  expect(forecastSizes([512])).toEqual({});
});
